"""What banks dispute, as the provider told it last."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from app.ledger.schema import metadata

disputes = Table(
    "disputes",
    metadata,
    # The provider's own.
    Column("id", String(255), primary_key=True),
    # No foreign key: a payment that came too late never became its order.
    Column("order_id", String(40), nullable=False),
    # app.payments.provider.Standing
    Column("state", String(8), nullable=False),
    Column("amount", Integer, nullable=False),
    # The provider's word for what the customer says.
    Column("reason", String(64), nullable=False),
    # Until when the merchant can answer; None where nobody asks.
    Column("due_ms", BigInteger),
    Column("created_ms", BigInteger, nullable=False),
    # Somebody asks how an open one stands at check_ms.
    Column("check_ms", BigInteger),
    # What a lost one took off the order, as JSON: app.disputes.taking.Taken.
    Column("taken", Text),
)
Index("ix_disputes_order_id", disputes.c.order_id)
Index("ix_disputes_check_ms", disputes.c.check_ms)
