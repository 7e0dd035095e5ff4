"""Taking a `Work` to a database: one transaction, kept durably when it returns, undone when it raises."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, nullcontext
from typing import Any, TypeVar

import asyncpg
from msgspec.structs import astuple

from app.ledger.statement import AtOnce, Found, Look, Statement, Step, Work, combined, complete, document, parameters

T = TypeVar("T")


def run_on_sqlite(connection: sqlite3.Connection, work: Work[T]) -> T:
    """All of it at once, in the thread that owns the connection."""
    begun = False
    with closing(work):
        try:
            steps = next(work)
            while True:
                if not connection.in_transaction:
                    connection.execute("BEGIN IMMEDIATE")
                if isinstance(steps, AtOnce):
                    found = _at_once_on_sqlite(connection, steps, alone=not begun)
                else:
                    begun = begun or not isinstance(steps, Look)
                    found = [_step(connection, step) for step in steps]
                steps = work.send(found)
        except StopIteration as done:
            if connection.in_transaction:
                connection.execute("COMMIT")
            answer: T = done.value
            return answer
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _at_once_on_sqlite(connection: sqlite3.Connection, steps: AtOnce, *, alone: bool) -> Sequence[Found]:
    if not alone:
        connection.execute("SAVEPOINT at_once")
    found = _all_found(connection, steps)
    if alone:
        connection.execute("COMMIT" if found else "ROLLBACK")
    else:
        if not found:
            connection.execute("ROLLBACK TO at_once")
        connection.execute("RELEASE at_once")
    return found


def _all_found(connection: sqlite3.Connection, steps: AtOnce) -> Sequence[Found]:
    found = []
    try:
        for step in steps:
            found.append(_step(connection, step))
            if len(found[-1]) < len(step[1]):
                return []
    except sqlite3.IntegrityError:
        return []
    return found


def _step(connection: sqlite3.Connection, step: Step) -> Found:
    statement, rows = step
    if statement.sqlite_many is not None:
        return [()] * connection.executemany(statement.sqlite_many, map(astuple, rows)).rowcount
    return connection.execute(statement.sqlite, (document(step),)).fetchall()


async def run_on_postgres(connection: "asyncpg.Connection[Any]", work: Work[T]) -> T:
    """A round trip for all steps that are yielded at once; see `AtOnce` for when there is no other."""
    with closing(work):
        try:
            steps = next(work)
            while isinstance(steps, Look | AtOnce):
                steps = work.send(await _take(connection, steps))
            async with connection.transaction():
                answer: T = await _rest(connection, work, steps)
        except StopIteration as done:
            answer = done.value
    return answer


async def _rest(connection: "asyncpg.Connection[Any]", work: Work[T], steps: Sequence[Step]) -> T:
    try:
        while True:
            steps = work.send(await _take(connection, steps))
    except StopIteration as done:
        answer: T = done.value
    return answer


async def _take(connection: "asyncpg.Connection[Any]", steps: Sequence[Step]) -> Sequence[Found]:
    if isinstance(steps, AtOnce):
        return await _at_once_on_postgres(connection, steps)
    if len(steps) == 1:
        joined, columns = parameters(steps[0])
        return [await connection.fetch(steps[0][0].alone[joined], *columns)]
    found: list[Found] = []
    for group in _distinct(steps):
        kinds, columns = _together(group)
        found += [[()] * number for number in await connection.fetchrow(combined(kinds), *columns)]
    return found


def _distinct(steps: Sequence[Step]) -> list[list[Step]]:
    """The steps in their order, in as few groups as can be without a statement twice in one of them."""
    groups: list[list[Step]] = []
    for step in steps:
        if not groups or step[0] in [statement for statement, _ in groups[-1]]:
            groups.append([])
        groups[-1].append(step)
    return groups


class _Missed(Exception):
    """A step has not found all of its rows."""


async def _at_once_on_postgres(connection: "asyncpg.Connection[Any]", steps: AtOnce) -> Sequence[Found]:
    in_turn = len(_distinct(steps)) > 1
    try:
        async with connection.transaction() if in_turn or connection.is_in_transaction() else nullcontext():
            if in_turn:
                found = await _take(connection, list(steps))
                if not complete(steps, found):
                    raise _Missed
                return found
            kinds, columns = _together(steps)
            await connection.fetchval(combined(kinds, guarded=True), *columns, *(len(rows) for _, rows in steps))
            return [[()] * len(rows) for _, rows in steps]
    except (_Missed, asyncpg.InvalidTextRepresentationError, asyncpg.IntegrityConstraintViolationError):
        return []


def _together(steps: Sequence[Step]) -> tuple[tuple[tuple[Statement, bool], ...], list[Any]]:
    given = [parameters(step) for step in steps]
    kinds = tuple((statement, joined) for (statement, _), (joined, _) in zip(steps, given, strict=True))
    return kinds, [column for _, columns in given for column in columns]
