import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.batch import Batch, QueueFull
from app.ledger.batch import ledger_batch
from app.ledger.engine import Ledger


async def _table(ledger: Ledger) -> None:
    async with ledger.write() as connection:
        await connection.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY)"))


async def _insert(connection: AsyncConnection, items: list[int]) -> list[int | Exception]:
    await connection.execute(text("INSERT INTO notes VALUES (:id)"), [{"id": item} for item in items])
    return [ValueError("odd") if item == 13 else item * 2 for item in items]


async def _count(ledger: Ledger) -> int:
    async with ledger.read() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM notes")) or 0)


async def test_waiting_writes_share_transactions(ledger: Ledger) -> None:
    await _table(ledger)
    sizes: list[int] = []

    async def write(connection: AsyncConnection, items: list[int]) -> list[int | Exception]:
        sizes.append(len(items))
        return await _insert(connection, items)

    batch = ledger_batch(ledger, write)
    numbers = range(100, 600)
    assert await asyncio.gather(*(batch.submit(n) for n in numbers)) == [n * 2 for n in numbers]
    assert len(sizes) <= 5
    assert await _count(ledger) == 500


async def test_one_bad_item_harms_no_other(ledger: Ledger) -> None:
    await _table(ledger)
    batch = ledger_batch(ledger, _insert)
    await batch.submit(5)
    results = await asyncio.gather(*(batch.submit(n) for n in (4, 5, 6, 13)), return_exceptions=True)
    assert results[0] == 8 and results[2] == 12
    assert "IntegrityError" in type(results[1]).__name__
    assert isinstance(results[3], ValueError)
    assert await _count(ledger) == 4


async def test_who_stops_waiting_blocks_nobody() -> None:
    seen: list[int] = []

    async def serve(items: list[int]) -> list[int | Exception]:
        seen.extend(items)
        await asyncio.sleep(0)
        return list(items)

    batch: Batch[int, int] = Batch(serve, most=1)
    answers = [batch.submit(n) for n in range(3)]
    await asyncio.sleep(0)
    answers[1].cancel()
    assert await answers[2] == 2
    assert seen == [0, 2]


async def test_a_full_queue_refuses_at_once() -> None:
    gate_open = asyncio.Event()

    async def serve(items: list[int]) -> list[int | Exception]:
        await gate_open.wait()
        return list(items)

    batch: Batch[int, int] = Batch(serve, most=1, waiting=2)
    answers = [batch.submit(0)]
    await asyncio.sleep(0)
    answers += [batch.submit(1), batch.submit(2)]
    with pytest.raises(QueueFull):
        batch.submit(3)
    gate_open.set()
    assert await asyncio.gather(*answers) == [0, 1, 2]
    await batch.close()


class Calls:
    """Serves numbers, and counts how many there were a call."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    async def serve(self, items: list[int]) -> list[int]:
        self.sizes.append(len(items))
        return items


async def test_a_crowd_shares_a_call_however_it_comes() -> None:
    calls = Calls()
    batch: Batch[int, int] = Batch(calls.serve, calm_s=0.1)
    waiting = []
    for number in range(3):
        waiting.append(batch.submit(number))
        await asyncio.sleep(0.02)
    assert await asyncio.gather(*waiting) == [0, 1, 2]
    assert calls.sizes == [3]


async def test_nobody_waits_for_a_crowd_without_end() -> None:
    batch: Batch[int, int] = Batch(Calls().serve, calm_s=0.02)
    first, later = batch.submit(0), []
    async with asyncio.timeout(5):
        while not first.done():
            later.append(batch.submit(1))
            await asyncio.sleep(0.005)
    assert await asyncio.gather(*later) == [1] * len(later)


async def test_who_is_the_last_that_fits_waits_for_nobody() -> None:
    batch: Batch[int, int] = Batch(Calls().serve, most=2, calm_s=60)
    async with asyncio.timeout(5):
        assert list(await asyncio.gather(batch.submit(1), batch.submit(2))) == [1, 2]
