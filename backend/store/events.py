"""What happened, in order; the source of the Server-Sent Events."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.store.tables import Event


def after(session: Session, seq: int, job_id: str | None = None, limit: int = 500) -> Sequence[Event]:
    """Return the events behind ``seq``, of one job or of all, oldest first."""
    statement = select(Event).where(Event.seq > seq).order_by(Event.seq).limit(limit)
    if job_id is not None:
        statement = statement.where(Event.job_id == job_id)
    return session.scalars(statement).all()


def last(session: Session) -> int:
    """Return the number of the latest event, 0 when there is none."""
    return session.scalar(select(func.max(Event.seq))) or 0
