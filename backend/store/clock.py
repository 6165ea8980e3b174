"""The database's own clock: workers on several machines compare leases by one clock, not by theirs."""

from typing import Any

from sqlalchemy import Double
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class now(FunctionElement[float]):  # noqa: N801 - reads as the SQL function that it is
    """Seconds since 1970-01-01 UTC as a float, at the moment that the statement runs."""

    type = Double()
    inherit_cache = True


@compiles(now, "sqlite")
def _sqlite_now(_element: now, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _postgresql_now(_element: now, _compiler: SQLCompiler, **_kw: Any) -> str:
    # Not CURRENT_TIMESTAMP: that is when the transaction began, which may have waited for a lock since.
    return "EXTRACT(EPOCH FROM clock_timestamp())::double precision"
