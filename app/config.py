"""One frozen configuration, built once from the environment. docs/operators.md describes every variable."""

import base64
import difflib
import ipaddress
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

# 32 characters of any alphabet are beyond guessing; shorter secrets are usually passwords.
SECRET_MIN_LENGTH = 32
DEMO_EVENT = "gala"
# What the Standard Webhooks specification asks for at least.
WEBHOOK_KEY_BYTES = 24
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# The settings whose names are ours alone, so that a misspelt one is noticed.
OURS = (
    "LAUFSTEG_ADDRESS_LIMIT", "LAUFSTEG_BIND", "LAUFSTEG_DATA", "LAUFSTEG_DEMO", "LAUFSTEG_HOST_TOKEN", "LAUFSTEG_LOG",
    "LAUFSTEG_MEDIA_URL", "LAUFSTEG_PORT", "LAUFSTEG_PUBLIC_IP", "LAUFSTEG_PUBLIC_URL", "LAUFSTEG_SECRET",
    "LAUFSTEG_STREAM_KEY", "LAUFSTEG_TRUSTED_PROXIES", "LAUFSTEG_UDP_PORTS", "LAUFSTEG_WEBHOOK_SECRET",
    "LAUFSTEG_WEBHOOK_URL",
)  # fmt: skip


class ConfigError(Exception):
    """A setting cannot be used. The message is one line: the variable and the mend."""


@dataclass(frozen=True)
class Stripe:
    """The account at Stripe. `api_base` points tests at a stand-in."""

    api_key: str = field(repr=False)
    publishable_key: str
    api_base: str | None
    webhook_secret: str = field(repr=False)

    @property
    def live(self) -> bool:
        """Whether the key moves real money."""
        return "_live_" in self.api_key

    @property
    def stand_in(self) -> bool:
        """Whether a test's stand-in on this very machine takes Stripe's place in the browser, too."""
        return not self.live and urlsplit(self.api_base or "").hostname in LOOPBACK

    @property
    def script_origin(self) -> str:
        """Where browsers load Stripe.js from: Stripe itself, but for a stand-in."""
        base = urlsplit(self.api_base or "")
        return f"{base.scheme}://{base.netloc}" if self.stand_in else "https://js.stripe.com"


@dataclass(frozen=True)
class Webhook:
    """Where the merchant's own systems hear of orders, and the key that signs what they hear."""

    url: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """Where mail goes (`smtp://user:password@host:587`) and who sends it."""

    smtp_url: str = field(repr=False)
    sender: str


