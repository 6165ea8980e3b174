"""Studies: named sets of runs on one data set."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.store.errors import ConflictError, NotFoundError
from backend.store.ids import new_id
from backend.store.paging import Page, page
from backend.store.tables import STATES, Run, State, Study, StudyRun

SORT_KEYS: dict[str, InstrumentedAttribute[Any]] = {"created_at": Study.created_at, "name": Study.name}


def find_or_create(session: Session, name: str, dataset: str) -> tuple[Study, bool]:
    """Return the study of that name and whether it is new.

    Raises ConflictError when a study of that name holds another data set.
    """
    created = session.scalars(
        _insert(session)(Study)
        .values(id=new_id("study"), name=name, dataset=dataset)
        .on_conflict_do_nothing(index_elements=[Study.name])
        .returning(Study.id)
    ).one_or_none()
    study = session.scalars(select(Study).where(Study.name == name)).one()
    if study.dataset != dataset:
        raise ConflictError(
            f"The study “{name}” holds runs on {study.dataset}, not on {dataset}; choose another study or name."
        )
    return study, created is not None


def get(session: Session, study_id: str) -> Study:
    """Read a study. Raises NotFoundError."""
    study = session.get(Study, study_id)
    if study is None:
        raise NotFoundError(f"There is no study {study_id!r}.")
    return study


def find(session: Session, *, sort: str = "-created_at", limit: int = 50, cursor: str | None = None) -> Page[Study]:
    """List studies, a page at a time; see ``paging.page``."""
    return page(session, select(Study), sort=sort, keys=SORT_KEYS, row_id=Study.id, limit=limit, cursor=cursor)


def add_runs(session: Session, study_id: str, runs: Sequence[Run]) -> None:
    """Put runs into a study. Raises NotFoundError, and ConflictError for a run on another data set."""
    study = get(session, study_id)
    for run in runs:
        if run.dataset != study.dataset:
            raise ConflictError(
                f"The study “{study.name}” holds runs on {study.dataset}, this variant is on {run.dataset}; "
                "choose another study or name."
            )
    insert = _insert(session)(StudyRun).on_conflict_do_nothing()
    if runs:
        session.execute(insert, [{"study_id": study_id, "run_id": run.id} for run in runs])


def of_runs(session: Session, run_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the ids of the studies that each run is in."""
    found: dict[str, list[str]] = {run_id: [] for run_id in run_ids}
    statement = select(StudyRun.run_id, StudyRun.study_id).where(StudyRun.run_id.in_(run_ids))
    for run_id, study_id in session.execute(statement.order_by(StudyRun.study_id)):
        found[run_id].append(study_id)
    return found


def counts(session: Session, study_ids: Sequence[str]) -> dict[str, dict[State, int]]:
    """Count each study's runs by state."""
    found: dict[str, dict[State, int]] = {study_id: dict.fromkeys(STATES, 0) for study_id in study_ids}
    statement = (
        select(StudyRun.study_id, Run.state, func.count())
        .join(Run, Run.id == StudyRun.run_id)
        .where(StudyRun.study_id.in_(study_ids))
        .group_by(StudyRun.study_id, Run.state)
    )
    for study_id, state, count in session.execute(statement):
        found[study_id][state] = count
    return found


def delete_study(session: Session, study_id: str) -> None:
    """Delete a study; its runs stay. Raises NotFoundError."""
    if session.scalars(delete(Study).where(Study.id == study_id).returning(Study.id)).one_or_none() is None:
        raise NotFoundError(f"There is no study {study_id!r}.")


def _insert(session: Session) -> Any:
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert if on_postgresql else sqlite.insert
