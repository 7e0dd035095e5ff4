"""The first schema."""

from alembic import op

from app.ledger.schema import complete

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    complete().create_all(op.get_bind())
