"""Where in a TOML text a value stands, so that a wrong file can be mended without searching."""

import re

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*(["']?)([\w-]+(?:\.[\w-]+)*)\1\s*=(.*)$""")


def key_lines(text: str) -> dict[str, int]:
    """The line (from 1) of every table and key in `text`, by path such as `$.variants[1].stock`.

    Members of inline tables and arrays share the line of their key. Meant for texts that a TOML parser accepted.
    """
    lines = {"$": 1}
    counts: dict[str, int] = {}
    table = "$"
    closing: str | None = None  # the end of a multi-line string or array that has begun
    for number, line in enumerate(text.splitlines(), 1):
        if closing is not None:
            closing = None if closing in line else closing
            continue
        if header := _HEADER.match(line):
            name = "$." + header[2].replace('"', "")
            if header[1] == "[[":
                index = counts[name] = counts.get(name, -1) + 1
                lines.setdefault(name, number)
                name = f"{name}[{index}]"
            table = name
            lines[table] = number
        elif key := _KEY.match(line):
            lines[f"{table}.{key[2]}"] = number
            closing = _open_end(key[3].strip())
    return lines


def line_of(path: str, lines: dict[str, int]) -> int:
    """The line of `path`, or of the nearest thing around it."""
    while path not in lines:
        path = re.sub(r"(\.[^.\[\]]*|\[[^\]]*\])$", "", path)
    return lines[path]


def _open_end(value: str) -> str | None:
    for quotes in ('"""', "'''"):
        if value.startswith(quotes):
            return None if quotes in value[3:] else quotes
    if value.startswith("[") and value.count("[") > value.count("]"):
        return "]"
    return None
