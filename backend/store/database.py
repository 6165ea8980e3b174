"""Connections and transactions, on SQLite and on PostgreSQL alike."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.orm import Session

from backend.store import outbox
from backend.store.errors import DatabaseError

WRITE = "paretoscope_write"  # the execution option that marks a connection as a writer's
_BUSY_SECONDS = 10


class Database:
    """One database. Cheap to make; open it after a fork, never before."""

    def __init__(self, url: str) -> None:
        self.kind: Literal["sqlite", "postgresql"] = (
            "sqlite" if make_url(url).get_backend_name() == "sqlite" else "postgresql"
        )
        self.engine = open_engine(url)
        self._writer = self.engine.execution_options(**{WRITE: True})

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one consistent state; whatever it changes is dropped."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session whose changes and events are committed together at the end, or not at all."""
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session
            outbox.flush(session)

    def ok(self) -> bool:
        """Tell whether the database answers."""
        try:
            with self.read() as session:
                return session.scalar(select(1)) == 1
        except DatabaseError:
            return False

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """Open an engine with the connection rules of this project: on SQLite write-ahead log and one writer."""
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 5}, json_serializer=_json)
        event.listen(engine, "connect", _configure_postgresql)
        return engine
    if file := make_url(url).database:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": _BUSY_SECONDS},
        pool_size=8,
        max_overflow=56,  # one for each thread of a web server: waiting is SQLite's business
        json_serializer=_json,
    )
    event.listen(engine, "connect", partial(_configure_sqlite, foreign_keys=foreign_keys))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


# NaN is no JSON and PostgreSQL refuses it; better here, where the caller is still on the stack.
_json = partial(json.dumps, allow_nan=False)


def _configure_sqlite(connection: Any, _record: object, *, foreign_keys: bool) -> None:
    connection.isolation_level = None  # the driver must not begin transactions behind our back
    cursor = connection.cursor()
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
    cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Switch a new file to WAL. Two connections that do so at once lock each other out, timeout or not: try again."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads first and writes later fails with "database is locked" at once,
    # whatever the timeout; a writer therefore takes the lock when it begins.
    writes = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _configure_postgresql(connection: Any, _record: object) -> None:
    # A worker that is frozen inside a transaction must not hold its row for ever.
    connection.autocommit = True
    connection.execute("SET idle_in_transaction_session_timeout = '15s'")
    connection.execute("SET lock_timeout = '10s'")
    connection.autocommit = False
