"""The life of a job: claim, lease, fence, finish. Knows nothing of what the job is about.

Every function works on any table whose class has the ``Job`` columns, given as ``kind``.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import case, delete, func, null, select, update
from sqlalchemy.orm import Session

from backend.store import outbox
from backend.store.clock import now
from backend.store.errors import ConflictError, LeaseLostError, NotFoundError
from backend.store.tables import HELD, STATES, TERMINAL, Event, Job, State

J = TypeVar("J", bound=Job)

_FRESH = {"synchronize_session": False, "populate_existing": True}


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write on a claimed job, until somebody else has claimed it."""

    job_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job did not succeed: a code for programs and a message for a person."""

    code: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """Return the API's form."""
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did, and how many claimable jobs wait for a worker."""

    requeued: int
    failed: int
    cancelled: int
    waiting: int


def get(session: Session, kind: type[J], job_id: str) -> J:
    """Read a job. Raises NotFoundError."""
    job = session.get(kind, job_id, populate_existing=True)
    if job is None:
        raise NotFoundError(f"There is no {kind.__name__.lower()} {job_id!r}.")
    return job


def counts(session: Session, kind: type[J]) -> dict[State, int]:
    """Count the jobs in each state."""
    found = dict(session.execute(select(kind.state, func.count()).group_by(kind.state)).all())
    return {state: found.get(state, 0) for state in STATES}


# ---- asked by a person --------------------------------------------------------------------------------


def requeue(session: Session, job: Job, max_attempts: int) -> None:
    """Queue a failed or cancelled job again, behind the others, with all its attempts."""
    job.state = "queued"
    job.attempt = 0
    job.max_attempts = max_attempts
    job.error = job.last_failure = job.progress = job.worker = None
    job.started_at = job.finished_at = None
    _set_now(job, "queued_at")
    moved(session, job)


def cancel(session: Session, kind: type[J], job_id: str) -> J:
    """Cancel: queued → cancelled, running → cancelling, anything else stays. Raises NotFoundError."""
    statement = (
        update(kind)
        .where(kind.id == job_id, kind.state.in_(("queued", "running")))
        .values(
            state=case((kind.state == "queued", "cancelled"), else_="cancelling"),
            finished_at=case((kind.state == "queued", now()), else_=null()),
        )
        .returning(kind)
    )
    job = session.scalars(statement, execution_options=_FRESH).one_or_none()
    if job is None:
        return get(session, kind, job_id)
    moved(session, job)
    return job


def delete_finished(session: Session, kind: type[J], job_id: str) -> J:
    """Delete a job that is over, with its events. Raises NotFoundError, or ConflictError while it is not."""
    gone = session.scalars(
        delete(kind).where(kind.id == job_id, kind.state.in_(TERMINAL)).returning(kind),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    if gone is None:
        job = get(session, kind, job_id)
        raise ConflictError(f"{job_id} is {job.state}; cancel it and wait until it has stopped, then delete it.")
    session.execute(delete(Event).where(Event.job_id == job_id))
    outbox.add(session, job_id, "deleted", {})
    return gone


# ---- done by a worker ---------------------------------------------------------------------------------


def claim_next(session: Session, kind: type[J], worker: str, lease_seconds: float) -> J | None:
    """Claim the job that has been claimable longest, or return None when none is; see ``lease_of``."""
    oldest = (
        select(kind.id)
        .where(kind.state == "queued", kind.claimable())
        .order_by(kind.queued_at, kind.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=kind)  # PostgreSQL; on SQLite there is one writer and no clause
    )
    statement = (
        update(kind)
        .where(kind.id == oldest.correlate(None).scalar_subquery(), kind.state == "queued")
        .values(
            state="running",
            attempt=kind.attempt + 1,
            worker=worker,
            lease_token=secrets.token_hex(16),
            lease_expires_at=now() + lease_seconds,
            started_at=func.coalesce(kind.started_at, now()),
            progress=None,
        )
        .returning(kind)
    )
    job = session.scalars(statement, execution_options=_FRESH).one_or_none()
    if job is not None:
        moved(session, job)
    return job


def lease_of(job: Job) -> Lease:
    """Return the lease of a job that was just claimed."""
    if job.lease_token is None:
        raise ValueError(f"{job.id} is {job.state} and has no lease")
    return Lease(job.id, job.lease_token)


def held(session: Session, kind: type[J], lease: Lease) -> J:
    """Read and lock the job of a lease. Raises LeaseLostError when it is somebody else's by now."""
    statement = (
        select(kind)
        .where(kind.id == lease.job_id, kind.lease_token == lease.token, kind.state.in_(HELD))
        .with_for_update()
    )
    job = session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
    if job is None:
        raise LeaseLostError(f"{lease.job_id} is no longer held by this worker.")
    return job


