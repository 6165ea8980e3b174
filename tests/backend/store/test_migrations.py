"""The migrations make exactly the tables that the code uses, on both databases, and undo them."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Table, inspect, text

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
    with pytest.raises(SchemaError, match="revision none, this version needs 0002"):
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


def test_rows_of_the_first_version_stay(empty_url: str) -> None:
    migrate(empty_url, "0001")
    engine = open_engine(empty_url)
    table = Table("runs", MetaData(), autoload_with=engine)
    assert not {"scores", "further_cost"} & set(table.columns.keys())
    old = {"id": "run_1", "label": "old", "state": "queued", "attempt": 0, "max_attempts": 3}
    old |= {"created_at": 1.0, "queued_at": 1.0, "variant": {}, "dataset": "digits", "architecture": "tinyconv"}
    old |= {"fingerprint": new(1).fingerprint, "baseline": new(1).baseline, **new(1).cost}
    with engine.begin() as connection:
        connection.execute(table.insert(), old)
    engine.dispose()
    migrate(empty_url)
    database = Database(empty_url)
    with database.read() as session:
        run = runs.get(session, "run_1")
        assert (run.label, run.cost, run.baseline, run.scores) == ("old", new(1).cost, new(1).baseline, None)
    database.close()
    downgrade(empty_url, "0001")
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT label FROM runs")).scalars().all() == ["old"]
    engine.dispose()


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
