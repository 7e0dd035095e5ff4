"""One door to the ledger's database: consistent reads and one-transaction writes, on SQLite or PostgreSQL."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, TypeVar

import asyncpg
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.config import Config, ConfigError
from app.errors import Unavailable
from app.ledger.statement import Work
from app.ledger.transaction import run_on_postgres, run_on_sqlite

T = TypeVar("T")
Dialect = Literal["sqlite", "postgresql"]

# SQLite: how long a writer waits for another process (a backup, a migration) before it gives up.
BUSY_TIMEOUT_MS = 10_000
# Readers never wait for the writer in WAL mode, so a few connections serve many requests.
SQLITE_READERS = 4
POSTGRES_POOL = 16
# Of these, for works: each kind of batch has one under way at a time, and there are three kinds.
STRAIGHT = 4
# Works find everything by its key. A plan that was made while the tables were small would read all of them for ever,
# and making one anew for each batch costs as much as a dozen of its rows.
_BY_KEY = "; ".join(
    f"SET {setting}"
    for setting in (
        "enable_seqscan = off", "enable_hashjoin = off", "enable_mergejoin = off",
        "plan_cache_mode = force_generic_plan",
    )
)  # fmt: skip
CONNECT_TIMEOUT_S = 5.0


class LedgerDown(Unavailable):
    """The database does not answer. What was in flight may or may not have been kept: ask again with the same key."""

    slug = "busy"

    def __init__(self) -> None:
        super().__init__("The shop's ledger does not answer right now; please try again in a moment.")


def ledger_url(config: Config) -> URL:
    """The database that `config` names, else `ledger.db` in the data folder. Raises ConfigError."""
    if config.database_url is None:
        return URL.create("sqlite+aiosqlite", database=str(config.data / "ledger.db"))
    try:
        url = make_url(config.database_url)
    except (exc.ArgumentError, ValueError):
        raise ConfigError("DATABASE_URL cannot be read; use one like postgresql://name:password@host/shop.") from None
    if url.get_backend_name() == "sqlite":
        if not url.database:
            raise ConfigError("DATABASE_URL names no file; use one like sqlite:////var/lib/laufsteg/ledger.db.")
        return url.set(drivername="sqlite+aiosqlite")
    return _asyncpg_url(url)


def _asyncpg_url(url: URL) -> URL:
    # libpq calls it sslmode, asyncpg ssl; people paste libpq's form.
    query = {("ssl" if key == "sslmode" else key): value for key, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query)


class Ledger:
    """The database. Open one a process, close it at the end; connections are made when they are needed."""

    def __init__(self, url: URL | str) -> None:
        self.url = make_url(url)
        self.dialect: Dialect = "sqlite" if self.url.get_backend_name() == "sqlite" else "postgresql"
        if self.dialect == "sqlite":
            self._writer = _sqlite_engine(self.url, writes=True)
            self._reader = _sqlite_engine(self.url, writes=False)
        else:
            self._writer = _postgres_engine(self.url)
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # SQLite takes one writer at a time: waiting here is first come first served, waiting there is a lottery.
        self._turn = asyncio.Lock() if self.dialect == "sqlite" else contextlib.nullcontext()
        self._thread = ThreadPoolExecutor(1, "ledger") if self.dialect == "sqlite" else None
        self._direct: sqlite3.Connection | None = None
        self._straight_turn = asyncio.Semaphore(STRAIGHT)
        self._idle: list[tuple[AsyncConnection, asyncpg.Connection[Any] | None]] = []

    @classmethod
    def of(cls, config: Config) -> "Ledger":
        """The ledger that `config` names."""
        return cls(ledger_url(config))

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading; everything read inside belongs to one moment. Raises LedgerDown."""
        with _down():
            async with contextlib.AsyncExitStack() as stack:
                with _unreachable():
                    connection = await stack.enter_async_context(self._reader.connect())
                yield connection

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: kept durably on leaving, undone when an exception leaves. Raises LedgerDown."""
        with _down():
            async with self._turn, contextlib.AsyncExitStack() as stack:
                with _unreachable():
                    connection = await stack.enter_async_context(self._writer.begin())
                yield connection

    async def run(self, work: Work[T]) -> T:
        """One transaction of prepared statements: kept durably on return, undone when it raises. Raises LedgerDown."""
        if self._thread is not None:
            with _down():
                async with self._turn:
                    return await asyncio.get_running_loop().run_in_executor(self._thread, self._run_direct, work)
        with _down():
            async with self._straight() as driver:
                return await run_on_postgres(driver, work)

    @contextlib.asynccontextmanager
    async def _straight(self) -> "AsyncIterator[asyncpg.Connection[Any]]":
        """A connection of PostgreSQL's driver; it is kept for the next work, as long as it is good."""
        async with self._straight_turn:
            with _unreachable():
                connection, driver = self._idle.pop() if self._idle else (await self._writer.connect(), None)
            try:
                if driver is None or driver.is_closed():
                    with _unreachable():
                        driver = await _driver(connection)
                        while driver.is_closed():  # the server was away meanwhile
                            await connection.invalidate()
                            driver = await _driver(connection)
                    await driver.execute(_BY_KEY)
                yield driver
            except asyncio.CancelledError:
                await connection.invalidate()
                await connection.close()
                raise
            finally:
                if not connection.closed:
                    self._idle.append((connection, driver))

    def _run_direct(self, work: Work[T]) -> T:
        if self._direct is None:
            timeout_s = BUSY_TIMEOUT_MS / 1000
            self._direct = sqlite3.connect(self.url.database or "", timeout=timeout_s, isolation_level=None)
            _prepare(self._direct, writes=True)
        return run_on_sqlite(self._direct, work)

    async def close(self) -> None:
        """Close every connection."""
        if self._thread is not None:
            if self._direct is not None:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._direct.close)
                self._direct = None
            self._thread.shutdown()
        while self._idle:
            await self._idle.pop()[0].close()
        await self._writer.dispose()
        await self._reader.dispose()


