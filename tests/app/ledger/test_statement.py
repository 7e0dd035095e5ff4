import asyncio
from collections.abc import Iterator

import pytest
from msgspec import Struct
from sqlalchemy import text

from app.ledger.engine import Ledger, LedgerDown
from app.ledger.statement import NOTHING, SEPARATOR, Statement, Step, Work, ask, change
from tests.servers import Postgres, short_folder


class Note(Struct):
    id: int
    words: str | None


_ADD = Statement("INSERT INTO notes (id, words) SELECT id, words FROM rows", Note)
_FIND = Statement("SELECT notes.words FROM notes JOIN rows ON rows.id = notes.id ORDER BY notes.id", Note)


async def _table(ledger: Ledger) -> None:
    async with ledger.write() as connection:
        await connection.execute(text("CREATE TABLE notes (id BIGINT PRIMARY KEY, words TEXT)"))


def _write(*notes: Note, fail: bool = False) -> Work[list[str | None]]:
    yield [(_ADD, notes)]
    if fail:
        raise RuntimeError
    found = yield from ask(_FIND, notes)
    return [words for (words,) in found]


async def _count(ledger: Ledger) -> int:
    async with ledger.read() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM notes")) or 0)


async def test_a_work_writes_any_number_of_rows_a_statement_and_reads_its_own(ledger: Ledger) -> None:
    await _table(ledger)
    notes = [Note(1, "ä'\"\\ 旗袍"), Note(2, None), Note(1 << 52, "$1 ? %s :x {rows}")]
    assert await ledger.run(_write(*notes)) == [note.words for note in notes]
    assert await ledger.run(_write()) == []
    assert await _count(ledger) == 3


@pytest.mark.parametrize(
    "words",
    [["", ""], [None, None], ["", None, "a"], [f"a{SEPARATOR}b", "c"], [NOTHING, None], [f"{NOTHING}{SEPARATOR}", ""]],
)
async def test_no_value_is_taken_for_another(ledger: Ledger, words: list[str | None]) -> None:
    await _table(ledger)
    assert await ledger.run(_write(*(Note(-number, word) for number, word in enumerate(words)))) == words[::-1]


async def test_a_work_that_fails_is_undone_and_the_next_one_is_kept(ledger: Ledger) -> None:
    await _table(ledger)
    with pytest.raises(RuntimeError):
        await ledger.run(_write(Note(1, "a"), fail=True))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await ledger.run(_write(Note(1, "a"), Note(1, "b")))
    assert await _count(ledger) == 0
    assert await ledger.run(_write(Note(1, "c"))) == ["c"]


async def test_steps_that_are_yielded_at_once_tell_how_many_rows_each_has_changed(ledger: Ledger) -> None:
    await _table(ledger)
    insert = Statement.insert("notes", Note, "ON CONFLICT (id) DO NOTHING")
    rename = Statement(
        "UPDATE notes SET words = rows.words FROM rows WHERE notes.id = rows.id RETURNING notes.id", Note
    )
    old, new = [Note(1, "a"), Note(2, None)], [Note(2, "c"), Note(3, "d"), Note(4, None)]
    assert await ledger.run(change([(insert, old)]))

    def work(*steps: Step) -> Work[list[int]]:
        return [len(found) for found in (yield steps)]

    assert await ledger.run(work((insert, new), (rename, [Note(1, "b"), Note(9, "")]))) == [2, 1]
    # In turn: the second sees what the first has done.
    assert await ledger.run(work((rename, [Note(3, "e")]), (rename, [Note(3, "f")]), (insert, [Note(5, "")]))) == [
        1,
        1,
        1,
    ]
    assert not await ledger.run(change([(insert, [Note(5, "g"), Note(6, "h")])]))

    def words() -> Work[list[str | None]]:
        return [words for (words,) in (yield from ask(_FIND, [Note(number, None) for number in range(9)]))]

    assert await ledger.run(words()) == ["b", None, "f", None, "", "h"]


async def test_works_and_other_writes_take_turns(ledger: Ledger) -> None:
    await _table(ledger)

    async def other(number: int) -> None:
        async with ledger.write() as connection:
            await connection.execute(text("INSERT INTO notes VALUES (:id, '')"), {"id": number})

    works = [ledger.run(_write(Note(number, ""))) for number in range(0, 100, 2)]
    await asyncio.gather(*works, *(other(number) for number in range(1, 100, 2)))
    assert await _count(ledger) == 100


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    with short_folder() as folder:
        server = Postgres(folder)
        server.create()
        server.start()
        yield server
        server.stop()


async def test_a_work_says_that_the_database_is_away_and_finds_it_again(own_postgres: Postgres) -> None:
    own_postgres.run("CREATE DATABASE shop")
    ledger = Ledger(own_postgres.url("shop").replace("postgresql", "postgresql+asyncpg", 1))
    await _table(ledger)
    assert await ledger.run(_write(Note(1, "before"))) == ["before"]
    own_postgres.kill()
    with pytest.raises(LedgerDown):
        await ledger.run(_write(Note(2, "lost")))
    own_postgres.start()
    assert await ledger.run(_write(Note(3, "after"))) == ["after"]
    await ledger.close()


def test_a_column_that_no_database_can_hold_is_refused() -> None:
    class Odd(Struct):
        when: float

    with pytest.raises(TypeError, match="float"):
        Statement("SELECT 1", Odd)
