"""The migrations make exactly the tables that the code uses, on both databases, and undo them."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from backend.store import runs
from backend.store.database import Database, open_engine
from backend.store.migrate import SchemaError, check, downgrade, migrate
from backend.store.tables import Base
from tests.backend.store.make import new


def tables(url: str) -> set[str]:
    engine = open_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_up_equals_the_code_and_down_leaves_nothing(empty_url: str) -> None:
    with pytest.raises(SchemaError, match="revision none, this version needs 0001"):
        check(empty_url)
    migrate(empty_url)
    migrate(empty_url)  # again changes nothing
    check(empty_url)
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": Base.metadata})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
    assert tables(empty_url) == {*Base.metadata.tables, "alembic_version"}
    downgrade(empty_url, "base")
    assert tables(empty_url) == {"alembic_version"}
    migrate(empty_url)
    check(empty_url)


def test_migrating_keeps_the_rows(url: str) -> None:
    database = Database(url)
    with database.write() as session:
        runs.submit(session, [new(1)])
    migrate(url)
    with database.read() as session:
        assert runs.find(session).total == 1
    database.close()


def test_several_processes_may_migrate_at_once(empty_url: str) -> None:
    errors: list[Exception] = []

    def run() -> None:
        try:
            migrate(empty_url)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    check(empty_url)


def test_a_database_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    migrate(empty_url)
    engine = open_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SchemaError, match="revision 9999"):
        check(empty_url)
    with pytest.raises(SchemaError, match="cannot be migrated"):
        migrate(empty_url)
