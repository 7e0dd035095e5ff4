"""Settings: usable ones are read, unusable ones stop the start with one line that names the variable and the mend."""

import base64
import re
from pathlib import Path

import pytest

import app.config
from app.config import OURS, WEBHOOK_KEY_BYTES, Config, ConfigError, misspelt, require_secret

SECRET = "s" * 32


def read(**environ: str) -> Config:
    return Config.from_environment({"LAUFSTEG_SECRET": SECRET, **environ})


def test_nothing_set_gives_a_shop_for_this_machine_only() -> None:
    config = read()
    assert (config.bind, config.port, config.public_url) == ("127.0.0.1", 8080, "http://localhost:8080")
    assert config.host_token is None and not config.demo and not config.secure


def test_every_setting_reaches_its_field() -> None:
    config = read(
        LAUFSTEG_BIND="0.0.0.0", LAUFSTEG_PORT="9000", LAUFSTEG_PUBLIC_URL="https://gala.example/",
        LAUFSTEG_TRUSTED_PROXIES="10.0.0.0/8, 127.0.0.1", LAUFSTEG_MEDIA_URL="https://cdn.example/hls",
        LAUFSTEG_DATA="/var/lib/laufsteg", LAUFSTEG_HOST_TOKEN="t" * 16, LAUFSTEG_STREAM_KEY="k" * 8,
        LAUFSTEG_PUBLIC_IP="203.0.113.7", LAUFSTEG_UDP_PORTS="50000-50100", LAUFSTEG_ADDRESS_LIMIT="0",
        LAUFSTEG_LOG="json",
        REDIS_URL="redis://localhost/1", DATABASE_URL="postgresql://u:p@localhost/shop",
        STRIPE_API_KEY="sk", STRIPE_PUBLISHABLE_KEY="pk", STRIPE_WEBHOOK_SECRET="wh", STRIPE_API_BASE="http://127.0.0.1:1",
        SMTP_URL="smtp://localhost:25", MAIL_FROM="Gala <shop@gala.example>",
    )  # fmt: skip
    assert config.secure and config.public_url == "https://gala.example"
    assert [str(network) for network in config.trusted_proxies] == ["10.0.0.0/8", "127.0.0.1/32"]
    assert config.data == Path("/var/lib/laufsteg")
    assert config.udp_ports == (50000, 50100) and config.address_limit == 0
    assert config.log_json
    assert config.stripe is not None and config.stripe.api_base == "http://127.0.0.1:1"
    assert config.mail is not None and config.mail.sender == "Gala <shop@gala.example>"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAUFSTEG_PORT", "http"),
        ("LAUFSTEG_PORT", "65536"),
        ("LAUFSTEG_PORT", "²"),
        ("LAUFSTEG_BIND", "localhost:80"),
        ("LAUFSTEG_PUBLIC_URL", "gala.example"),
        ("LAUFSTEG_PUBLIC_URL", "javascript:alert(1)"),
        ("LAUFSTEG_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("LAUFSTEG_MEDIA_URL", "ftp://cdn"),
        ("LAUFSTEG_SECRET", "short"),
        ("LAUFSTEG_HOST_TOKEN", "short"),
        ("LAUFSTEG_STREAM_KEY", "short"),
        ("LAUFSTEG_PUBLIC_IP", "gala.example"),
        ("LAUFSTEG_UDP_PORTS", "50100-50000"),
        ("LAUFSTEG_UDP_PORTS", "0-70000"),
        ("LAUFSTEG_LOG", "xml"),
        ("LAUFSTEG_ADDRESS_LIMIT", "-1"),
        ("LAUFSTEG_ADDRESS_LIMIT", "nan"),
        ("LAUFSTEG_DEMO", "yes"),
        ("REDIS_URL", "localhost"),
        ("DATABASE_URL", "mysql://localhost/shop"),
    ],
)
def test_an_unusable_value_is_refused_by_one_line_that_names_it(name: str, value: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(**{name: value})
    line = str(refused.value)
    assert name in line and "\n" not in line


def test_a_misspelt_setting_is_noticed() -> None:
    assert misspelt({"LAUFSTEG_PROT": "9000", "LAUFSTEG_QUIZ": "1", "REDIS_PORT": "1", "LAUFSTEG_PORT": "1"}) == [
        "LAUFSTEG_PROT is no setting; is LAUFSTEG_PORT meant?",
        "LAUFSTEG_QUIZ is no setting, see docs/operators.md.",
    ]


def test_every_setting_that_is_read_is_ours() -> None:
    source = Path(app.config.__file__).read_text()
    assert sorted(OURS) == sorted({*re.findall(r'environ[^"\n]*"(LAUFSTEG_[A-Z_]+)"', source)})


def test_a_live_key_speaks_to_stripe_only() -> None:
    keys = {"STRIPE_PUBLISHABLE_KEY": "pk", "STRIPE_WEBHOOK_SECRET": "wh", "STRIPE_API_BASE": "http://127.0.0.1:1"}
    with pytest.raises(ConfigError, match="STRIPE_API_BASE"):
        read(STRIPE_API_KEY="sk_live_1", **keys)
    with pytest.raises(ConfigError, match="STRIPE_API_BASE"):
        read(STRIPE_API_KEY="rk_live_1", **keys)


def test_orders_are_told_over_https_and_signed_with_a_real_key() -> None:
    key = "whsec_" + base64.b64encode(b"k" * WEBHOOK_KEY_BYTES).decode()
    address = "LAUFSTEG_WEBHOOK_URL"
    for url in ("https://erp.example/orders", "http://127.0.0.1:9/orders"):
        told = read(**{address: url, "LAUFSTEG_WEBHOOK_SECRET": key}).webhook
        assert told is not None and (told.url, told.secret) == (url, b"k" * WEBHOOK_KEY_BYTES)
    with pytest.raises(ConfigError, match="https"):
        read(**{address: "http://erp.example/orders", "LAUFSTEG_WEBHOOK_SECRET": key})
    for wrong in ("", "short", key[:-8], "whsec_ä"):
        with pytest.raises(ConfigError, match="LAUFSTEG_WEBHOOK_SECRET"):
            read(**{address: url, "LAUFSTEG_WEBHOOK_SECRET": wrong})


def test_stripe_without_its_other_keys_is_refused() -> None:
    with pytest.raises(ConfigError, match="STRIPE_PUBLISHABLE_KEY"):
        read(STRIPE_API_KEY="sk")


def test_mail_without_a_sender_is_refused() -> None:
    with pytest.raises(ConfigError, match="MAIL_FROM"):
        read(SMTP_URL="smtp://localhost", MAIL_FROM="a\r\nBcc: b@c")


def test_secrets_are_in_no_representation() -> None:
    config = read(
        LAUFSTEG_HOST_TOKEN="t" * 16, DATABASE_URL="postgresql://u:hunter2@h/d", REDIS_URL="redis://:hunter2@h"
    )
    assert SECRET not in repr(config) and "t" * 16 not in repr(config) and "hunter2" not in repr(config)


def test_a_refused_address_with_a_password_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as refused:
        read(REDIS_URL="http://:hunter2@host")
    assert "hunter2" not in str(refused.value)


def test_the_demo_makes_its_own_secret_and_keeps_it(tmp_path: Path) -> None:
    environ = {"LAUFSTEG_DEMO": "1", "LAUFSTEG_DATA": str(tmp_path)}
    first, second = Config.from_environment(environ), Config.from_environment(environ)
    assert first.secret == second.secret and len(first.secret) == 64
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_outside_the_demo_a_secret_is_required() -> None:
    with pytest.raises(ConfigError, match="LAUFSTEG_SECRET is missing"):
        require_secret(Config.from_environment({}))
