import asyncio
from collections.abc import Iterator

import pytest
from msgspec import Struct
from sqlalchemy import text

from app.ledger.engine import Ledger, LedgerDown
from app.ledger.statement import NOTHING, SEPARATOR, Statement, Step, Work, ask, at_once, change, look
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


_INSERT = Statement.insert("notes", Note, "ON CONFLICT (id) DO NOTHING")
_RENAME = Statement("UPDATE notes SET words = rows.words FROM rows WHERE notes.id = rows.id RETURNING notes.id", Note)
_ANEW = Statement.insert("notes", Note)


def _words() -> Work[list[tuple[int, str | None]]]:
    every = Statement("SELECT notes.id, notes.words FROM notes CROSS JOIN rows ORDER BY notes.id", Note)
    return [(number, words) for number, words in (yield from ask(every, [Note(0, None)]))]


@pytest.mark.parametrize("within", [False, True])
async def test_steps_at_once_are_all_kept_or_none_of_them(ledger: Ledger, within: bool) -> None:
    await _table(ledger)

    def work(*steps: Step) -> Work[bool]:
        if within:
            yield [(_ADD, [])]
        return (yield from at_once(steps))

    a, b, c = Note(1, "a"), Note(2, "b"), Note(3, "c")
    assert await ledger.run(work((_INSERT, [a]), (_ANEW, [b])))
    assert await ledger.run(work((_RENAME, [Note(1, "A"), Note(2, "B")]), (_INSERT, [c])))
    kept = [(1, "A"), (2, "B"), (3, "c")]
    assert await ledger.run(_words()) == kept
    # One finds too few, whichever it is; a row is there already; a statement is taken twice.
    new = Note(4, "d")
    for steps in (
        [(_INSERT, [new]), (_RENAME, [Note(1, "x"), Note(9, "x")])],
        [(_INSERT, [a]), (_RENAME, [Note(1, "x")]), (_ANEW, [new])],
        [(_RENAME, [Note(1, "x")]), (_ANEW, [new, b])],
        [(_RENAME, [Note(1, "x")]), (_RENAME, [Note(9, "x")])],
    ):
        assert not await ledger.run(work(*steps))
        assert await ledger.run(_words()) == kept
    assert await ledger.run(work((_RENAME, [Note(1, "x")]), (_RENAME, [Note(1, "a")]), (_ANEW, [new])))
    assert await ledger.run(work())
    assert await ledger.run(_words()) == [(1, "a"), *kept[1:], (4, "d")]


async def test_a_work_goes_on_after_steps_that_were_not_kept_and_is_undone_as_a_whole(ledger: Ledger) -> None:
    await _table(ledger)

    def work(*, fail: bool) -> Work[list[str | None]]:
        assert not (yield from at_once([(_ANEW, [Note(1, "lost"), Note(1, "twice")])]))
        yield [(_ADD, [Note(1, "a")])]
        assert not (yield from at_once([(_INSERT, [Note(2, "lost")]), (_RENAME, [Note(9, "x")])]))
        assert (yield from at_once([(_INSERT, [Note(3, "c")])]))
        if fail:
            raise RuntimeError
        return [words for (words,) in (yield from look(_FIND, [Note(number, None) for number in range(9)]))]

    with pytest.raises(RuntimeError):
        await ledger.run(work(fail=True))
    assert await _count(ledger) == 0
    assert await ledger.run(work(fail=False)) == ["a", "c"]
    assert await _count(ledger) == 2


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


async def test_what_is_taken_at_once_is_one_turn_for_postgresql(own_postgres: Postgres) -> None:
    own_postgres.run("CREATE DATABASE shop")
    ledger = Ledger(own_postgres.url("shop").replace("postgresql", "postgresql+asyncpg", 1))
    await _table(ledger)

    def work(note: Note) -> Work[bool]:
        yield from look(_FIND, [note])
        return (yield from at_once([(_RENAME, []), (_INSERT, [note])]))

    assert await ledger.run(work(Note(1, "a")))  # the driver learns the types
    asked: list[str] = []
    async with ledger._straight() as driver:
        driver.add_query_logger(lambda query: asked.append(query.query))
    assert await ledger.run(work(Note(2, "b")))
    await ledger.close()
    assert [query.partition(" AS")[0] for query in asked] == ["WITH rows", "WITH step0"]


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
