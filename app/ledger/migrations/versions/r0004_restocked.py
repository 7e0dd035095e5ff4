"""Units of an order line that came back to where they can be bought, so that what is sold is known exactly."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Until now the counters alone knew: a hold that came back is released, and a variant's count says how many did.
_HOLDS = """
UPDATE order_lines SET restocked = quantity
WHERE hold_id IN (SELECT id FROM holds WHERE state = 'released') AND refunded = quantity
"""
_KEPT = """
SELECT variants.id, variants.sold - SUM(order_lines.quantity - order_lines.refunded) AS kept FROM variants
JOIN order_lines ON order_lines.variant = variants.id AND order_lines.hold_id IS NULL
GROUP BY variants.id, variants.sold
"""
_REFUNDED = """
SELECT order_id, line, refunded FROM order_lines
WHERE variant = :variant AND hold_id IS NULL AND refunded > 0 ORDER BY order_id, line
"""
_SET = "UPDATE order_lines SET restocked = :units WHERE order_id = :order_id AND line = :line"


def upgrade() -> None:
    with op.batch_alter_table("order_lines", schema=None) as batch_op:
        batch_op.add_column(sa.Column("restocked", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_check_constraint(
            batch_op.f("ck_order_lines_restocked_units"), "restocked >= 0 AND restocked <= refunded"
        )
    connection = op.get_bind()
    connection.execute(sa.text(_HOLDS))
    for variant, kept in connection.execute(sa.text(_KEPT)).all():
        for order_id, line, refunded in connection.execute(sa.text(_REFUNDED), {"variant": variant}).all():
            stays = min(kept, refunded)
            kept -= stays
            if refunded > stays:
                connection.execute(sa.text(_SET), {"units": refunded - stays, "order_id": order_id, "line": line})
