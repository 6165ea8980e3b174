"""Bring a database to the tables of this version."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import func, select

from backend.store.database import WRITE, open_engine
from backend.store.errors import StoreError

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x6D69_6772  # "migr"


class SchemaError(StoreError):
    """The database's tables are not the ones that this version works with."""


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade the database, all or nothing of it; it is made when it is not there. Raises SchemaError."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Go back to an older revision (``base``: to an empty database). Raises SchemaError."""
    _run(url, lambda config: command.downgrade(config, revision))


def check(url: str) -> None:
    """Raise SchemaError, with what to do, when the database's tables are not those of this version."""
    wanted = ScriptDirectory(_FOLDER).get_current_head()
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    if present != wanted:
        raise SchemaError(
            f"The database is at revision {present or 'none'}, this version needs {wanted}: "
            "run `paretoscope migrate` (or update Paretoscope, if the database is the newer one)."
        )


def _run(url: str, step: Callable[[Config], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    engine = open_engine(url, foreign_keys=False)  # SQLite alters a table by copying and dropping it
    try:
        with engine.execution_options(**{WRITE: True}).begin() as connection:
            if engine.dialect.name == "postgresql":  # SQLite has one writer anyway
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            config.attributes["connection"] = connection
            step(config)
    except CommandError as error:
        raise SchemaError(f"The database cannot be migrated: {error}") from error
    finally:
        engine.dispose()
