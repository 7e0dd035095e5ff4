"""Mail that waits for its delivery, written in the same transaction as what it reports."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, text

from app.ledger.schema import metadata

outbox = Table(
    "outbox",
    metadata,
    # A receipt's is akin to its order's, of which there is one.
    Column("id", String(40), primary_key=True),
    # What makes a second one superfluous, such as `refund:ref_...`; a receipt needs none.
    Column("key", String(120)),
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
# Receipts are found by their orders' time: thousands are written a second, and these indexes are not.
KEYED = text("key IS NOT NULL")
Index("uq_outbox_key", outbox.c.key, unique=True, sqlite_where=KEYED, postgresql_where=KEYED)
Index("ix_outbox_created_ms", outbox.c.created_ms, sqlite_where=KEYED, postgresql_where=KEYED)
