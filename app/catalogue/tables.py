"""The catalogue in the ledger. Stock of what is sold outside a drop is scarce here and nowhere else."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from app.ledger.schema import metadata

products = Table(
    "products",
    metadata,
    Column("sku", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    # app.catalogue.product.Listing as JSON: what the files said when they were last imported.
    Column("document", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    # Its files are gone: no longer shown or sold, kept because orders name it.
    Column("retired", Boolean, nullable=False),
    Column("imported_ms", BigInteger, nullable=False),
)

# left = quantity - allotted - reserved - sold.
variants = Table(
    "variants",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("sku", String(64), ForeignKey("products.sku"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("size", String(16), nullable=False),
    Column("retired", Boolean, nullable=False),
    # Every unit that was ever put on the shelf.
    Column("quantity", Integer, nullable=False),
    # Units handed over to drops, which count their own holds and sales; unsold ones come back when a drop closes.
    Column("allotted", Integer, nullable=False, server_default="0"),
    # Units of payment attempts under way.
    Column("reserved", Integer, nullable=False, server_default="0"),
    Column("sold", Integer, nullable=False, server_default="0"),
    CheckConstraint("allotted >= 0 AND reserved >= 0 AND sold >= 0", name="counts_not_negative"),
    CheckConstraint("allotted + reserved + sold <= quantity", name="never_oversold"),
)
Index("ix_variants_sku", variants.c.sku)
