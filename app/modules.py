"""Which JavaScript modules a module needs at its start, so that a page can ask for all of them at once. Pure."""

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath

# Static imports and re-exports; `import(...)` is meant to wait.
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["']([^"']+)["']""")
_LATE = re.compile(r"""\bimport\(\s*["']([^"']+)["']\s*\)""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class Modules:
    """The import graph of `sources` (path -> text), with `imports` for bare names below npm/."""

    def __init__(self, sources: Mapping[str, str], imports: Mapping[str, str]) -> None:
        self._imports = imports
        plain = {name: _COMMENT.sub("", text) for name, text in sources.items()}
        self._needs = {name: self._targets(_IMPORT, name, plain) for name in plain}
        self._later = {name: self._targets(_LATE, name, plain) for name in plain}

    def closure(self, entry: str, *, later: bool = False) -> list[str]:
        """`entry` and everything it needs, each once, in the order of their first mention; `later` adds what it may
        load on its way."""
        found = [entry] if entry in self._needs else []
        for name in found:
            needs = self._needs[name] + (self._later[name] if later else [])
            found.extend(dict.fromkeys(need for need in needs if need not in found))
        return found

    def _targets(self, pattern: re.Pattern[str], name: str, sources: Mapping[str, str]) -> list[str]:
        targets = (self._resolve(wanted, name) for wanted in pattern.findall(sources[name]))
        return [target for target in targets if target in sources]

    def _resolve(self, wanted: str, importer: str) -> str:
        if wanted.startswith("."):
            return normpath(join(dirname(importer), wanted))
        for name, target in self._imports.items():
            if wanted == name:
                return f"npm/{target}"
            if name.endswith("/") and wanted.startswith(name):
                return f"npm/{target}{wanted.removeprefix(name)}"
        return wanted
