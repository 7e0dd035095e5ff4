"""Which JavaScript modules a module needs at its start, so that a page can ask for all of them at once. Pure."""

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath

# Static imports and re-exports; `import(...)` is meant to wait.
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["']([^"']+)["']""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class Modules:
    """The import graph of `sources` (path -> text), with `imports` for bare names below npm/."""

    def __init__(self, sources: Mapping[str, str], imports: Mapping[str, str]) -> None:
        self._imports = imports
        self._needs = {
            name: [
                target
                for wanted in _IMPORT.findall(_COMMENT.sub("", text))
                if (target := self._resolve(wanted, name)) in sources
            ]
            for name, text in sources.items()
        }

    def closure(self, entry: str) -> list[str]:
        """`entry` and everything it needs, each once, in the order of their first mention."""
        found = [entry] if entry in self._needs else []
        for name in found:
            found.extend(dict.fromkeys(need for need in self._needs[name] if need not in found))
        return found

    def _resolve(self, wanted: str, importer: str) -> str:
        if wanted.startswith("."):
            return normpath(join(dirname(importer), wanted))
        for name, target in self._imports.items():
            if wanted == name:
                return f"npm/{target}"
            if name.endswith("/") and wanted.startswith(name):
                return f"npm/{target}{wanted.removeprefix(name)}"
        return wanted
