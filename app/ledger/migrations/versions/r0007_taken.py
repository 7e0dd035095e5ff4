"""What a lost dispute took off its order, so that it can be given back; of earlier ones nobody knows."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("disputes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("taken", sa.Text(), nullable=True))
