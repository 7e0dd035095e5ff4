"""Every message on the `/live` namespace, both ways, as a typed value. docs/events.md shows each with an example.

Numbered messages (`cue`, `cue_end`, `drop`) carry `seq`, gapless per event; the others describe the present moment, and
a lost one is replaced by the next. Times ending in `_ms` are media times in epoch milliseconds.
"""

from typing import Any, ClassVar, Literal, TypeAlias

import msgspec

from overlays.cue import Anchor, Cue

ShowState = Literal["before", "live", "pause", "after"]
ReactionKind = Literal["heart", "applause", "fire", "wow"]
DropState = Literal["announced", "revealed", "open", "sold-out", "ended"]

REACTIONS: tuple[str, ...] = ("heart", "applause", "fire", "wow")
# A chat line is read on a moving phone: two short sentences.
MAX_TEXT = 200
MAX_EVENT_ID = 64
# The greatest integer that a browser holds exactly.
MAX_SEQ = 2**53 - 1


class Outgoing(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message to viewers. `name` is the Socket.IO event it travels as."""

    name: ClassVar[str] = ""


class CueMessage(Outgoing, frozen=True, omit_defaults=True):
    """Something becomes tappable at `at_ms` for `duration_ms`. It arrives ahead of its frame where that is possible."""

    name: ClassVar[str] = "cue"
    seq: int
    id: str
    kind: str
    products: tuple[str, ...]
    at_ms: int
    duration_ms: int
    anchor: Anchor | None = None

    def cue(self) -> Cue:
        """The cue without its number."""
        return Cue(self.id, self.kind, self.products, self.at_ms, self.duration_ms, self.anchor)


class CueEndMessage(Outgoing, frozen=True):
    """A cue ends at `at_ms`, or (null) is taken back at once as if it had never been."""

    name: ClassVar[str] = "cue_end"
    seq: int
    id: str
    at_ms: int | None


class DropMessage(Outgoing, frozen=True, omit_defaults=True):
    """A drop's new state. What it sells is told from the state `revealed` on; `left` is the stock at that moment."""

    name: ClassVar[str] = "drop"
    seq: int
    id: str
    state: DropState
    sku: str | None = None
    variant: str | None = None
    quantity: int | None = None
    per_customer: int | None = None
    left: int | None = None
    reveal_at_ms: int | None = None
    opens_at_ms: int | None = None
    opens_at: str | None = None
    closes_at: str | None = None
    draw_ms: int | None = None
    seed_hash: str | None = None
    seed: str | None = None


class StockMessage(Outgoing, frozen=True):
    """How many units of a drop are still to be had."""

    name: ClassVar[str] = "stock"
    drop: str
    left: int


class ViewersMessage(Outgoing, frozen=True):
    """How many people watch, on all processes together."""

    name: ClassVar[str] = "viewers"
    count: int


class ReactionsMessage(Outgoing, frozen=True):
    """How often each reaction was sent since the last such message."""

    name: ClassVar[str] = "reactions"
    counts: dict[str, int]


class SaidMessage(Outgoing, frozen=True):
    """A chat line. `author` is a pseudonym that stays the same for one shopper during one event."""

    name: ClassVar[str] = "said"
    id: str
    author: str
    text: str
    said_at: str


class UnsaidMessage(Outgoing, frozen=True):
    """The host has hidden a chat line: take it away."""

    name: ClassVar[str] = "unsaid"
    id: str


class StateMessage(Outgoing, frozen=True, omit_defaults=True):
    """The show's state; `since_ms` is the newest media time when it began."""

    name: ClassVar[str] = "state"
    state: ShowState
    since_ms: int | None = None


OUTGOING: tuple[type[Outgoing], ...] = (
    CueMessage,
    CueEndMessage,
    DropMessage,
    StockMessage,
    ViewersMessage,
    ReactionsMessage,
    SaidMessage,
    UnsaidMessage,
    StateMessage,
)
Numbered: TypeAlias = CueMessage | CueEndMessage | DropMessage
NUMBERED: dict[str, type[CueMessage] | type[CueEndMessage] | type[DropMessage]] = {
    "cue": CueMessage,
    "cue_end": CueEndMessage,
    "drop": DropMessage,
}


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a join without `since`: everything an early joiner knows, each cue up to its real end."""

    event: str
    state: ShowState
    now_ms: int
    seq: int
    cues: tuple[CueMessage, ...]
    drops: tuple[DropMessage, ...]
    viewers: int
    said: tuple[SaidMessage, ...]
    since_ms: int | None = None


class Missed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a join with a recent `since`: the numbered messages after it, each with its name as `type`."""

    event: str
    state: ShowState
    now_ms: int
    seq: int
    missed: tuple[msgspec.Raw, ...]
    viewers: int
    said: tuple[SaidMessage, ...]
    since_ms: int | None = None


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Watch an event; `since` is the last `seq` that this client has applied."""

    event: str
    since: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.event) <= MAX_EVENT_ID:
            raise ValueError(f"event has 1 to {MAX_EVENT_ID} characters")
        if self.since is not None and not 0 <= self.since <= MAX_SEQ:
            raise ValueError("since is the last seq received, or absent")


class React(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Send a reaction."""

    kind: ReactionKind


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Send a chat line. Its rules about content are the chat's; here only its size is bounded."""

    text: str

    def __post_init__(self) -> None:
        if len(self.text) > MAX_TEXT:
            raise ValueError(f"text has at most {MAX_TEXT} characters")


INCOMING: dict[str, type[Join] | type[React] | type[Say]] = {"join": Join, "react": React, "say": Say}

# Every Socket.IO event of the namespace, both ways.
EVENT_NAMES: tuple[str, ...] = (*INCOMING, *(message.name for message in OUTGOING))


class Refused(Exception):
    """A client event is not carried out. `slug` is stable, `detail` a sentence with the mend; the ack carries both."""

    def __init__(self, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail


def parse(name: str, data: Any) -> Join | React | Say:
    """A client event's data as a checked value. Raises Refused for unknown events, wrong types and exceeded limits."""
    if name not in INCOMING:
        raise Refused("unknown-event", f"There is no such event; send one of {', '.join(INCOMING)}.")
    try:
        return msgspec.convert(data, INCOMING[name])
    except msgspec.ValidationError as error:
        raise Refused("invalid", f"{error}.") from None


def body(message: Outgoing) -> bytes:
    """A message as the JSON object that viewers receive."""
    return msgspec.json.encode(message)


def typed(name: str, encoded: bytes) -> msgspec.Raw:
    """An encoded message with its name inside, as `Missed` lists it."""
    return msgspec.Raw(b'{"type":"' + name.encode() + b'",' + encoded[1:])


def numbered(name: str, encoded: bytes) -> Numbered:
    """A numbered message from its name and JSON. Raises msgspec.ValidationError or KeyError for anything else."""
    return msgspec.json.decode(encoded, type=NUMBERED[name])