@dataclass(frozen=True)
class Config:
    """Everything a process needs to know. Secrets stay out of `repr`."""

    bind: str = "127.0.0.1"
    port: int = 8080
    public_url: str = "http://localhost:8080"
    trusted_proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    media_url: str = ""
    data: Path = Path("data")
    secret: str = field(default="", repr=False)
    host_token: str | None = field(default=None, repr=False)
    stream_key: str | None = field(default=None, repr=False)
    public_ip: str | None = None
    udp_ports: tuple[int, int] | None = None
    address_limit: float = 1.0
    demo: bool = False
    log_json: bool = False
    redis_url: str | None = field(default=None, repr=False)
    database_url: str | None = field(default=None, repr=False)
    stripe: Stripe | None = None
    mail: Mail | None = None
    webhook: Webhook | None = None

    @property
    def secure(self) -> bool:
        """Whether the public address is HTTPS, so that cookies are marked Secure."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Config":
        """Read and check every setting. Raises ConfigError for the first one that cannot be used."""
        demo = _flag(environ, "LAUFSTEG_DEMO")
        port = _port(environ, "LAUFSTEG_PORT", 8080)
        data = Path(environ.get("LAUFSTEG_DATA") or "data").absolute()
        return cls(
            bind=_address(environ, "LAUFSTEG_BIND", "127.0.0.1"),
            port=port,
            public_url=_url(environ, "LAUFSTEG_PUBLIC_URL", ("http", "https")) or f"http://localhost:{port}",
            trusted_proxies=_networks(environ, "LAUFSTEG_TRUSTED_PROXIES"),
            media_url=_url(environ, "LAUFSTEG_MEDIA_URL", ("http", "https")) or "",
            data=data,
            secret=_secret(environ, demo, data),
            host_token=_optional_secret(environ, "LAUFSTEG_HOST_TOKEN", 16),
            stream_key=_optional_secret(environ, "LAUFSTEG_STREAM_KEY", 8),
            public_ip=_optional_address(environ, "LAUFSTEG_PUBLIC_IP"),
            udp_ports=_port_range(environ, "LAUFSTEG_UDP_PORTS"),
            address_limit=_factor(environ, "LAUFSTEG_ADDRESS_LIMIT", 1.0),
            demo=demo,
            log_json=_log_json(environ),
            redis_url=_url(environ, "REDIS_URL", ("redis", "rediss", "unix")),
            database_url=_url(environ, "DATABASE_URL", ("sqlite", "postgresql", "postgres")),
            stripe=_stripe(environ),
            mail=_mail(environ),
            webhook=_webhook(environ),
        )


def misspelt(environ: Mapping[str, str]) -> list[str]:
    """A line for every variable that is named like a setting of ours and is none."""
    lines, prefix = [], "LAUFSTEG_"
    ours = [name.removeprefix(prefix) for name in OURS]
    for name in sorted(name for name in environ if name.startswith(prefix) and name not in OURS):
        near = difflib.get_close_matches(name.removeprefix(prefix), ours, 1)
        lines.append(
            f"{name} is no setting" + (f"; is {prefix}{near[0]} meant?" if near else ", see docs/operators.md.")
        )
    return lines


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "")
    if value not in ("", "0", "1"):
        raise ConfigError(f"{name}={value!r} is neither 0 nor 1; set it to 1 for the demo or leave it out.")
    return value == "1"


def _log_json(environ: Mapping[str, str]) -> bool:
    value = environ.get("LAUFSTEG_LOG") or "text"
    if value not in ("text", "json"):
        raise ConfigError(f"LAUFSTEG_LOG={value!r} is neither text nor json; json is for a log collector.")
    return value == "json"


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not 0 <= int(value) <= 65535:
        raise ConfigError(f"{name}={value!r} is not a port; use a number from 0 (any free port) to 65535.")
    return int(value)


def _address(environ: Mapping[str, str], name: str, default: str) -> str:
    return _optional_address(environ, name) or default


def _optional_address(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name)
    if not value:
        return None
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise ConfigError(f"{name}={value!r} is not an IP address; use one like 0.0.0.0 or 203.0.113.7.") from None
    return value


def _url(environ: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = environ.get(name)
    if not value:
        return None
    parts = urlsplit(value)
    scheme = parts.scheme.split("+")[0]
    if scheme not in schemes or not (parts.netloc or parts.path):
        # The value may hold a password, so it is not repeated.
        raise ConfigError(
            f"{name} is not a usable address; it has to begin with {' or '.join(s + '://' for s in schemes)}."
        )
    return value.rstrip("/")


def _networks(environ: Mapping[str, str], name: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    found = []
    for part in filter(None, re.split(r"[\s,]+", environ.get(name, ""))):
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            raise ConfigError(
                f"{name}: {part!r} is not an address or network; use a list like 10.0.0.0/8,127.0.0.1."
            ) from None
    return tuple(found)


def _secret(environ: Mapping[str, str], demo: bool, data: Path) -> str:
    value = environ.get("LAUFSTEG_SECRET", "")
    if value and len(value) < SECRET_MIN_LENGTH:
        raise ConfigError(
            f"LAUFSTEG_SECRET is shorter than {SECRET_MIN_LENGTH} characters; make one with: openssl rand -hex 32"
        )
    if value or not demo:
        return value  # empty: processes that need it refuse to start (`require_secret`)
    kept = data / "secret"
    try:
        if not kept.exists():
            data.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_hex(32))
        return kept.read_text().strip()
    except OSError as error:
        raise unwritable(data, error) from None


def unwritable(data: Path, error: OSError) -> ConfigError:
    """What to say about a data folder that cannot be used."""
    return ConfigError(f"LAUFSTEG_DATA={data} cannot be written ({error.strerror}); choose another folder.")


def require_secret(config: Config) -> None:
    """Raise ConfigError when there is no session key."""
    if not config.secret:
        raise ConfigError("LAUFSTEG_SECRET is missing; sessions need it. Make one with: openssl rand -hex 32")


def _optional_secret(environ: Mapping[str, str], name: str, length: int) -> str | None:
    value = environ.get(name)
    if value and len(value) < length:
        raise ConfigError(f"{name} is shorter than {length} characters; make one with: openssl rand -hex 16")
    return value or None


def _port_range(environ: Mapping[str, str], name: str) -> tuple[int, int] | None:
    value = environ.get(name)
    if not value:
        return None
    match = re.fullmatch(r"(\d{1,5})-(\d{1,5})", value)
    if not match or not 0 < int(match[1]) <= int(match[2]) <= 65535:
        raise ConfigError(f"{name}={value!r} is not a range of ports; use one like 50000-50100.")
    return int(match[1]), int(match[2])


def _factor(environ: Mapping[str, str], name: str, default: float) -> float:
    value = environ.get(name) or str(default)
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value):
        raise ConfigError(f"{name}={value!r} is not a factor; use a number such as 1.0, or 0 for no limit.")
    return float(value)


def _stripe(environ: Mapping[str, str]) -> Stripe | None:
    key = environ.get("STRIPE_API_KEY")
    if not key:
        return None
    for name in ("STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET"):
        if not environ.get(name):
            raise ConfigError(f"{name} is missing beside STRIPE_API_KEY; copy it from the Stripe dashboard.")
    base = _url(environ, "STRIPE_API_BASE", ("http", "https"))
    account = Stripe(key, environ["STRIPE_PUBLISHABLE_KEY"], base, environ["STRIPE_WEBHOOK_SECRET"])
    if account.live and base is not None:
        raise ConfigError("STRIPE_API_BASE is for tests and not for a live key; leave it out.")
    return account


def _mail(environ: Mapping[str, str]) -> Mail | None:
    url = _url(environ, "SMTP_URL", ("smtp", "smtps"))
    if not url:
        return None
    sender = environ.get("MAIL_FROM", "")
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+|[^<>\r\n]*<[^@\s<>]+@[^@\s<>]+>", sender):
        raise ConfigError("MAIL_FROM is not a mail address; use one like shop@example.com beside SMTP_URL.")
    return Mail(url, sender)


def _webhook(environ: Mapping[str, str]) -> Webhook | None:
    url = _url(environ, "LAUFSTEG_WEBHOOK_URL", ("http", "https"))
    if not url:
        return None
    if url.startswith("http://") and urlsplit(url).hostname not in LOOPBACK:
        raise ConfigError("LAUFSTEG_WEBHOOK_URL has to begin with https://, because orders carry addresses.")
    secret = environ.get("LAUFSTEG_WEBHOOK_SECRET", "")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if len(key) < WEBHOOK_KEY_BYTES:
        make = "echo whsec_$(openssl rand -base64 32)"
        raise ConfigError(f"LAUFSTEG_WEBHOOK_SECRET is not whsec_ and a key in base64; make one with: {make}")
    return Webhook(url, key)
