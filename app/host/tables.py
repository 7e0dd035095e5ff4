"""Accounts of the console and their sessions."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Table

from app.ledger.schema import metadata

hosts = Table(
    "hosts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password_hash", String(256), nullable=False),
    Column("role", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    CheckConstraint("role IN ('operator', 'host', 'moderator')", name="role"),
)

# `id` is the SHA-256 of what the cookie carries: a copy of the ledger signs nobody in.
host_sessions = Table(
    "host_sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), ForeignKey("hosts.name", ondelete="CASCADE"), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Index("ix_host_sessions_name", "name"),
)
