import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from app import keys, pages, static
from app.conduct import conduct
from app.config import Config, Stripe
from app.language import accepted
from app.legal_texts import NAMES, as_html, read
from app.metrics import METRICS, Metrics
from app.modules import Modules
from app.static import Assets

Client = TestClient[web.Request, web.Application]


@pytest.fixture(scope="module")
def assets() -> Assets:
    return Assets.load()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    app = web.Application(middlewares=[conduct])
    app[keys.CONFIG] = config = Config(data=tmp_path)
    app[METRICS] = Metrics()
    app[keys.CLOCK] = lambda: 1234
    pages.install(app, config)

    async def broken(request: web.Request) -> web.Response:
        raise RuntimeError("a surprise")

    app.add_routes(
        [
            web.get("/watch/{event}", pages.page("watch")),
            web.get("/checkout", pages.page("checkout")),
            web.get("/missing", pages.page("nothing-here")),
            web.get("/legal/{text}", pages.legal),
            web.get("/web/{path:.*}", static.serve),
            web.get("/npm/{path:.*}", static.serve),
            web.get("/broken", broken),
            web.get("/api/broken", broken),
        ]
    )
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_a_page_comes_in_the_language_that_was_asked_for_and_remembers_it(client: Client) -> None:
    answer = await client.get("/checkout?lang=zh", headers={"Accept-Language": "de"})
    assert '<html lang="zh">' in await answer.text()
    assert answer.cookies["lang"].value == "zh"
    again = await client.get("/checkout", headers={"Accept-Language": "de"})
    assert '<html lang="zh">' in await again.text()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("fr, zh-Hans-CN;q=0.4, en;q=0.3", "zh"),
        ("fr", "en"),
        ("", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("de;q=x,zh;q=0.2", "zh"),
    ],
)
def test_the_best_accepted_language_of_ours_is_taken(header: str, language: str) -> None:
    assert accepted(header) == language


async def test_the_policy_allows_no_inline_script_but_the_import_map(client: Client) -> None:
    answer = await client.get("/watch/gala")
    policy = answer.headers["Content-Security-Policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert re.fullmatch(r"script-src 'self' 'sha256-[\w+/]+='", scripts)
    assert "unsafe" not in policy
    text = await answer.text()
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", text)
    assert inline == [' type="importmap"', ' type="application/json" id="boot"']
    assert "style=" not in text and "<style" not in text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=(self)" in answer.headers["Permissions-Policy"]


def test_only_the_checkout_may_be_framed_and_only_it_may_ask_the_payment_provider() -> None:
    plain = Config(media_url="https://cdn.example/show")
    paid = replace(plain, stripe=Stripe("sk", "pk", None, "whsec"))
    assert "frame-ancestors 'none'" in pages.policy(paid, "x", False)
    assert "stripe" not in pages.policy(paid, "x", False)
    assert "frame-ancestors 'self'" in pages.policy(paid, "x", True)
    assert "https://js.stripe.com" in pages.policy(paid, "x", True)
    assert "stripe" not in pages.policy(plain, "x", True)
    assert "connect-src 'self' https://cdn.example;" in pages.policy(plain, "x", False)
    # A test's stand-in takes Stripe's place on this very machine, and nowhere else.
    stand_in = pages.policy(replace(plain, stripe=Stripe("sk", "pk", "http://127.0.0.1:7/", "whsec")), "x", True)
    assert "http://127.0.0.1:7" in stand_in and "stripe.com" not in stand_in
    elsewhere = pages.policy(replace(plain, stripe=Stripe("sk", "pk", "https://evil.example", "whsec")), "x", True)
    assert "evil.example" not in elsewhere and "https://js.stripe.com" in elsewhere


async def test_what_a_page_is_about_cannot_break_out_of_it(client: Client) -> None:
    text = await (await client.get("/watch/%3C%2Fscript%3E%3Cscript%3Ealert(1)%22")).text()
    assert "<script>alert" not in text
    boot = json.loads(text.split('id="boot">')[1].split("</script>")[0])
    assert boot["data"]["event"] == '</script><script>alert(1)"'


async def test_an_unknown_address_shows_a_person_a_page_and_a_script_a_problem(client: Client) -> None:
    for path, status in (("/nowhere", 404), ("/missing", 404), ("/broken", 500), ("/legal/secret", 404)):
        answer = await client.get(path, headers={"Accept": "text/html,*/*", "Accept-Language": "de"})
        assert (answer.status, answer.content_type) == (status, "text/html")
        assert "surprise" not in await answer.text()
        answer = await client.get(path)
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
    answer = await client.get("/api/broken", headers={"Accept": "text/html"})
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Laufsteg-Now"] == "1234"


@pytest.mark.parametrize("name", NAMES)
async def test_legal_texts_stand_in_every_language_and_a_merchants_own_replace_them(
    client: Client, tmp_path: Path, name: str
) -> None:
    for language in ("en", "de", "zh"):
        assert len(read(tmp_path, name, language)) > 80
    (tmp_path / "legal").mkdir()
    (tmp_path / "legal" / f"{name}.de.txt").write_text("# Unser <Titel>\n\nErste Zeile\nzweite Zeile")
    text = await (await client.get(f"/legal/{name}?lang=de")).text()
    assert "<h2>Unser &lt;Titel&gt;</h2>" in text and "<p>Erste Zeile<br>zweite Zeile</p>" in text
    assert as_html("") == ""


async def test_a_versioned_file_is_kept_for_ever_and_a_plain_one_checked(client: Client, assets: Assets) -> None:
    versioned = await client.get(assets.address("web/base.css"))
    assert "immutable" in versioned.headers["Cache-Control"]
    assert f"/npm/{assets.version}/@fontsource-variable/" in await versioned.text()
    plain = await client.get("/web/base.css")
    assert plain.headers["Cache-Control"] == "no-cache"
    again = await client.get("/web/base.css", headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status == 304
    other = await client.get("/web/v-0123456789/base.css")
    assert (other.status, other.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path",
    [
        "/web/../app/config.py",
        "/web/%2e%2e/app/config.py",
        "/web/..%2f..%2fetc/passwd",
        "/npm/lit/package.json",
        "/npm/typescript/lib/tsc.js",
        "/web/pages/watch.html",
        "/web/texts/en.json",
        "/npm/%00",
        "/web/",
    ],
)
async def test_only_listed_files_are_served(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert answer.status == 404


def test_a_page_asks_at_once_for_every_module_that_it_needs(assets: Assets) -> None:
    preloads = assets.preloads("web/pages/watch.js")
    assert preloads[0].endswith("/pages/watch.js")
    names = [path.split("/", 3)[3] for path in preloads]
    assert {"elements/player.js", "models/timeline.js", "lit-html/lit-html.js", "lit-html/directives/repeat.js"} <= set(
        names
    )
    assert "hls.js/dist/hls.light.min.mjs" in names
    assert "elements/mirror.js" not in names, "the mirror is loaded when it is wanted"
    assert len(names) == len(set(names))


def test_imports_are_found_in_minified_code_and_not_in_comments() -> None:
    sources = {
        "web/a.js": '/* import "./no.js" */import{x}from"./b/c.js";export*from\'lit\';const d=import("./late.js");',
        "web/b/c.js": 'import "../a.js";',
        "web/no.js": "",
        "web/late.js": "",
        "npm/lit/index.js": "",
    }
    graph = Modules(sources, {"lit": "lit/index.js"})
    assert graph.closure("web/a.js") == ["web/a.js", "web/b/c.js", "npm/lit/index.js"]
    assert graph.closure("web/unknown.js") == []
