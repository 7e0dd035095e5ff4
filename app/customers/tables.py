"""What is known of shoppers beside their orders: who wants to be forgotten, and which e-mail addresses are theirs."""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from app.ledger.schema import metadata

# Who asked to be forgotten, and when: their cookies are worth nothing any more.
shoppers = Table(
    "shoppers",
    metadata,
    # The id in the signed cookie.
    Column("id", String(40), primary_key=True),
    Column("revoked_ms", BigInteger, nullable=False),
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
