"""The run of show: an event's file, in which is written who walks when with what. No I/O but reading the file.

The demo's is demo/gala.toml; a merchant's lie in `events/` of the data folder.
"""

import re
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from app.catalogue.files import WrongFile
from app.catalogue.lines import key_lines, line_of
from app.catalogue.product import Id, Titles
from app.config import Config
from app.show.event import Phase
from overlays.cue import MAX_DURATION_MS, MAX_PRODUCTS, MIN_DURATION_MS, Anchor, CueError, check
from overlays.cue import Cue as OverlayCue

DEMO_FILE = Path(__file__).parents[2] / "demo" / "gala.toml"
# More rows than this cannot be run by one person in one evening.
MAX_ROWS = 500
_TEXT_LIMIT = 256 * 1024
_ANY_MEDIA_MS = 1_790_000_000_000

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Units = Annotated[int, Meta(ge=1, le=1_000_000)]


class RundownError(Exception):
    """A run of show cannot be used. The message names file, line and reason."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Unknown keys are refused, so that a misspelt one does not vanish silently."""


class PlannedDrop(_Part, frozen=True, omit_defaults=True):
    """The numbers of a drop in a row. `every_loops`: the autopilot's turn, every so many loops of the film."""

    sku: Id
    variant: Id
    quantity: Units
    per_customer: Units = 1
    opens_after_ms: Annotated[int, Meta(ge=0, le=600_000)] = 8000
    draw_ms: Annotated[int, Meta(ge=0, le=60_000)] = 3000
    open_ms: Annotated[int, Meta(ge=10_000, le=86_400_000)] = 60_000
    every_loops: Annotated[int, Meta(ge=1, le=10_000)] = 5
    confirm_email: bool = False


class Row(_Part, frozen=True, omit_defaults=True):
    """One line of the run of show: a cue, or a drop. `at` is the second of the film (or of the act's plan)."""

    title: Titles
    at: Seconds = 0.0
    kind: str = ""
    products: tuple[str, ...] = ()
    seconds: Seconds = 8.0
    anchor: tuple[float, float] | None = None
    drop: PlannedDrop | None = None

    @property
    def at_ms(self) -> int:
        """The row's media time after the film's first frame."""
        return round(self.at * 1000)

    def cue(self, cue_id: str, at_ms: int) -> OverlayCue:
        """The row's cue on a frame. Raises CueError."""
        anchor = Anchor(*self.anchor) if self.anchor else None
        return check(OverlayCue(cue_id, self.kind, self.products, at_ms, round(self.seconds * 1000), anchor))


class Rundown(_Part, frozen=True, omit_defaults=True):
    """An event and its run of show."""

    id: Id
    title: Titles
    rows: tuple[Row, ...] = ()
    # RFC 3339; shown to who comes before it.
    starts_at: str | None = None
    begins: Phase = "before"
    # Whether the looping film is followed by itself from the beginning.
    autopilot: bool = False

    def products(self) -> list[str]:
        """The skus that appear, in the order of their appearance."""
        found: dict[str, None] = {}
        for row in self.rows:
            found.update(dict.fromkeys(row.products))
            if row.drop:
                found[row.drop.sku] = None
        return list(found)


def parse_rundown(text: str, path: Path) -> Rundown:
    """A run of show from TOML. Raises RundownError that names the line and the reason."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else len(text.splitlines())
        raise RundownError(str(WrongFile(path, line, re.sub(r" \(at .*\)$", "", str(error))))) from None
    lines = key_lines(text)
    try:
        rundown = msgspec.convert(data, Rundown)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `")
        raise RundownError(str(WrongFile(path, line_of(where.rstrip("`") or "$", lines), reason))) from None
    if len(rundown.rows) > MAX_ROWS:
        raise RundownError(str(WrongFile(path, 0, f"there are {len(rundown.rows)} rows; use {MAX_ROWS} at most")))
    for number, row in enumerate(rundown.rows):
        if reason := _mistake(row):
            raise RundownError(str(WrongFile(path, line_of(f"$.rows[{number}]", lines), reason)))
    return rundown


def load_rundowns(config: Config) -> list[Rundown]:
    """The demo's event, or those of the merchant's folder. Raises RundownError."""
    paths = [DEMO_FILE] if config.demo else sorted((config.data / "events").glob("*.toml"))
    found: dict[str, Path] = {}
    rundowns = []
    for path in paths:
        try:
            raw = path.read_bytes()
            text = raw[: _TEXT_LIMIT + 1].decode()
        except OSError as error:
            raise RundownError(str(WrongFile(path, 0, f"the file cannot be read: {error.strerror}"))) from None
        except UnicodeDecodeError:
            raise RundownError(str(WrongFile(path, 0, "the file is not UTF-8 text"))) from None
        if len(raw) > _TEXT_LIMIT:
            raise RundownError(str(WrongFile(path, 0, f"the file is larger than {_TEXT_LIMIT // 1024} kB")))
        rundown = parse_rundown(text, path)
        asks = any(row.drop and row.drop.confirm_email for row in rundown.rows)
        if asks and config.mail is None and not config.demo:
            reason = "confirm_email needs a mail server for its codes; set SMTP_URL and MAIL_FROM"
            raise RundownError(str(WrongFile(path, line_of("$.rows", key_lines(text)), reason)))
        if rundown.id in found:
            raise RundownError(str(WrongFile(path, 1, f"the id {rundown.id!r} is already used in {found[rundown.id]}")))
        found[rundown.id] = path
        rundowns.append(rundown)
    return rundowns


def _mistake(row: Row) -> str:
    if row.drop:
        return "a row with a drop has no kind and no products" if row.kind or row.products else ""
    if not MIN_DURATION_MS <= row.seconds * 1000 <= MAX_DURATION_MS:
        return f"seconds is {row.seconds}; use {MIN_DURATION_MS / 1000} to {MAX_DURATION_MS / 1000}"
    if not 1 <= len(row.products) <= MAX_PRODUCTS:
        return f"products names {len(row.products)}; name 1 to {MAX_PRODUCTS}"
    try:
        row.cue("row", _ANY_MEDIA_MS)
    except CueError as error:
        return str(error)
    return ""
