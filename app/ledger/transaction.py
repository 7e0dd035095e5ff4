"""Taking a `Work` to a database: one transaction, kept durably when it returns, undone when it raises."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import Any, TypeVar

import asyncpg
from msgspec.structs import astuple

from app.ledger.statement import Found, Step, Work, combined, document, parameters

T = TypeVar("T")


def run_on_sqlite(connection: sqlite3.Connection, work: Work[T]) -> T:
    """All of it at once, in the thread that owns the connection."""

    def take(step: Step) -> Found:
        statement, rows = step
        if statement.sqlite_many is not None:
            return [()] * connection.executemany(statement.sqlite_many, map(astuple, rows)).rowcount
        return connection.execute(statement.sqlite, (document(step),)).fetchall()

    with closing(work):
        connection.execute("BEGIN IMMEDIATE")
        try:
            steps = next(work)
            while True:
                steps = work.send([take(step) for step in steps])
        except StopIteration as done:
            connection.execute("COMMIT")
            answer: T = done.value
            return answer
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


async def run_on_postgres(connection: "asyncpg.Connection[Any]", work: Work[T]) -> T:
    """A round trip for all steps that are yielded at once."""
    with closing(work):
        async with connection.transaction():
            try:
                steps = next(work)
                while True:
                    steps = work.send(await _take(connection, steps))
            except StopIteration as done:
                answer: T = done.value
                return answer


async def _take(connection: "asyncpg.Connection[Any]", steps: Sequence[Step]) -> Sequence[Found]:
    if len(steps) == 1:
        joined, columns = parameters(steps[0])
        return [await connection.fetch(steps[0][0].alone[joined], *columns)]
    times = Counter(statement for statement, _ in steps)
    once = [step for step in steps if times[step[0]] == 1]
    numbers: list[int] = []
    if once:
        given = [parameters(step) for step in once]
        kinds = tuple((statement, joined) for (statement, _), (joined, _) in zip(once, given, strict=True))
        numbers = await connection.fetchrow(combined(kinds), *(column for _, columns in given for column in columns))
    counted = dict(zip((statement for statement, _ in once), numbers, strict=True))
    found: list[Found] = []
    for step in steps:
        if step[0] in counted:
            found.append([()] * counted[step[0]])
        else:
            found += await _take(connection, [step])
    return found
