"""A hold's steps are written in place, and an order does not look for its attempt a second time.

An order has the id that its paid attempt names, and both are unique: a second order of one attempt cannot be. What the
attempt's own transaction has just written needs no foreign key either; `verify-ledger` finds an order without one.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_holds_expiry", table_name="holds")
    op.create_index("ix_holds_expiry", "holds", ["expires_ms"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE holds SET (fillfactor = 50)")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_constraint("fk_orders_attempt", type_="foreignkey")
        batch_op.drop_constraint("uq_orders_attempt", type_="unique")
