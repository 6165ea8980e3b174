"""Events wait here until their transaction commits.

A reader of events goes by sequence number, so a number must never appear below one that was already seen.
PostgreSQL hands numbers out before the commit, in any order; the writers therefore insert events as the very
last thing and one after the other. Being last, that lock can take part in no deadlock. SQLite has one writer
anyway.
"""

from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.store.tables import Event

_KEY = "outbox"
_LOCK = 0x7061_7265  # "pare"; any number that all writers agree on


def add(session: Session, job_id: str, kind: str, data: dict[str, Any]) -> None:
    """Have an event written when the session's transaction commits."""
    session.info.setdefault(_KEY, []).append({"job_id": job_id, "kind": kind, "data": data})


def flush(session: Session) -> None:
    """Write the waiting events; only ``Database.write`` calls this, right before the commit."""
    waiting: list[dict[str, Any]] = session.info.pop(_KEY, [])
    if not waiting:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    session.execute(insert(Event), waiting)