@contextlib.contextmanager
def _down() -> Iterator[None]:
    try:
        yield
    except exc.DBAPIError as error:
        if error.connection_invalidated or _refused(error.orig):
            raise LedgerDown from error
        raise
    except (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError) as error:
        if isinstance(error, asyncpg.InterfaceError | ConnectionError) or _refused(error):
            raise LedgerDown from error
        raise


@contextlib.contextmanager
def _unreachable() -> Iterator[None]:
    try:
        yield
    except (OSError, exc.TimeoutError) as error:  # nobody listens, or every pooled connection is busy
        raise LedgerDown from error


async def _driver(connection: AsyncConnection) -> "asyncpg.Connection[Any]":
    driver: asyncpg.Connection[Any] = (await connection.get_raw_connection()).driver_connection
    return driver


def _refused(error: BaseException | None) -> bool:
    # Class 08: connection exceptions; 40: the server undid the transaction; 53: it is out of room or connections;
    # 57P0x: it shuts down or starts. SQLite says it in words.
    state, words = str(getattr(error, "sqlstate", None) or ""), str(error)
    return state.startswith(("08", "40", "53", "57P0")) or "database is locked" in words or "disk is full" in words


def _sqlite_engine(url: URL, *, writes: bool) -> AsyncEngine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        pool_size=1 if writes else SQLITE_READERS,
        max_overflow=0,
        hide_parameters=True,  # an error must not bring what customers wrote into the log
        connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, record: object) -> None:
        _prepare(connection, writes=writes)

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        # The driver begins nothing by itself (isolation_level None); a deferred writer would meet SQLITE_BUSY later.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _prepare(connection: Any, *, writes: bool) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    if not writes:
        cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def _postgres_engine(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=POSTGRES_POOL,
        max_overflow=0,
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT_TIMEOUT_S,
            "server_settings": {"synchronous_commit": "on", "timezone": "UTC", "application_name": "laufsteg"},
        },
    )
