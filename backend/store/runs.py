"""Runs: submit, list, read, delete; and what a worker writes beside the life of the job."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Select, and_, delete, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from backend.store import artifacts, jobs, outbox, studies
from backend.store.clock import now
from backend.store.errors import ConflictError
from backend.store.files import Stored
from backend.store.ids import new_id
from backend.store.jobs import Failure, Lease, Swept
from backend.store.paging import Page, page
from backend.store.tables import TERMINAL, Epoch, Run, State, StudyRun

SORT_KEYS: dict[str, InstrumentedAttribute[Any]] = {
    "created_at": Run.created_at,
    "finished_at": Run.finished_at,
    "top1": Run.top1,
    "macs": Run.macs,
    "params": Run.params,
    "bits": Run.bits,
    "state": Run.state,
}
COST_COLUMNS = ("params", "macs", "bits", "activations")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A checked variant that is asked for; ``variant`` is its canonical JSON as plain data.

    ``cost`` has the keys of ``COST_COLUMNS`` and any others, ``baseline`` the same ones.
    """

    fingerprint: str
    variant: dict[str, Any]
    dataset: str
    architecture: str
    label: str
    cost: dict[str, int]
    baseline: dict[str, int]
    scores: dict[str, float] = field(default_factory=dict)
    start_run_id: str | None = None
    max_attempts: int = 3


@dataclass(frozen=True, slots=True)
class Submitted:
    """A run that was asked for, and whether that put it in the queue (else it was there already)."""

    run: Run
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs to list; an empty field does not restrict. Each word of `text` is in the label, id or a name."""

    states: Sequence[State] = ()
    dataset: str | None = None
    architecture: str | None = None
    study_id: str | None = None
    text: str = ""


# ---- asked by a person --------------------------------------------------------------------------------


def submit(session: Session, asked: Sequence[NewRun], study_id: str | None = None) -> list[Submitted]:
    """Ask for runs, answered in the same order, and add them to a study.

    A variant has one run: one that is queued, at work or done is returned as it is; one that failed or was
    cancelled is queued again. Raises ConflictError when a run's data set is not the study's.
    """
    # In one order for everybody, so that two submissions cannot wait for each other.
    new = {one.fingerprint: one for one in sorted(asked, key=lambda one: one.fingerprint)}
    turn = {fingerprint: i for i, fingerprint in enumerate(dict.fromkeys(one.fingerprint for one in asked))}
    created = _insert_missing(session, list(new.values()), turn)
    runs = _locked(session, list(new))
    for fingerprint in turn:
        run = runs[fingerprint]
        if run.scores is None:  # stored by a version that did not count so much
            run.further_cost, run.scores = _further(new[fingerprint].cost), new[fingerprint].scores
        if run.id in created:
            jobs.moved(session, run)
        elif run.state in ("failed", "cancelled"):
            run.metrics = run.top1 = None
            jobs.requeue(session, run, new[fingerprint].max_attempts)
            created.add(run.id)
    session.flush()
    if study_id is not None:
        studies.add_runs(session, study_id, list(runs.values()))
    answer = []
    for one in asked:
        run = runs[one.fingerprint]
        answer.append(Submitted(run, run.id in created))
        created.discard(run.id)  # a variant that was given twice is created once
    return answer


def get(session: Session, run_id: str) -> Run:
    """Read a run. Raises NotFoundError."""
    return jobs.get(session, Run, run_id)


def find(
    session: Session,
    where: RunFilter | None = None,
    *,
    sort: str = "-created_at",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Run]:
    """List runs, a page at a time; see ``paging.page`` for the order, the limit and the errors."""
    where = where or RunFilter()
    statement: Select[Run] = select(Run)
    if where.states:
        statement = statement.where(Run.state.in_(where.states))
    if where.dataset is not None:
        statement = statement.where(Run.dataset == where.dataset)
    if where.architecture is not None:
        statement = statement.where(Run.architecture == where.architecture)
    if where.study_id is not None:
        statement = statement.where(exists().where(StudyRun.run_id == Run.id, StudyRun.study_id == where.study_id))
    for word in where.text.split():
        columns = (Run.label, Run.id, Run.dataset, Run.architecture)
        statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return page(session, statement, sort=sort, keys=SORT_KEYS, row_id=Run.id, limit=limit, cursor=cursor)


def history(session: Session, run_id: str) -> list[dict[str, Any]]:
    """Return the metrics of the run's finished epochs, first epoch first."""
    return list(session.scalars(select(Epoch.data).where(Epoch.run_id == run_id).order_by(Epoch.epoch)))


def cancel(session: Session, run_id: str) -> Run:
    """Cancel a run; see ``jobs.cancel``. Raises NotFoundError."""
    return jobs.cancel(session, Run, run_id)


def delete_run(session: Session, run_id: str) -> list[str]:
    """Delete a run that is over and return the hashes of its artifacts, for ``artifacts.collect``.

    Raises NotFoundError, and ConflictError while it runs or an unfinished run starts from its weights.
    """
    needed_by = session.scalars(
        select(Run.id).where(Run.start_run_id == run_id, Run.state.not_in(TERMINAL)).limit(1)
    ).one_or_none()
    if needed_by is not None:
        raise ConflictError(f"{needed_by} starts from the weights of {run_id}; wait for it or cancel it first.")
    jobs.delete_finished(session, Run, run_id)
    return artifacts.forget(session, run_id)


