"""The JSON edge: request bodies become typed values, values become responses, all through msgspec."""

from typing import Any, TypeVar

import msgspec
from aiohttp import web
from multidict import CIMultiDict

from app.errors import BadRequest, Problem, TooLarge, Unprocessable

T = TypeVar("T")

_JSON = CIMultiDict({"Content-Type": "application/json", "Cache-Control": "no-store"})

# Larger than any honest body of ours (a cart of a hundred lines is about 10 kB).
BODY_LIMIT = 64 * 1024
# How JSON writes U+0000: PostgreSQL keeps it in no text, and no name or word has it.
NOTHING = b"\\u0000"


class UnsupportedBody(Problem):
    """The body is not JSON by its content type."""

    status = 415
    slug = "unsupported-media-type"
    title = "Send JSON"


async def read_json(request: web.Request, type_: type[T], *, limit: int = BODY_LIMIT) -> T:
    """The request's body as `type_`.

    A form cannot be sent across sites with this content type, so insisting on it is half of the CSRF defence.
    Raises UnsupportedBody, TooLarge, BadRequest (not JSON) or Unprocessable (names the member that does not fit).
    """
    require_json(request)
    return decode(await read_bytes(request, limit), type_)


def require_json(request: web.Request) -> None:
    """Raise UnsupportedBody unless the body is JSON by its content type."""
    said = request.headers.get("Content-Type")
    if said != "application/json" and request.content_type != "application/json":
        raise UnsupportedBody("Send the body as JSON with Content-Type: application/json.")


async def read_bytes(request: web.Request, limit: int = BODY_LIMIT) -> bytes:
    """The request's body, refused as soon as it exceeds `limit` bytes."""
    length = request.content_length
    if (length or 0) > limit:
        raise TooLarge(f"The body may have at most {limit} bytes.")
    if length is not None and "Content-Encoding" not in request.headers:
        return await request.read()  # the parser takes what was announced and no more
    body = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > limit:
            raise TooLarge(f"The body may have at most {limit} bytes.")
    return bytes(body)


def decode(body: bytes, type_: type[T]) -> T:
    """JSON bytes as `type_`. Raises BadRequest or Unprocessable."""
    if NOTHING in body:
        raise Unprocessable("The body has the character U+0000, which no text of ours can hold.")
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError as error:
        raise Unprocessable(f"{error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("The body is not valid JSON.") from None


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A response with `value` as JSON; answers of the API are never cached unless the caller says so."""
    all_headers = CIMultiDict({**_JSON, **headers}) if headers else _JSON
    return web.Response(status=status, body=msgspec.json.encode(value), headers=all_headers)
