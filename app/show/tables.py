"""Events and their announcements in the ledger."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, String, Table, Text

from app.ledger.schema import metadata

events = Table(
    "events",
    metadata,
    Column("id", String(64), primary_key=True),
    # app.show.rundown.Rundown as JSON: what the file said when it was last imported.
    Column("rundown", Text, nullable=False),
    Column("phase", String(8), nullable=False),
    # The media time at which the phase began; null before the first change.
    Column("since_ms", BigInteger),
    # What the publisher's encoder has to show. Kept readable, because the host copies it again and again.
    Column("stream_key", String(64), nullable=False),
    # The number of the last announcement. Counting here makes announcing wait in line, so numbers have no gaps.
    Column("seq", BigInteger, nullable=False, server_default="0"),
    # Whether the run of show follows the looping film by itself, and the last loop that it was stamped on.
    Column("autopilot", Boolean, nullable=False),
    Column("loop_ms", BigInteger, nullable=False, server_default="0"),
    Column("created_ms", BigInteger, nullable=False),
    CheckConstraint("phase IN ('before', 'live', 'after')", name="phase"),
)

# What every viewer must know, in its order; the body is the JSON that goes over the wire.
announcements = Table(
    "announcements",
    metadata,
    Column("event", String(64), ForeignKey("events.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("kind", String(8), nullable=False),
    # The id of the cue or drop that it is about.
    Column("about", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    CheckConstraint("kind IN ('cue', 'cue_end', 'drop')", name="kind"),
)
Index("ix_announcements_event_about", announcements.c.event, announcements.c.about)