# ---- done by a worker ---------------------------------------------------------------------------------


def write_epochs(session: Session, lease: Lease, epochs: Sequence[dict[str, Any]]) -> None:
    """Record finished epochs, given in order. What an attempt repeats differently replaces what was there.

    Raises LeaseLostError.
    """
    if not epochs:
        return
    jobs.held(session, Run, lease)
    later = and_(Epoch.run_id == lease.job_id, Epoch.epoch >= epochs[0]["epoch"])
    known: dict[int, dict[str, Any]] = dict(session.execute(select(Epoch.epoch, Epoch.data).where(later)).all())
    for data in epochs:
        number = data["epoch"]
        if known.get(number) == data:
            continue  # an attempt that resumes tells again what it found in the checkpoint
        if known:
            session.execute(delete(Epoch).where(Epoch.run_id == lease.job_id, Epoch.epoch >= number))
            known = {}
        session.add(Epoch(run_id=lease.job_id, epoch=number, data=data))
        session.flush()
        outbox.add(session, lease.job_id, "epoch", data)


def succeed(session: Session, lease: Lease, metrics: dict[str, Any], stored: Sequence[Stored]) -> Run:
    """Finish a run with its metrics and artifacts; see ``jobs.succeed``.

    Raises LeaseLostError, and artifacts.VanishedError when a file must be stored again first.
    """
    run = jobs.succeed(session, Run, lease)
    run.metrics = metrics
    run.top1 = metrics["top1"]["value"]
    artifacts.record(session, lease.job_id, stored)
    return run


def unfinished(session: Session, run_ids: Sequence[str]) -> set[str]:
    """Return those of the ids whose run exists and is not over."""
    found: set[str] = set()
    for batch in _batches(run_ids):
        found.update(session.scalars(select(Run.id).where(Run.id.in_(batch), Run.state.not_in(TERMINAL))))
    return found


# ---- done by a sweeper --------------------------------------------------------------------------------


def sweep(session: Session) -> Swept:
    """Do ``jobs.sweep`` for runs, and fail those whose start will never have weights."""
    swept = jobs.sweep(session, Run)
    failed = swept.failed
    while orphans := _without_start(session):  # those that start from these come next
        jobs.fail_queued(session, orphans)
        session.flush()
        failed += len(orphans)
    return Swept(swept.requeued, failed, swept.cancelled, swept.waiting)


def _without_start(session: Session) -> list[tuple[Run, Failure]]:
    start = aliased(Run)
    rows = session.execute(
        select(Run, start.state)
        .outerjoin(start, start.id == Run.start_run_id)
        .where(
            and_(Run.state == "queued", Run.start_run_id.is_not(None)),
            or_(start.id.is_(None), start.state.in_(("failed", "cancelled"))),
        )
        .with_for_update(skip_locked=True, of=Run)
    )
    return [(run, _start_failed(run, state)) for run, state in rows]


def _start_failed(run: Run, start_state: State | None) -> Failure:
    if start_state is None:
        return Failure("start_failed", f"{run.start_run_id}, whose weights it starts from, no longer exists.")
    ended = "failed" if start_state == "failed" else "was cancelled"
    return Failure(
        "start_failed",
        f"{run.start_run_id}, whose weights it starts from, {ended}; submit that one again first.",
    )


# ---- steps --------------------------------------------------------------------------------------------


def _insert_missing(session: Session, new: Sequence[NewRun], turn: dict[str, int]) -> set[str]:
    """Insert the runs that do not exist yet and return their ids; of concurrent callers one wins each.

    Runs asked for together are told apart by 0.1 ms each, so that they are listed and worked on in ``turn``.
    """
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if on_postgresql else sqlite.insert
    inserted: set[str] = set()
    at = session.scalars(select(now())).one()
    for batch in _batches(new):
        rows = [
            {
                "id": new_id("run"),
                "fingerprint": one.fingerprint,
                "variant": one.variant,
                "dataset": one.dataset,
                "architecture": one.architecture,
                "label": one.label,
                **{key: one.cost[key] for key in COST_COLUMNS},
                "further_cost": _further(one.cost),
                "scores": one.scores,
                "baseline": one.baseline,
                "start_run_id": one.start_run_id,
                "max_attempts": one.max_attempts,
                "created_at": at + turn[one.fingerprint] * 1e-4,
                "queued_at": at + turn[one.fingerprint] * 1e-4,
            }
            for one in batch
        ]
        statement = insert(Run).values(rows).on_conflict_do_nothing(index_elements=[Run.fingerprint])
        inserted.update(session.scalars(statement.returning(Run.id)))
    return inserted


def _further(cost: dict[str, int]) -> dict[str, int]:
    return {key: value for key, value in cost.items() if key not in COST_COLUMNS}


def _locked(session: Session, fingerprints: Sequence[str]) -> dict[str, Run]:
    runs: dict[str, Run] = {}
    for batch in _batches(fingerprints):
        statement = select(Run).where(Run.fingerprint.in_(batch)).order_by(Run.fingerprint).with_for_update()
        for run in session.scalars(statement, execution_options={"populate_existing": True}):
            runs[run.fingerprint] = run
    return runs


def _batches(items: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Split a list: a statement takes a bounded number of parameters."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