def renew(session: Session, kind: type[J], lease: Lease, lease_seconds: float) -> State:
    """Prolong a lease and return the job's state, running or cancelling. Raises LeaseLostError."""
    job = held(session, kind, lease)
    _set(job, "lease_expires_at", now() + lease_seconds)
    return job.state


def state(session: Session, kind: type[J], lease: Lease) -> State:
    """Return the state of a held job without locking it. Raises LeaseLostError."""
    found = session.scalars(
        select(kind.state).where(kind.id == lease.job_id, kind.lease_token == lease.token)
    ).one_or_none()
    if found is None:
        raise LeaseLostError(f"{lease.job_id} is no longer held by this worker.")
    return found


def write_progress(session: Session, kind: type[J], lease: Lease, data: dict[str, Any]) -> None:
    """Keep the latest progress of a held job. Raises LeaseLostError."""
    held(session, kind, lease).progress = data
    outbox.add(session, lease.job_id, "progress", data)


def succeed(session: Session, kind: type[J], lease: Lease) -> J:
    """Finish a held job. It wins over a cancel that came while it was finishing. Raises LeaseLostError."""
    job = held(session, kind, lease)
    job.progress = None
    _end(session, job, "succeeded", None)
    return job


def fail(session: Session, kind: type[J], lease: Lease, failure: Failure, *, retry: bool) -> J:
    """End an attempt without a result: queue the job again if it may be retried, else fail it.

    A job that was being cancelled is cancelled instead. Raises LeaseLostError.
    """
    job = held(session, kind, lease)
    if job.state == "cancelling":
        _end(session, job, "cancelled", None)
    elif retry:
        _retry(session, job, failure.message)
    else:
        _end(session, job, "failed", failure)
    return job


def release(session: Session, kind: type[J], lease: Lease) -> J:
    """Give a job back unharmed, as when the worker is stopped: the attempt does not count.

    A job that was being cancelled is cancelled instead. Raises LeaseLostError.
    """
    job = held(session, kind, lease)
    if job.state == "cancelling":
        _end(session, job, "cancelled", None)
    else:
        job.attempt -= 1
        _back_to_queue(session, job)
    return job


def finish_cancel(session: Session, kind: type[J], lease: Lease) -> J:
    """Record that the work on a job being cancelled has stopped. Raises LeaseLostError."""
    job = held(session, kind, lease)
    _end(session, job, "cancelled", None)
    return job


# ---- done by a sweeper --------------------------------------------------------------------------------


def sweep(session: Session, kind: type[J]) -> Swept:
    """Take jobs from workers that let their lease run out, and count those that wait for a worker."""
    expired = session.scalars(
        select(kind).where(kind.state.in_(HELD), kind.lease_expires_at < now()).with_for_update(skip_locked=True),
        execution_options={"populate_existing": True},
    ).all()
    ended: list[State] = []
    for job in expired:
        if job.state == "cancelling":
            _end(session, job, "cancelled", None)
        else:
            _retry(session, job, f"its worker ({job.worker}) was not heard of any more")
        ended.append(job.state)
    session.flush()
    waiting = session.scalar(select(func.count()).where(kind.state == "queued", kind.claimable())) or 0
    return Swept(ended.count("queued"), ended.count("failed"), ended.count("cancelled"), waiting)


def fail_queued(session: Session, jobs: Sequence[tuple[Job, Failure]]) -> None:
    """Fail jobs that wait for something that will never come."""
    for job, failure in jobs:
        _end(session, job, "failed", failure)


# ---- steps of the life --------------------------------------------------------------------------------


def moved(session: Session, job: Job) -> None:
    """Announce the job's new state."""
    outbox.add(session, job.id, "state", {"state": job.state, "attempt": job.attempt, "error": job.error})


def _retry(session: Session, job: Job, reason: str) -> None:
    job.last_failure = reason
    if job.attempt < job.max_attempts:
        _back_to_queue(session, job)
        return
    tried = "The only attempt" if job.attempt == 1 else f"All {job.attempt} attempts"
    _end(session, job, "failed", Failure("attempts_exhausted", f"{tried} ended without a result; last, {reason}."))


def _back_to_queue(session: Session, job: Job) -> None:
    # queued_at stays: a job that was interrupted is not sent behind those that came later.
    job.state = "queued"
    job.worker = job.progress = None
    job.lease_token = job.lease_expires_at = None
    moved(session, job)


def _end(session: Session, job: Job, outcome: State, failure: Failure | None) -> None:
    job.state = outcome
    job.error = failure.as_json() if failure else None
    job.lease_token = job.lease_expires_at = None
    _set_now(job, "finished_at")
    # Who follows a finished run wants its epochs and its end, not every step in between.
    session.execute(delete(Event).where(Event.job_id == job.id, Event.kind == "progress"))
    moved(session, job)


def _set_now(job: Job, column: str) -> None:
    _set(job, column, now())


def _set(job: Job, column: str, value: Any) -> None:
    """Assign an SQL expression, which the mapped type of the attribute does not admit."""
    setattr(job, column, value)
