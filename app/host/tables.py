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

# What each host did last at an event: the one thing that undo takes back.
host_deeds = Table(
    "host_deeds",
    metadata,
    Column("event", String(64), ForeignKey("events.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("deed", String(16), nullable=False),
    # The cue or drop.
    Column("about", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    CheckConstraint("deed IN ('shown', 'ended', 'dropped', 'drop-ended')", name="deed"),
)
