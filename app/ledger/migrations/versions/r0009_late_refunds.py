"""A payment that came too late is refunded with a row like any other, and disputes about it are followed."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, key in (("refunds", "fk_refunds_order_id"), ("disputes", "fk_disputes_order_id")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(key, type_="foreignkey")
    op.execute(
        "INSERT INTO refunds (id, order_id, key, fingerprint, state, amount, created_ms, check_ms) "
        "SELECT 'ref_' || substr(id, 5), order_id, 'late', 'late', "
        "CASE state WHEN 'late' THEN 'asked' ELSE 'done' END, amount, created_ms, check_ms "
        "FROM attempts WHERE state IN ('late', 'late-refunded')"
    )
    op.execute("UPDATE attempts SET state = 'late', check_ms = NULL WHERE state IN ('late', 'late-refunded')")
