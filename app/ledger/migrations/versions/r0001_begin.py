"""The catalogue, the show and its drops."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drops",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("variant", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("per_customer", sa.Integer(), nullable=False),
        sa.Column("reveal_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("opens_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("draw_ms", sa.Integer(), nullable=False),
        sa.Column("closes_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("drawn_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("announced", sa.String(length=16), nullable=True),
        sa.CheckConstraint("held + reserved + sold + returned <= quantity", name=op.f("ck_drops_never_oversold")),
        sa.CheckConstraint(
            "held >= 0 AND reserved >= 0 AND sold >= 0 AND returned >= 0", name=op.f("ck_drops_counts_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drops")),
    )
    op.create_index("ix_drops_announced", "drops", ["announced"], unique=False)
    op.create_index("ix_drops_event", "drops", ["event", "created_ms"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("rundown", sa.Text(), nullable=False),
        sa.Column("phase", sa.String(length=8), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=True),
        sa.Column("stream_key", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("autopilot", sa.Boolean(), nullable=False),
        sa.Column("loop_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("phase IN ('before', 'live', 'after')", name=op.f("ck_events_phase")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_table(
        "products",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("imported_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_products")),
    )
    op.create_table(
        "announcements",
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('cue', 'cue_end', 'drop')", name=op.f("ck_announcements_kind")),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_announcements_event")),
        sa.PrimaryKeyConstraint("event", "seq", name=op.f("pk_announcements")),
    )
    op.create_index("ix_announcements_event_about", "announcements", ["event", "about"], unique=False)
    op.create_table(
        "drop_entries",
        sa.Column("drop_id", sa.String(length=40), nullable=False),
        sa.Column("shopper", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("entered_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["drop_id"], ["drops.id"], name=op.f("fk_drop_entries_drop_id")),
        sa.PrimaryKeyConstraint("drop_id", "shopper", name=op.f("pk_drop_entries")),
        sa.UniqueConstraint("id", name=op.f("uq_drop_entries_id")),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("drop_id", sa.String(length=40), nullable=False),
        sa.Column("shopper", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_holds_quantity_positive")),
        sa.ForeignKeyConstraint(["drop_id"], ["drops.id"], name=op.f("fk_holds_drop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index("ix_holds_drop", "holds", ["drop_id", "state"], unique=False)
    op.create_index("ix_holds_expiry", "holds", ["state", "expires_ms"], unique=False)
    op.create_index("ix_holds_shopper", "holds", ["shopper", "state"], unique=False)
    op.create_table(
        "said",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("shopper", sa.String(length=40), nullable=False),
        sa.Column("author", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("said_ms", sa.BigInteger(), nullable=False),
        sa.Column("hidden_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_said_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_said")),
    )
    op.create_index("ix_said_event_said_ms", "said", ["event", "said_ms"], unique=False)
    op.create_table(
        "variants",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("size", sa.String(length=16), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("allotted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reserved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sold", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("allotted + reserved + sold <= quantity", name=op.f("ck_variants_never_oversold")),
        sa.CheckConstraint(
            "allotted >= 0 AND reserved >= 0 AND sold >= 0", name=op.f("ck_variants_counts_not_negative")
        ),
        sa.ForeignKeyConstraint(["sku"], ["products.sku"], name=op.f("fk_variants_sku")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
    )
    op.create_index("ix_variants_sku", "variants", ["sku"], unique=False)
