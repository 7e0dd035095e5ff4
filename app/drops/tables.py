"""Drops, holds and draw entries in the ledger.

A drop's quantity is allotted from its variant's stock when the drop is made, so no unit can be sold in both places;
what is unsold when it ends goes back.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    false,
)

from app.ledger.schema import metadata

drops = Table(
    "drops",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("event", String(64), nullable=False),
    Column("sku", String(64), nullable=False),
    Column("variant", String(64), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("per_customer", Integer, nullable=False),
    Column("reveal_at_ms", BigInteger, nullable=False),
    Column("opens_at_ms", BigInteger, nullable=False),
    Column("draw_ms", Integer, nullable=False),
    Column("closes_at_ms", BigInteger),
    Column("seed", String(64), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("sold", Integer, nullable=False),
    Column("returned", Integer, nullable=False),
    Column("drawn_ms", BigInteger),
    Column("ended_ms", BigInteger),
    Column("announced", String(16)),
    # Whether who orders has to have shown that their e-mail address is theirs.
    Column("confirm_email", Boolean, nullable=False, server_default=false()),
    CheckConstraint("held >= 0 AND reserved >= 0 AND sold >= 0 AND returned >= 0", name="counts_not_negative"),
    CheckConstraint("held + reserved + sold + returned <= quantity", name="never_oversold"),
)
Index("ix_drops_event", drops.c.event, drops.c.created_ms)
Index("ix_drops_announced", drops.c.announced)

holds = Table(
    "holds",
    metadata,
    Column("id", String(40), primary_key=True),
    # No foreign key: the transaction that writes it has just counted it on its drop.
    Column("drop_id", String(40), nullable=False),
    Column("shopper", String(64), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    # A step finds room beside the row that it replaces.
    postgresql_with={"fillfactor": 50},
)
# Thousands are written a second, and every step of one writes it again: they have no index more than is looked for.
Index("ix_holds_drop", holds.c.drop_id, holds.c.shopper)
# The expiry duty looks for those whose time has just ended. That they are held is not part of the index: PostgreSQL
# would write every index anew at each step of a hold.
Index("ix_holds_expiry", holds.c.expires_ms)

drop_entries = Table(
    "drop_entries",
    metadata,
    Column("drop_id", String(40), ForeignKey("drops.id"), primary_key=True),
    # One entry a customer, however many sockets ask.
    Column("shopper", String(64), primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("quantity", Integer, nullable=False),
    Column("entered_ms", BigInteger, nullable=False),
)
