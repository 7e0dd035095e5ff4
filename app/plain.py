"""Plain requests: there as a whole in one piece, so that nothing has to be awaited or parsed twice. No I/O.

Everything that is unusual is None here and left to the HTTP library: what comes in pieces or several at once, is
written in another way than browsers and proxies write it, or asks for more than an answer.
"""

import re
from typing import Any

from aiohttp import web
from multidict import CIMultiDict, MultiDict

# As many bytes as the library lets a single line have.
HEAD_MAX = 8190
# A body's length in decimal digits; longer ones do not come in one piece.
_DIGITS_MAX = 6
# One way to match each text, so that no head takes long; RFC 9110 section 5.6.2 for names.
_HEAD = re.compile(
    rb"(GET|HEAD|POST|PUT|DELETE) (/[!-~]*) HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)*)\r\n"
)
# With these a message does not end where its length says, or the connection is not for requests any more.
_UNUSUAL = frozenset({"transfer-encoding", "upgrade", "expect", "trailer", "te"})
_NO_QUERY: MultiDict[str] = MultiDict()


class Plain(dict[Any, Any]):
    """A plain request, with what handlers, middlewares and signals of ours look at in a web.Request.

    `app`, `match_info` and `remote` are set by who answers it.
    """

    __slots__ = ("app", "body", "headers", "match_info", "method", "path", "remote")

    app: web.Application
    match_info: web.UrlMappingMatchInfo
    remote: str | None
    query_string = ""
    query = _NO_QUERY

    def __init__(self, method: str, path: str, headers: CIMultiDict[str], body: bytes) -> None:
        super().__init__()
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @property
    def raw_path(self) -> str:
        """The same as `path`: one with a query or escapes is not answered as a plain one."""
        return self.path

    @property
    def host(self) -> str:
        """The address that was asked."""
        return self.headers.get("Host", "")

    @property
    def content_type(self) -> str:
        """The body's kind, without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def content_length(self) -> int:
        """How many bytes the body has."""
        return len(self.body)

    async def read(self) -> bytes:
        """The body."""
        return self.body


def read_plain(data: bytes) -> Plain | None:
    """The request that these bytes are, no more and no less; None when they are not exactly one plain request."""
    match = _HEAD.match(data)
    if match is None or match.end() > HEAD_MAX:
        return None
    pairs = [line.partition(":") for line in match[3].decode().split("\r\n")[:-1]]
    names = {name.lower() for name, _, _ in pairs}
    if len(names) < len(pairs) or not names.isdisjoint(_UNUSUAL):
        return None
    headers = CIMultiDict([(name, value.strip(" \t")) for name, _, value in pairs])
    if headers.get("Connection", "keep-alive").lower() != "keep-alive":
        return None
    length = headers.get("Content-Length", "0")
    if not length.isdigit() or len(length) > _DIGITS_MAX or match.end() + int(length) != len(data):
        return None
    return Plain(match[1].decode(), match[2].decode(), headers, data[match.end() :])
