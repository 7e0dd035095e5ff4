"""What processes write about themselves: lines for people, or one JSON object a line for a collector. Ids are told,
people are not: no name, address, mail, picture or chat line, and of an error its kind and place, never its words.
"""

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import msgspec

from app.ledger.clock import rfc3339

ROOT = Path(__file__).resolve().parent.parent
# What `extra` may bring into a line: ids and numbers of ours.
IDS = ("event", "seq", "drop", "order", "cue", "route", "seconds", "count")
# They would write down every request and every revision.
_CHATTY = ("aiohttp.access", "alembic")


class JsonLines(logging.Formatter):
    """A record as one JSON object: when, how grave, of which role, from which module, its words, ids, and its error."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "at": rfc3339(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "role": self._role,
            "from": record.name,
            "message": record.getMessage(),
        }
        line |= {name: record.__dict__[name] for name in IDS if name in record.__dict__}
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            # An error's words quote what was refused, a mail address or a card: who has to know asks the database.
            line["error"] = f"{kind.__module__}.{kind.__qualname__}"
            line["trace"] = [f"{_short(frame.filename)}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
        return msgspec.json.encode(line, enc_hook=str).decode()


def begin(role: str, *, as_json: bool) -> None:
    """Write to stderr from now on."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines(role) if as_json else text)
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-2:])
