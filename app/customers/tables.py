"""What is known of shoppers. A row exists only for somebody who gave something worth keeping."""

from sqlalchemy import BigInteger, Column, String, Table, Text

from app.ledger.schema import metadata

shoppers = Table(
    "shoppers",
    metadata,
    # The id in the signed cookie.
    Column("id", String(40), primary_key=True),
    Column("created_ms", BigInteger, nullable=False),
    Column("email", String(254)),
    # The last address as JSON.
    Column("address", Text),
    Column("language", String(8)),
    # Set when the shopper asked to be forgotten: the cookie is worth nothing any more.
    Column("revoked_ms", BigInteger),
)
