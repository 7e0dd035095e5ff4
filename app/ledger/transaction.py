"""Taking a `Work` to a database: one transaction, kept durably when it returns, undone when it raises."""

import sqlite3
from contextlib import closing
from typing import Any, TypeVar

import asyncpg
from msgspec.structs import astuple

from app.ledger.statement import Work, parameter

T = TypeVar("T")


def run_on_sqlite(connection: sqlite3.Connection, work: Work[T]) -> T:
    """All of it at once, in the thread that owns the connection."""
    with closing(work):
        connection.execute("BEGIN IMMEDIATE")
        try:
            statement, rows = next(work)
            while True:
                if statement.sqlite_many is not None:
                    kept = connection.executemany(statement.sqlite_many, map(astuple, rows)).rowcount
                    statement, rows = work.send([()] * kept)
                else:
                    found = connection.execute(statement.sqlite, (parameter(rows),)).fetchall()
                    statement, rows = work.send(found)
        except StopIteration as done:
            connection.execute("COMMIT")
            answer: T = done.value
            return answer
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


async def run_on_postgres(connection: "asyncpg.Connection[Any]", work: Work[T]) -> T:
    """A round trip a statement."""
    with closing(work):
        async with connection.transaction():
            try:
                statement, rows = next(work)
                while True:
                    found = await connection.fetch(statement.postgresql, parameter(rows))
                    statement, rows = work.send(found)
            except StopIteration as done:
                answer: T = done.value
                return answer
