"""What the sandbox provider remembers, as a real one would in its own house."""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from app.ledger.schema import metadata

sandbox_payments = Table(
    "sandbox_payments",
    metadata,
    Column("attempt", String(40), primary_key=True),
    # waiting, approved, declined or cancelled.
    Column("state", String(16), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

sandbox_refunds = Table(
    "sandbox_refunds",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("attempt", String(40), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)
