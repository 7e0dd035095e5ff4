"""The connection type that handlers pass from the ledger to a domain's queries without knowing SQL."""

from sqlalchemy.ext.asyncio import AsyncConnection

Connection = AsyncConnection
