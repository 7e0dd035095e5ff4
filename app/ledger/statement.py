"""Statements for what happens thousands of times a second: one SQL text, prepared once, with any number of rows.

A `Statement` reads its rows from a table `rows`, which both databases unpack from one JSON parameter, so a batch costs
one statement whatever its size. A `Work` is a transaction made of them: a generator that yields a statement with its
rows and is sent what came back. It does no I/O, so `Ledger.run` can take it to SQLite's thread or over PostgreSQL's
wire in as few steps as it has statements.
"""

from collections.abc import Generator, Sequence
from types import UnionType
from typing import Any, TypeVar, get_args

import msgspec

T = TypeVar("T")


class Id(msgspec.Struct, frozen=True):
    """A row of `rows` that names something."""

    id: str


class Statement:
    """`sql`, which may read `rows`: a table with the fields of the Struct `row` as its columns.

    `lock`: keep others from changing the rows of this table that are selected, until the transaction ends; SQLite has
    one writer anyway.
    """

    def __init__(self, sql: str, row: type[msgspec.Struct], *, lock: str | None = None) -> None:
        columns = [(field.name, _kind(field.type)) for field in msgspec.structs.fields(row)]
        typed = ", ".join(f'"{name}" {kind}' for name, kind in columns)
        taken = ", ".join(f"json_extract(value, '$.{name}') AS \"{name}\"" for name, _ in columns)
        # Only names that the code itself declares; every value travels in the parameter.
        self.sqlite_many: str | None = None
        self.postgresql = f"WITH rows AS (SELECT * FROM json_to_recordset($1::json) AS one({typed})) {sql}"  # noqa: S608
        if lock is not None:
            self.postgresql += f" FOR UPDATE OF {lock}"
        self.sqlite = f"WITH rows AS (SELECT {taken} FROM json_each(?)) {sql}"  # noqa: S608

    @classmethod
    def insert(cls, table: str, row: type[msgspec.Struct], conflict: str = "") -> "Statement":
        """Every row into the table, whose columns have the fields' names. Sent back: a row for each that was kept."""
        fields = msgspec.structs.fields(row)
        names = ", ".join(f'"{field.name}"' for field in fields)
        made = cls(f"INSERT INTO {table} ({names}) SELECT {names} FROM rows {conflict} RETURNING 1", row)  # noqa: S608
        # SQLite takes values apart from JSON one by one, and longer documents slowly; it binds them at once.
        made.sqlite_many = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(fields))}) {conflict}"  # noqa: S608
        return made


# What a step of a Work gets back: the rows that its statement returned.
Found = Sequence[Sequence[Any]]
Step = tuple[Statement, Sequence[msgspec.Struct]]
Work = Generator[Step, Found, T]


def parameter(rows: Sequence[msgspec.Struct]) -> str:
    """The rows as the statement's one parameter."""
    return msgspec.json.encode(rows).decode()


def _kind(type_: Any) -> str:
    kinds = [kind for kind in (get_args(type_) if isinstance(type_, UnionType) else (type_,)) if kind is not type(None)]
    if len(kinds) == 1 and issubclass(kinds[0], str):
        return "text"
    if kinds == [int]:
        return "bigint"
    raise TypeError(f"no column can hold {type_!r}")
