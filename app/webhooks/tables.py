"""Messages that wait for their delivery, written in the same transaction as what they report."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from app.ledger.schema import metadata

webhooks = Table(
    "webhooks",
    metadata,
    # The receiver tells repetitions by it (the webhook-id header).
    Column("id", String(40), primary_key=True),
    # What makes a second one superfluous, such as `order.paid:ord_...`.
    Column("key", String(120), nullable=False, unique=True),
    Column("type", String(40), nullable=False),
    Column("order_id", String(40), nullable=False),
    Column("body", Text, nullable=False),
    # waiting, sent or failed (given up).
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    # When the next try is due; None when none is.
    Column("due_ms", BigInteger),
    Column("created_ms", BigInteger, nullable=False),
    Column("sent_ms", BigInteger),
    Column("error", String(300)),
)
Index("ix_webhooks_due_ms", webhooks.c.due_ms)
Index("ix_webhooks_created_ms", webhooks.c.created_ms)
Index("ix_webhooks_order_id", webhooks.c.order_id)
