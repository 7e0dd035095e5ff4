"""The interface's description says what the code does."""

import inspect
import json
import re
from typing import Any

import pytest

from app.bodies import BODIES, KEYED, QUERIES
from app.config import Config
from app.openapi import document
from app.server import create_app


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    app = create_app(Config(secret="s" * 32, demo=True))
    return dict(json.loads(json.dumps(document(app, BODIES, KEYED, QUERIES))))


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, said) for path, methods in description["paths"].items() for method, said in methods.items()]


def test_every_call_of_the_contract_is_described(description: dict[str, Any]) -> None:
    contract = {
        *("get /healthz", "get /readyz", "get /metrics", "get /api/openapi.json", "get /api/events"),
        *("get /api/events/{event}", "get /api/products", "get /api/products/{sku}", "post /api/drops"),
        *("post /api/events/{event}/cues", "delete /api/events/{event}/cues/{id}", "get /api/drops/{id}"),
        *("post /api/drops/{id}/holds", "post /api/checkout", "get /api/orders/{id}", "post /whip/{event}"),
        "post /api/orders/{id}/refund",
    }
    assert contract - {f"{method} {path}" for method, path, _ in operations(description)} == set()


def test_every_call_has_a_sentence_of_its_own(description: dict[str, Any]) -> None:
    silent = [f"{method} {path}" for method, path, said in operations(description) if len(said["summary"]) < 10]
    assert silent == []
    ids = [said["operationId"] for _, _, said in operations(description)]
    assert len(ids) == len(set(ids))


def test_a_handler_names_its_own_method_and_path() -> None:
    app = create_app(Config(secret="s" * 32, demo=True))
    wrong = []
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        doc = inspect.getdoc(route.handler) or ""
        if path.startswith(("/api/", "/whip/")) and route.method not in ("HEAD", "OPTIONS"):
            named = re.match(r"((?:GET|POST|PUT|DELETE|, | and | or |\|)+) (/[^\s:]+)", doc)
            if not named or route.method not in named[1] or re.sub(r"\?.*", "", named[2]) != path:
                wrong.append(f"{route.method} {path} is said to be {doc.splitlines()[:1]}")
    assert wrong == []


def test_the_bodies_are_those_that_the_handlers_decode() -> None:
    app = create_app(Config(secret="s" * 32, demo=True))
    for route in {route.handler: route for route in app.router.routes()}.values():
        source = inspect.getsource(inspect.unwrap(route.handler))
        decoded = re.findall(r"(?:read_json\(request|decode\(raw), ([\w.]+)", source)
        if "request.match_info" not in source and not decoded:
            continue
        named = BODIES.get(route.handler)
        assert [name.split(".")[-1] for name in decoded] == ([named.__name__] if named else []), route


def test_the_keyed_calls_are_those_that_ask_for_a_key() -> None:
    app = create_app(Config(secret="s" * 32, demo=True))
    asking = {
        route.handler
        for route in app.router.routes()
        if "idempotency_key(" in inspect.getsource(inspect.unwrap(route.handler))
    }
    assert asking == set(KEYED)


def test_the_queries_are_those_that_the_handlers_read() -> None:
    app = create_app(Config(secret="s" * 32, demo=True))
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if path.startswith("/api/"):
            source = inspect.getsource(inspect.unwrap(route.handler))
            read = set(re.findall(r'query\.get\("(\w+)"', source))
            read |= {"lang"} if "language_of(request)" in source else set()
            assert read == set(QUERIES.get(route.handler, {})), path


def test_problems_and_references_resolve(description: dict[str, Any]) -> None:
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(description)))
    assert references <= set(description["components"]["schemas"])
    for _, _, said in operations(description):
        assert any(code < "400" for code in said["responses"]) and "default" in said["responses"]
