"""Workers that were heard of."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.store.clock import now
from backend.store.tables import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a worker says of itself with each heartbeat."""

    id: str
    host: str
    pid: int
    runner_pid: int | None
    device: str
    device_name: str
    threads: int
    job_id: str | None


def beat(session: Session, worker: Beat) -> None:
    """Record that a worker is alive."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if on_postgresql else sqlite.insert
    values = asdict(worker)
    session.execute(
        insert(Worker)
        .values(values)
        .on_conflict_do_update(index_elements=[Worker.id], set_={**values, "heartbeat_at": now()})
    )


def live(session: Session, within_seconds: float) -> Sequence[Worker]:
    """Return the workers that were heard of within this time, first started first."""
    heard = Worker.heartbeat_at >= now() - within_seconds
    return session.scalars(select(Worker).where(heard).order_by(Worker.started_at, Worker.id)).all()


def forget(session: Session, worker_id: str) -> None:
    """Drop a worker that says goodbye."""
    session.execute(delete(Worker).where(Worker.id == worker_id))


def forget_silent(session: Session, for_seconds: float) -> None:
    """Drop workers that were not heard of for this time: they were killed."""
    session.execute(delete(Worker).where(Worker.heartbeat_at < now() - for_seconds))
