"""What is known of shoppers. A row exists only for somebody who gave something worth keeping."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

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

# E-mail addresses that shoppers have shown to be theirs, or were asked to by a code that is under way.
confirmations = Table(
    "confirmations",
    metadata,
    Column("shopper", String(40), primary_key=True),
    # app.shop.address.email_key: the name under which limits count.
    Column("email_key", String(254), primary_key=True),
    Column("email", String(254), nullable=False),
    # Of the code that was sent last; None once it has done its work.
    Column("digest", String(64)),
    Column("expires_ms", BigInteger, nullable=False),
    Column("guesses", Integer, nullable=False),
    Column("confirmed_ms", BigInteger),
)
