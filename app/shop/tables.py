"""Payment attempts, orders and their lines, refunds, and who has had how much of a drop."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.ledger.schema import metadata

# One row a checkout. It is the record of its Idempotency-Key, too: the answer that was given is given again.
attempts = Table(
    "attempts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("shopper", String(40), nullable=False),
    Column("key", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    # app.shop.attempt.AttemptState
    Column("state", String(20), nullable=False),
    # The order that this attempt becomes; it exists from the moment of payment. None for a refused checkout.
    Column("order_id", String(40)),
    Column("method", String(16), nullable=False),
    Column("token", String(255), nullable=False),
    Column("reference", String(255)),
    Column("action_url", Text),
    # Of the provider, for its own script in the customer's browser.
    Column("secret", String(255)),
    Column("reason", String(64)),
    Column("amount", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    # app.shop.snapshot.Snapshot as JSON: what is bought, by whom, for how much.
    Column("document", Text, nullable=False),
    Column("email_key", String(254), nullable=False),
    # What the provider knows the payer by, hashed; None where it does not tell.
    Column("payer_key", String(64)),
    Column("created_ms", BigInteger, nullable=False),
    # The provider is given up at the deadline; somebody looks after an open attempt at check_ms.
    Column("deadline_ms", BigInteger, nullable=False),
    Column("check_ms", BigInteger),
    Column("answer_status", Integer),
    Column("answer_body", Text),
    UniqueConstraint("shopper", "key", name="uq_attempts_shopper_key"),
)
_OPEN = attempts.c.check_ms.is_not(None)
Index("ix_attempts_check_ms", attempts.c.check_ms, sqlite_where=_OPEN, postgresql_where=_OPEN)

# An order's id is akin to its attempt's, so the primary key guards and finds it. Only attempts from before that was so
# are in this index.
APART = text("substr(order_id, 4) <> substr(id, 4)")
Index("uq_attempts_order_id", attempts.c.order_id, unique=True, sqlite_where=APART, postgresql_where=APART)

orders = Table(
    "orders",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("number", String(16), nullable=False),
    # Paid exactly once: an attempt becomes the order that it names, and no two attempts name the same.
    Column("attempt", String(40), nullable=False),
    # None when the shopper asked to be forgotten.
    Column("shopper", String(40)),
    Column("state", String(20), nullable=False),
    Column("email", String(254), nullable=False),
    Column("name", String(100), nullable=False),
    Column("language", String(8), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("refunded", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("document", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Column("withdrawn_ms", BigInteger),
    CheckConstraint("refunded >= 0 AND refunded <= amount", name="refunded_at_most_once"),
)
Index("ix_orders_shopper", orders.c.shopper, orders.c.created_ms)
Index("ix_orders_created_ms", orders.c.created_ms)
Index("ix_orders_number", orders.c.number)

# What was sold, as it was at that moment. Only `refunded` and `restocked` ever change.
order_lines = Table(
    "order_lines",
    metadata,
    # No foreign key: it is written together with its order.
    Column("order_id", String(40), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("variant", String(64), nullable=False),
    Column("sku", String(64), nullable=False),
    Column("title", String(200), nullable=False),
    Column("size", String(16), nullable=False),
    Column("material", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_amount", Integer, nullable=False),
    Column("vat_basis_points", Integer, nullable=False),
    # Bought from a drop: then the drop counts the unit, else the variant does.
    Column("drop_id", String(40)),
    Column("hold_id", String(40)),
    Column("refunded", Integer, nullable=False, server_default="0"),
    # Refunded units that can be bought again.
    Column("restocked", Integer, nullable=False, server_default="0"),
    CheckConstraint("refunded >= 0 AND refunded <= quantity", name="refunded_units"),
    CheckConstraint("restocked >= 0 AND restocked <= refunded", name="restocked_units"),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", String(40), primary_key=True),
    # No foreign key: a payment that came too late is refunded and never became its order.
    Column("order_id", String(40), nullable=False),
    Column("key", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    # asked: counted on the order, the provider has not confirmed yet; done; charged-back: a bank took the money.
    Column("state", String(16), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("check_ms", BigInteger),
    # How often the provider has said no or the amount has changed, so that it is a new wish, and why the last no.
    Column("refusals", Integer, nullable=False, server_default="0"),
    Column("error", String(200)),
    UniqueConstraint("order_id", "key", name="uq_refunds_order_id_key"),
)
Index("ix_refunds_check_ms", refunds.c.check_ms)

# How many units of a drop an e-mail address, or a payer that the provider knows, has bought or is paying for.
drop_customers = Table(
    "drop_customers",
    metadata,
    Column("drop_id", String(40), primary_key=True),
    Column("email_key", String(254), primary_key=True),
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity >= 0", name="not_negative"),
)
