"""GET /api/openapi.json, made from what the code already says.

A handler's docstring begins with its method and path and names its answers (`201 {order} | 402 payment-declined`);
the body is the msgspec type that the handler decodes, registered in `BODIES`. A test compares both with the router.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import msgspec
from aiohttp import web

from app.edge import json_response
from app.errors import PROBLEM_JSON

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Bodies = Mapping[Handler, type[msgspec.Struct]]
Keyed = Mapping[Handler, bool]
Queries = Mapping[Handler, Mapping[str, Any]]

# Pages and files are no API; what is listed are calls that outside tools make.
_LISTED = ("/api/", "/healthz", "/readyz", "/metrics", "/whip/", "/hls/")
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "a stable slug"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "a sentence that a person can act on"},
    },
}
_KEY = {"type": "string", "pattern": r"^[!-~]+$", "minLength": 1, "maxLength": 255}
_HEAD = re.compile(r"^(?P<method>[A-Z]+) (?P<path>/\S*?):?(?:\s+(?P<text>.*))?$")


def document(app: web.Application, bodies: Bodies, keyed: Keyed, queries: Queries) -> dict[str, Any]:
    """The OpenAPI 3.1 document of `app`'s routes.

    `bodies` maps a handler to the type of its JSON body; those in `keyed` take an Idempotency-Key, whose value says
    whether they insist on it. `queries` has what a handler takes from its query, as schemas by name.
    """
    types = list(dict.fromkeys(bodies.values()))
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    shapes = dict(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in app.router.routes():
        path = re.sub(r"\{(\w+)[^}]*\}", r"{\1}", route.resource.canonical) if route.resource else ""
        if route.method in ("HEAD", "OPTIONS", "*") or not path.startswith(_LISTED):
            continue
        body = bodies.get(route.handler)
        shape = shapes[body] if body is not None else None
        doc = inspect.getdoc(route.handler) or ""
        operation = _operation(route.method, path, doc, shape, keyed.get(route.handler), queries.get(route.handler, {}))
        paths.setdefault(path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Laufsteg", "version": version("laufsteg")},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**components, "Problem": _PROBLEM},
            "securitySchemes": {"host": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(
    method: str, path: str, doc: str, body: Any, keyed: bool | None, query: Mapping[str, Any]
) -> dict[str, Any]:
    head, _, rest = doc.partition("\n")
    match = _HEAD.match(head)
    text = (match["text"] if match else head) or ""
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "-", f"{method.lower()}{path}").strip("-"),
        "summary": text.strip(),
        "responses": _responses(f"{text}\n{rest}", json=path.startswith("/api/") and not path.endswith(".csv")),
    }
    if rest.strip():
        operation["description"] = inspect.cleandoc(rest)
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in query.items()]
    if keyed is not None:
        parameters.append({"name": "Idempotency-Key", "in": "header", "required": keyed, "schema": _KEY})
    if parameters:
        operation["parameters"] = parameters
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _responses(text: str, *, json: bool) -> dict[str, Any]:
    named = {int(code) for code in re.findall(r"(?<![\d.])([2-5]\d\d)(?![\d.])", text)}
    codes = {code for code in named if code in HTTPStatus.__members__.values()}
    if not any(code < 400 for code in codes):
        codes.add(200)
    answers: dict[str, Any] = {str(code): {"description": HTTPStatus(code).phrase} for code in sorted(codes)}
    for code, answer in answers.items():
        if code >= "400":
            answer["content"] = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        elif json and code != "204":
            answer["content"] = {"application/json": {}}
    problem = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers["default"] = {"description": "a problem", "content": problem}
    return answers


def serve(bodies: Bodies, keyed: Keyed, queries: Queries) -> Handler:
    """The handler of GET /api/openapi.json."""
    made: list[dict[str, Any]] = []

    async def openapi(request: web.Request) -> web.StreamResponse:
        """GET /api/openapi.json: this document."""
        if not made:
            made.append(document(request.app, bodies, keyed, queries))
        return json_response(made[0])

    return openapi
