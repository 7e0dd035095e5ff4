"""Statements for what happens thousands of times a second: one SQL text, prepared once, with any number of rows.

A `Statement` reads its rows from a table `rows`, which PostgreSQL unpacks from an array or a text a column and SQLite
from one JSON parameter, so a batch costs one statement whatever its size. A `Work` is a transaction made of them: a
generator that yields steps, each a statement with its rows, and is sent what came back. It does no I/O, so `Ledger.run`
can take it to SQLite's thread or over PostgreSQL's wire in as few turns as it yields. Where it says so (`Look`,
`AtOnce`), PostgreSQL is asked for no more than that turn: to begin and to commit are turns, too.
"""

from collections.abc import Generator, Sequence
from functools import lru_cache
from types import UnionType
from typing import Any, TypeVar, get_args

import msgspec

T = TypeVar("T")

# What stands between the values of a column that is sent as one text, and for a value that is not there: control
# characters that hardly a text has. PostgreSQL takes such a text apart faster than the driver packs an array.
SEPARATOR, NOTHING = "\x1f", "\x1e"
# What PostgreSQL's log says of a guarded text that came to nothing.
MISSED = "a step has not found all of its rows"
_JOINED = "string_to_array(${number}::text, chr(31), chr(30))::{kind}[]"
_ARRAY = "${number}::{kind}[]"


class Id(msgspec.Struct, frozen=True):
    """A row of `rows` that names something."""

    id: str


class _Column(msgspec.Struct, frozen=True):
    """A column of `rows`, its type in PostgreSQL, and whether a value may be missing."""

    name: str
    kind: str
    optional: bool


class Statement:
    """`sql`, which may read `rows`: a table with the fields of the Struct `row` as its columns.

    `lock`: keep others from changing the rows of this table that are selected, until the transaction ends; SQLite has
    one writer anyway.
    """

    def __init__(self, sql: str, row: type[msgspec.Struct], *, lock: str | None = None) -> None:
        columns = [_column(field) for field in msgspec.structs.fields(row)]
        # Only names that the code itself declares; every value travels in a parameter.
        taken = ", ".join(f"json_extract(value, '$.{one.name}') AS \"{one.name}\"" for one in columns)
        self.sqlite = f"WITH rows AS (SELECT {taken} FROM json_each(?)) {sql}"  # noqa: S608 - names only
        self.sqlite_many: str | None = None
        self.columns = columns
        self._sql = sql if lock is None else f"{sql} FOR UPDATE OF {lock}"
        # What it is to PostgreSQL when it is taken alone, by whether its parameters are joined.
        self.alone = {joined: self.postgresql(joined=joined) for joined in (False, True)}

    @classmethod
    def insert(cls, table: str, row: type[msgspec.Struct], conflict: str = "") -> "Statement":
        """Every row into the table, whose columns have the fields' names. Sent back: a row for each that was kept."""
        fields = msgspec.structs.fields(row)
        names = ", ".join(f'"{field.name}"' for field in fields)
        made = cls(f"INSERT INTO {table} ({names}) SELECT {names} FROM rows {conflict} RETURNING 1", row)  # noqa: S608 - names only
        # SQLite takes values apart from JSON one by one, and longer documents slowly; it binds them at once.
        made.sqlite_many = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(fields))}) {conflict}"  # noqa: S608 - names only
        return made

    def postgresql(self, first: int = 1, *, joined: bool = False) -> str:
        """The text whose parameters, an array or (`joined`) a text a column, begin with number `first`."""
        names = ", ".join(f'"{one.name}"' for one in self.columns)
        column = _JOINED if joined else _ARRAY
        arrays = ", ".join(column.format(number=at, kind=one.kind) for at, one in enumerate(self.columns, first))
        return f"WITH rows AS (SELECT * FROM unnest({arrays}) AS one({names})) {self._sql}"  # noqa: S608 - names only


# What a step of a Work gets back: the rows that its statement returned.
Found = Sequence[Sequence[Any]]
Step = tuple[Statement, Sequence[msgspec.Struct]]
# Steps that are yielded at once depend on nothing that another of them does. Of each among several only the number of
# rows comes back (as so many empty ones); a statement that occurs twice among them is taken in turn.
Work = Generator[Sequence[Step], Sequence[Found], T]


