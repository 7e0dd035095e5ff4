"""Chat lines in the ledger, so that a host can answer for what was said and a late viewer can read it."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table

from app.ledger.schema import metadata

said = Table(
    "said",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("event", String(64), ForeignKey("events.id"), nullable=False),
    # The shopper's id: moderation is about people, not lines. It never leaves the house.
    Column("shopper", String(40), nullable=False),
    Column("author", String(40), nullable=False),
    Column("text", String(200), nullable=False),
    Column("said_ms", BigInteger, nullable=False),
    Column("hidden_ms", BigInteger),
)
Index("ix_said_event_said_ms", said.c.event, said.c.said_ms)
