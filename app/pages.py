"""The pages: HTML shells with their words, their modules and what they are about, under a strict security policy.

A shell (`web/pages/<name>.html`) may hold `{{ language }}`, `{{ head }}`, `{{ boot }}`, `{{ t:key }}` (a text of
web/texts/), `{{ data:name }}` (a value of the page) and `{{ part:name }}` (a piece of `web/pages/parts/` that several
shells share); texts and values are escaped.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from multidict import istr

from app import keys, legal_texts
from app.catalogue.product import LANGUAGES
from app.catalogue.views import text_in
from app.config import Config
from app.errors import NotFound
from app.language import language_of, remember
from app.show import queries
from app.static import ASSETS, ROOT, Assets

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FONTS = (
    "npm/@fontsource-variable/bodoni-moda/files/bodoni-moda-latin-wght-normal.woff2",
    "npm/@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2",
)
# The one page that another page of ours shows in a frame.
FRAMED = frozenset({"checkout"})
# What Stripe's script needs beside its own origin (docs.stripe.com/security/guide, content security policy).
STRIPE_SCRIPTS, STRIPE_FRAMES = "https://*.js.stripe.com", "https://*.js.stripe.com https://hooks.stripe.com"
STRIPE_API = "https://api.stripe.com"
_PLACE = re.compile(r"\{\{ (?:(t|data):)?([\w.-]+) \}\}")
_PART = re.compile(r"\{\{ part:([\w-]+) \}\}")
_ENTRY = re.compile(r'<script type="module" src="/(web/[\w./-]+)">')


class Pages:
    """Every shell and every text, ready to be filled in."""

    def __init__(self, assets: Assets, config: Config, root: Path = ROOT / "web") -> None:
        self._assets = assets
        self._config = config
        parts, shells = _read(root / "pages" / "parts"), _read(root / "pages")
        self._shells = {name: _PART.sub(lambda match: parts[match[1]], shell) for name, shell in shells.items()}
        self._texts: dict[str, dict[str, str]] = {
            language: json.loads((root / "texts" / f"{language}.json").read_text()) for language in LANGUAGES
        }
        self._words = {name: self._page_texts(shell) for name, shell in self._shells.items()}
        self._heads = {name: self._head(shell) for name, shell in self._shells.items()}
        digest = base64.b64encode(hashlib.sha256(assets.import_map.encode()).digest()).decode()
        self._policies = {name: policy(config, digest, name in FRAMED) for name in self._shells}

    def text(self, language: str, key: str) -> str:
        """A text of web/texts/, or the key itself."""
        return self._texts[language].get(key, key)

    def answer(
        self,
        request: web.Request,
        name: str,
        data: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        content: str = "",
    ) -> web.Response:
        """Page `name` about `data`, in the asker's language; `content` is HTML of ours for `{{ content }}`."""
        if name not in self._shells:
            raise NotFound("There is no such page.")
        language = language_of(request)
        text = self._fill(name, language, dict(data or {}), content)
        response = web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
        response.headers["Content-Security-Policy"] = self._policies[name]
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Vary"] = "Accept-Language, Cookie"
        remember(request, response)
        response.enable_compression()
        return response

    def _fill(self, name: str, language: str, data: dict[str, Any], content: str = "") -> str:
        boot = self._boot(name, language, data)
        blocks = {"language": language, "head": self._heads[name], "boot": boot, "content": content}

        def place(match: re.Match[str]) -> str:
            kind, key = match.groups()
            if kind == "t":
                return html.escape(self.text(language, key))
            return html.escape(str(data.get(key, ""))) if kind == "data" else blocks[key]

        return _PLACE.sub(place, self._assets.with_versions(self._shells[name]))

    def _boot(self, name: str, language: str, data: dict[str, Any]) -> str:
        boot = {
            "page": name,
            "language": language,
            "demo": self._config.demo,
            "now": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "data": data,
            "texts": self._words[name][language],
        }
        # "<" may not end the block early; everything else is JSON already.
        block = msgspec.json.encode(boot).decode().replace("<", r"\u003c")
        return f'<script type="application/json" id="boot">{block}</script>'

    def _page_texts(self, shell: str) -> dict[str, dict[str, str]]:
        """The texts that a page's modules can ask for, by language."""
        entry = _ENTRY.search(shell)
        words = self._assets.words(entry[1]) if entry else set()
        return {
            language: {key: text for key, text in texts.items() if key.partition(".")[0] in words}
            for language, texts in self._texts.items()
        }

    def _head(self, shell: str) -> str:
        address = self._assets.address
        entry = _ENTRY.search(shell)
        lines = [
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">',
            f'<link rel="icon" href="{address("web/images/mark.svg")}" type="image/svg+xml">',
            f'<link rel="stylesheet" href="{address("web/tokens.css")}">',
            f'<link rel="stylesheet" href="{address("web/base.css")}">',
            *(f'<link rel="preload" href="{address(font)}" as="font" type="font/woff2" crossorigin>' for font in FONTS),
            f'<script type="importmap">{self._assets.import_map}</script>',
            *(
                f'<link rel="modulepreload" href="{path}">'
                for path in (self._assets.preloads(entry[1]) if entry else ())
            ),
        ]
        return "\n    ".join(lines)