class Look(tuple[Step, ...]):
    """Steps that only read, and lock nothing. What others change meanwhile is for the guards of what follows."""


class AtOnce(tuple[Step, ...]):
    """Steps of which all are kept, durably, or none, because one does not find all of its rows or may not be: then
    nothing is sent back, and the Work can go on otherwise. After other steps they are part of the transaction that
    those began."""


def ask(statement: Statement, rows: Sequence[msgspec.Struct]) -> Work[Found]:
    """What a single step finds."""
    (found,) = yield [(statement, rows)]
    return found


def look(statement: Statement, rows: Sequence[msgspec.Struct]) -> Work[Found]:
    """What a single step finds that only reads; see `Look`."""
    (found,) = yield Look([(statement, rows)])
    return found


def at_once(steps: Sequence[Step]) -> Work[bool]:
    """Take all of the steps or none; whether they were taken. See `AtOnce`."""
    return not steps or bool((yield AtOnce(steps)))


def complete(steps: Sequence[Step], found: Sequence[Found]) -> bool:
    """Whether each step has found all of its rows."""
    return all(len(of_step) == len(rows) for of_step, (_, rows) in zip(found, steps, strict=True))


def change(steps: Sequence[Step]) -> Work[bool]:
    """Take the steps at once; whether each has found all of its rows."""
    return complete(steps, (yield steps))


def parameters(step: Step) -> tuple[bool, Sequence[Any]]:
    """A step's parameters for PostgreSQL, one a column, and whether each of them is a text instead of an array."""
    statement, rows = step
    if not rows:
        return False, [[] for _ in statement.columns]
    columns = list(zip(*map(msgspec.structs.astuple, rows), strict=True))
    # A text with nothing in it is no value rather than an empty one, so there have to be two.
    texts = list(map(_text, statement.columns, columns)) if len(rows) > 1 else [None]
    return (False, columns) if None in texts else (True, texts)


def _text(column: _Column, values: Sequence[Any]) -> str | None:
    """A column's values as one text; None when one of them has a character that means something in it."""
    if column.kind == "bigint":
        # No number has, and JSON writes all of them at once.
        return msgspec.json.encode(values).decode()[1:-1].replace(",", SEPARATOR).replace("null", NOTHING)
    said = "".join([value for value in values if value is not None] if column.optional else values)
    if SEPARATOR in said or NOTHING in said:
        return None
    return SEPARATOR.join([NOTHING if value is None else value for value in values] if column.optional else values)


def document(step: Step) -> str:
    """A step's one parameter for SQLite."""
    return msgspec.json.encode(step[1]).decode()


@lru_cache(maxsize=256)
def combined(statements: tuple[tuple[Statement, bool], ...], *, guarded: bool = False) -> str:
    """One text for PostgreSQL that takes all of them, joined ones or not, and returns how many rows each has
    returned.

    `guarded`: it fails, and leaves nothing, unless each has returned as many as the last parameters say, one a
    statement. PostgreSQL has no word to fail with, but what is no boolean cannot become one.
    """
    parts, first = [], 1
    for number, (statement, joined) in enumerate(statements):
        parts.append(f"step{number} AS ({statement.postgresql(first, joined=joined)})")
        first += len(statement.columns)
    counts = [f"(SELECT count(*) FROM step{number})" for number in range(len(statements))]  # noqa: S608 - names only
    asked = ", ".join(counts)
    if guarded:
        all_there = " AND ".join(f"{count} = ${number}" for number, count in enumerate(counts, first))
        asked = f"(CASE WHEN {all_there} THEN 'true' ELSE '{MISSED}' END)::boolean"
    return f"WITH {', '.join(parts)} SELECT {asked}"


def _column(field: msgspec.structs.FieldInfo) -> _Column:
    kinds = set(get_args(field.type) if isinstance(field.type, UnionType) else (field.type,))
    optional = type(None) in kinds
    kinds.discard(type(None))
    if len(kinds) == 1 and issubclass(next(iter(kinds)), str):
        return _Column(field.name, "text", optional)
    if kinds == {int}:
        return _Column(field.name, "bigint", optional)
    raise TypeError(f"no column can hold {field.type!r}")
