"""Refusals that a person can act on, and the one place where they cross the HTTP edge (RFC 9457)."""

import logging
from typing import Any, ClassVar

import msgspec
from aiohttp import web

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"


class Problem(Exception):
    """Base of every refusal. A subclass names its HTTP status and stable slug; `detail` is a sentence with the mend.

    `extra` holds additional members of the problem document, `headers` additional response headers.
    """

    status: ClassVar[int] = 400
    slug: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "The request could not be used"

    def __init__(self, detail: str, *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}
        self.extra = extra


class BadRequest(Problem):
    """The request itself is malformed."""


class Unauthorized(Problem):
    """Nobody is signed in, or the credential is wrong."""

    status = 401
    slug = "unauthorized"
    title = "Sign in first"


class Forbidden(Problem):
    """Who asks is known and may not."""

    status = 403
    slug = "forbidden"
    title = "Not allowed"


class NotFound(Problem):
    """There is no such thing, or it belongs to somebody else."""

    status = 404
    slug = "not-found"
    title = "Not found"


class Conflict(Problem):
    """The thing's present state does not allow the request."""

    status = 409
    slug = "conflict"
    title = "Not possible right now"


class TooLarge(Problem):
    """The body exceeds its limit."""

    status = 413
    slug = "too-large"
    title = "The body is too large"


class Unprocessable(Problem):
    """The body is well-formed and makes no sense."""

    status = 422
    slug = "unprocessable"
    title = "The values do not fit"


class TooMany(Problem):
    """A rate limit was hit."""

    status = 429
    slug = "too-many-requests"
    title = "Too many requests"


class Unavailable(Problem):
    """A part that is needed is away for the moment; nothing was changed."""

    status = 503
    slug = "unavailable"
    title = "Please try again in a moment"

    def __init__(self, detail: str, *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail, headers={"Retry-After": "2", **(headers or {})}, **extra)


# The HTTP library's own refusals, in the same shape.
_HTTP_SLUGS = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "unsupported-media-type"}


def document(status: int, slug: str, title: str, detail: str, extra: dict[str, Any] | None = None) -> bytes:
    """A problem document as JSON."""
    return msgspec.json.encode({"type": slug, "title": title, "status": status, "detail": detail, **(extra or {})})


def response(problem: Problem) -> web.Response:
    """The HTTP response that states a problem."""
    body = document(problem.status, problem.slug, problem.title, problem.detail, problem.extra)
    return web.Response(status=problem.status, body=body, content_type=PROBLEM_JSON, headers=problem.headers)


@web.middleware
async def problems(request: web.Request, handler: Any) -> web.StreamResponse:
    """Turn every refusal and every surprise into a problem document; surprises are logged, never shown."""
    try:
        refuse_nameless(request)
        answer: web.StreamResponse = await handler(request)
        return answer
    except Exception as error:
        return refused(request, error)


def refuse_nameless(request: web.Request) -> None:
    """Raise NotFound or BadRequest for an address with U+0000: no name of ours has it, and PostgreSQL cannot even look
    for it."""
    if "%00" in request.raw_path:
        nameless = "%00" in request.raw_path.partition("?")[0]
        raise (NotFound if nameless else BadRequest)("The address has the character U+0000; nothing is called so.")


def refused(request: web.Request, error: Exception) -> web.Response:
    """What a handler raised, as an answer; a redirect is raised again."""
    if isinstance(error, Problem):
        return response(error)
    if isinstance(error, web.HTTPException):
        if error.status < 400:
            raise error
        slug = _HTTP_SLUGS.get(error.status, "http-error")
        body = document(error.status, slug, error.reason, f"{request.method} {request.path}: {error.reason}")
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return web.Response(status=error.status, body=body, content_type=PROBLEM_JSON, headers=allow)
    log.error("unexpected error in %s %s", request.method, request.path, exc_info=error)
    detail = "Something went wrong on our side; nothing was changed. Please try again."
    return web.Response(status=500, body=document(500, "internal", "Internal error", detail), content_type=PROBLEM_JSON)
