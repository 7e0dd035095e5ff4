"""An order and its receipt have ids akin to their attempt's, so that a purchase writes three index entries less.

Attempts and orders keep the ids that providers and customers know; the ids of letters nobody knows but the console.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_outbox_created_ms", table_name="outbox")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_constraint("uq_outbox_key", type_="unique")
        batch_op.alter_column("key", existing_type=sa.String(length=120), nullable=True)
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_constraint("uq_attempts_order_id", type_="unique")
    op.execute("UPDATE outbox SET id = 'mail' || substr(order_id, 4), key = NULL WHERE key LIKE 'receipt:%'")
    for index, table, column, condition, unique in (
        ("uq_outbox_key", "outbox", "key", "key IS NOT NULL", True),
        ("ix_outbox_created_ms", "outbox", "created_ms", "key IS NOT NULL", False),
        ("uq_attempts_order_id", "attempts", "order_id", "substr(order_id, 4) <> substr(id, 4)", True),
    ):
        where = sa.text(condition)
        op.create_index(index, table, [column], unique=unique, sqlite_where=where, postgresql_where=where)
