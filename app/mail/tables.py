"""Mail that waits for its delivery, written in the same transaction as what it reports."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from app.ledger.schema import metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(40), primary_key=True),
    # What makes a second one superfluous, such as `receipt:ord_...`.
    Column("key", String(120), nullable=False, unique=True),
    Column("recipient", String(254), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("order_id", String(40)),
    # waiting, sent or failed (given up).
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    # When the next try is due; None when none is.
    Column("due_ms", BigInteger),
    Column("created_ms", BigInteger, nullable=False),
    Column("sent_ms", BigInteger),
    Column("error", String(300)),
)
_DUE = outbox.c.due_ms.is_not(None)
Index("ix_outbox_due_ms", outbox.c.due_ms, sqlite_where=_DUE, postgresql_where=_DUE)
Index("ix_outbox_created_ms", outbox.c.created_ms)
