"""E-mail addresses that shoppers have shown to be theirs, and drops that ask for one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "confirmations",
        sa.Column("shopper", sa.String(length=40), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("confirmed_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("shopper", "email_key", name=op.f("pk_confirmations")),
    )
    with op.batch_alter_table("drops", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirm_email", sa.Boolean(), server_default=sa.false(), nullable=False))
