"""Waiting writes share one transaction: a durable commit costs the same for one row as for hundreds."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from app.batch import BATCH_MAX, WAITING_MAX, Batch
from app.ledger.engine import Ledger, LedgerDown
from app.ledger.statement import Work

# A transaction costs as much as ten of its rows do, and a person does not notice such a pause.
PACE_S = 0.01

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Write = Callable[[AsyncConnection, list[Item]], Awaitable[Sequence[Answer | Exception]]]


def ledger_batch(
    ledger: Ledger, write: Write[Item, Answer], *, most: int = BATCH_MAX, waiting: int = WAITING_MAX
) -> Batch[Item, Answer]:
    """A batch whose items are written by `write(connection, items)` in one transaction each time.

    `write` answers every item, or an exception for the one that may not be; those are kept apart without undoing the
    others. When it raises, nothing of the batch is kept and each item is written alone, so that one bad item harms
    no other; with LedgerDown all of them fail.
    """

    async def together(items: list[Item]) -> Sequence[Answer | Exception]:
        async with ledger.write() as connection:
            return await write(connection, items)

    return _apart(together, most, waiting)


def work_batch(
    ledger: Ledger,
    work: Callable[[list[Item]], Work[Sequence[Answer | Exception]]],
    *,
    most: int = BATCH_MAX,
    waiting: int = WAITING_MAX,
    calm_s: float = 0.0,
) -> Batch[Item, Answer]:
    """The same with prepared statements, for what happens thousands of times a second."""

    async def together(items: list[Item]) -> Sequence[Answer | Exception]:
        return await ledger.run(work(items))

    return _apart(together, most, waiting, calm_s)


def _apart(
    together: Callable[[list[Item]], Awaitable[Sequence[Answer | Exception]]],
    most: int,
    waiting: int,
    calm_s: float = 0.0,
) -> Batch[Item, Answer]:
    async def serve(items: list[Item]) -> Sequence[Answer | Exception]:
        try:
            return await together(items)
        except LedgerDown:
            raise
        except Exception:
            if len(items) == 1:
                raise
        return [await alone(item) for item in items]

    async def alone(item: Item) -> Answer | Exception:
        try:
            return (await together([item]))[0]
        except Exception as error:
            return error

    return Batch(serve, most=most, waiting=waiting, pace_s=PACE_S, calm_s=calm_s)
