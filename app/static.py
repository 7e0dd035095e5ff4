"""The pages' files: our own under /web/ and an allow-list of npm files under /npm/, read once at the start.

Each file has two addresses: `/web/<version>/page.js` may be cached for ever, `/web/page.js` is checked by its ETag. The
version is a digest of everything, and relative imports stay below it, so that a page never mixes two releases. A name
is looked up in a table, never on the disk: there is no path to traverse.
"""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from aiohttp import web

from app.config import ConfigError
from app.errors import NotFound
from app.modules import Modules

ROOT = Path(__file__).resolve().parent.parent
# Files of ours that a browser asks for; pages themselves are rendered (app/pages.py).
OWN = ("*.js", "*.css", "models/*.js", "elements/*.js", "pages/*.js", "styles/*.css", "images/*")
# What the import map and the style sheets name, and nothing else of node_modules.
NPM = (
    "@fontsource-variable/bodoni-moda/files/bodoni-moda-latin-wght-normal.woff2",
    "@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2",
    "@lit/reactive-element/*.js",
    "hls.js/dist/hls.light.min.mjs",
    "lit/*.js",
    "lit/directives/*.js",
    "lit-element/lit-element.js",
    "lit-html/*.js",
    "lit-html/directives/*.js",
    "socket.io-client/dist/socket.io.esm.min.js",
)
# Bare module names -> files below /npm/<version>/. A name with a slash at its end is a folder.
IMPORTS = {
    "@lit/reactive-element": "@lit/reactive-element/reactive-element.js",
    "hls.js": "hls.js/dist/hls.light.min.mjs",
    "lit": "lit/index.js",
    "lit/": "lit/",
    "lit-element/lit-element.js": "lit-element/lit-element.js",
    "lit-html": "lit-html/lit-html.js",
    "lit-html/": "lit-html/",
    "socket.io-client": "socket.io-client/dist/socket.io.esm.min.js",
}
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
COMPRESSED = frozenset({".css", ".js", ".mjs", ".svg"})
FOR_EVER = "public, max-age=31536000, immutable"
_KEY = re.compile(r"""["'`]([a-z]+)\.(?=[\w$])""")
_VERSION = re.compile(r"v-[0-9a-f]{10}\Z")
# Absolute addresses of ours inside quotes, which get the version.
_ADDRESS = re.compile(r"""(?<=["'])/(web|npm)/(?=[\w@])""")


@dataclass(frozen=True)
class File:
    """A file as it is sent."""

    body: bytes
    packed: bytes | None
    content_type: str
    etag: str


class Assets:
    """Every file by its path (`web/page.js`), the version, the import map and the modules that a module needs."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self.version = f"v-{_digest(b''.join(name.encode() + body for name, body in sorted(contents.items())))}"
        imports = {name: f"/npm/{self.version}/{target}" for name, target in IMPORTS.items()}
        self.import_map = json.dumps({"imports": imports}, separators=(",", ":"), sort_keys=True)
        self._files = {name: _file(name, self._versioned(name, body)) for name, body in contents.items()}
        self._modules = Modules({name: body.decode() for name, body in contents.items() if _is_module(name)}, IMPORTS)

    @classmethod
    def load(cls, root: Path = ROOT) -> "Assets":
        """Read every file. Raises ConfigError when the npm packages are not installed."""
        contents = {f"web/{name}": body for name, body in _read(root / "web", OWN)}
        contents.update({f"npm/{name}": body for name, body in _read(root / "node_modules", NPM)})
        contents["web/icons.svg"] = _sprite(root)
        return cls(contents)

    def find(self, name: str) -> File | None:
        """A file by its path without version."""
        return self._files.get(name)

    def address(self, name: str) -> str:
        """The versioned address of a file, e.g. `web/base.css`."""
        folder, _, rest = name.partition("/")
        return f"/{folder}/{self.version}/{rest}"

    def with_versions(self, text: str) -> str:
        """`text` with the version in every quoted address of ours."""
        return _ADDRESS.sub(rf"/\1/{self.version}/", text)

    def preloads(self, entry: str) -> list[str]:
        """The addresses of every module that `entry` needs at its start, itself first."""
        return [self.address(name) for name in self._modules.closure(entry)]

    def words(self, entry: str) -> set[str]:
        """The first parts of the text keys (`watch` of `watch.live`) that `entry` and all its modules mention."""
        names = (name for name in self._modules.closure(entry, later=True) if name.startswith("web/"))
        return {word for name in names for word in _KEY.findall(self._files[name].body.decode())}

    def _versioned(self, name: str, body: bytes) -> bytes:
        return self.with_versions(body.decode()).encode() if name.endswith(".css") else body


ASSETS = web.AppKey("assets", Assets)


async def serve(request: web.Request) -> web.Response:
    """GET /web/{path} and /npm/{path}."""
    assets = request.app[ASSETS]
    folder, _, path = request.path.removeprefix("/").partition("/")
    first, _, rest = path.partition("/")
    if _VERSION.match(first):
        path = rest
    file = assets.find(f"{folder}/{path}")
    if file is None:
        raise NotFound("There is no such file.")
    # During a release a page of the other version may ask here; its copy must not be kept.
    cache = FOR_EVER if first == assets.version else "no-cache"
    headers = {"Cache-Control": cache, "ETag": file.etag, "Vary": "Accept-Encoding", "Content-Type": file.content_type}
    if request.headers.get("If-None-Match") == file.etag:
        return web.Response(status=304, headers=headers)
    if file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=file.packed, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=file.body, headers=headers)


def _read(folder: Path, patterns: tuple[str, ...]) -> list[tuple[str, bytes]]:
    paths = sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})
    if not paths:
        raise ConfigError(f"{folder.name} holds none of the pages' files; run: make setup")
    return [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths if path.suffix in TYPES]


def _sprite(root: Path) -> bytes:
    """One SVG with every icon that `web/icons.json` names."""
    symbols = []
    for name in json.loads((root / "web" / "icons.json").read_text()):
        source = root / "node_modules" / "lucide-static" / "icons" / f"{name}.svg"
        if not source.exists():
            raise ConfigError(f"web/icons.json names {name!r}, which is no icon of lucide-static; run: make setup")
        inner = re.sub(r"<!--.*?-->|<svg.*?>|</svg>|\s*\n\s*", "", source.read_text(), flags=re.DOTALL)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'.encode()


def _file(name: str, body: bytes) -> File:
    suffix = PurePosixPath(name).suffix
    packed = gzip.compress(body, 6, mtime=0) if suffix in COMPRESSED else None
    return File(body, packed, TYPES[suffix], f'"{_digest(body)}"')


def _is_module(name: str) -> bool:
    return name.endswith((".js", ".mjs"))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:10]