def _read(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text().strip() for path in sorted(folder.glob("*.html"))}


PAGES = web.AppKey("pages", Pages)


def policy(config: Config, import_map_digest: str, framed: bool) -> str:
    """The Content-Security-Policy of a page; `framed` pages may be shown inside our own pages."""
    parts = urlsplit(config.media_url)
    cdn = f" {parts.scheme}://{parts.netloc}" if config.media_url else ""
    scripts, frames, calls = _payment(config) if framed else ("", "", "")
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' 'sha256-{import_map_digest}'{scripts}",
            "style-src 'self'",
            "img-src 'self' blob:",
            f"media-src 'self' blob:{cdn}",
            f"connect-src 'self'{cdn}{calls}",
            f"frame-src 'self'{frames}",
            f"frame-ancestors {repr('self') if framed else repr('none')}",
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
        ]
    )


def _payment(config: Config) -> tuple[str, str, str]:
    """What the checkout document may load, frame and call beside ourselves, each with a blank before it."""
    if config.stripe is None:
        return "", "", ""
    origin = config.stripe.script_origin
    if config.stripe.stand_in:
        return f" {origin}", f" {origin}", f" {origin}"
    return f" {origin} {STRIPE_SCRIPTS}", f" {origin} {STRIPE_FRAMES}", f" {STRIPE_API}"


_ALWAYS = (
    (istr("X-Content-Type-Options"), "nosniff"),
    (istr("Referrer-Policy"), "same-origin"),
    (istr("Cross-Origin-Opener-Policy"), "same-origin"),
)
_NOW = istr("Laufsteg-Now")


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Headers of every answer (an on_response_prepare signal)."""
    headers, app = response.headers, request.app
    for name, value in _ALWAYS:
        if name not in headers:
            headers[name] = value
    if request.path.startswith("/api/"):
        # Countdowns follow the server's clock, whatever the shopper's says.
        headers[_NOW] = str(app[keys.CLOCK]())
    elif headers.get("Content-Type", "").startswith("text/html"):
        headers.setdefault("Permissions-Policy", "camera=(self), microphone=(self), geolocation=(), payment=(self)")
    if app[keys.CONFIG].secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def error_page(request: web.Request, response: web.Response) -> web.StreamResponse:
    """A problem document, or for a person who opened an address a page that says the same."""
    wants_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    if not wants_page or request.path.startswith("/api/"):
        return response
    known = response.status if response.status in (401, 404, 429, 503) else 404 if response.status < 500 else 500
    pages, language = request.app[PAGES], language_of(request)
    data = {
        "status": response.status,
        "title": pages.text(language, f"error.{known}.title"),
        "sentence": pages.text(language, f"error.{known}.sentence"),
    }
    return pages.answer(request, "error", data, status=response.status)


def page(name: str) -> Handler:
    """A handler that shows page `name` about its path's parts."""

    async def show(request: web.Request) -> web.StreamResponse:
        return request.app[PAGES].answer(request, name, dict(request.match_info))

    return show


async def watch(request: web.Request) -> web.StreamResponse:
    """GET /watch/{event}: 404 for a show that does not exist."""
    event, language = request.match_info["event"], language_of(request)
    async with request.app[keys.LEDGER].read() as conn:
        found = await queries.event(conn, event)
    if found is None:
        raise NotFound("There is no such show.")
    data = {"event": event, "title": text_in(found.rundown.title, language)}
    return request.app[PAGES].answer(request, "watch", data)


async def legal(request: web.Request) -> web.StreamResponse:
    """GET /legal/{text}: imprint, terms, privacy, withdrawal."""
    name, language = request.match_info["text"], language_of(request)
    if name not in legal_texts.NAMES:
        raise NotFound("There is no such page.")
    pages, config = request.app[PAGES], request.app[keys.CONFIG]
    content = legal_texts.as_html(legal_texts.read(config.data, name, language))
    return pages.answer(
        request, "legal", {"text": name, "title": pages.text(language, f"legal.{name}")}, content=content
    )


def install(app: web.Application, config: Config) -> None:
    """Load the pages and their files into the application, with the headers of every answer."""
    app[ASSETS] = Assets.load()
    app[PAGES] = Pages(app[ASSETS], config)
    app.on_response_prepare.append(secure)
