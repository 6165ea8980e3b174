"""Which files a job left; the rows beside ``files``.

A file is removed only inside a write transaction that saw no row with its hash, and a row is written only
inside one that saw the file. The two kinds of transaction exclude each other, so no row ever lacks its file.
"""

import time
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from backend.store.errors import NotFoundError, StoreError
from backend.store.files import ArtifactFiles, Stored
from backend.store.tables import Artifact

_LOCK = 0x6172_7469  # "arti"
_HOUR = 3600.0


class VanishedError(StoreError):
    """A stored file was collected before its row could be written; store it again."""


def record(session: Session, job_id: str, stored: Sequence[Stored]) -> None:
    """Write the rows of a job's files, in place of any earlier ones. Raises VanishedError."""
    _exclude_collectors(session)
    for one in stored:
        if not one.path.exists():
            raise VanishedError(f"{one.name} of {job_id} was removed from the artifact store meanwhile.")
    session.execute(delete(Artifact).where(Artifact.job_id == job_id))
    if stored:
        session.execute(
            insert(Artifact),
            [
                {
                    "job_id": job_id,
                    "name": one.name,
                    "sha256": one.sha256,
                    "size": one.size,
                    "media_type": one.media_type,
                }
                for one in stored
            ],
        )


def get(session: Session, job_id: str, name: str) -> Artifact:
    """Read the row of a job's file. Raises NotFoundError."""
    artifact = session.get(Artifact, (job_id, name))
    if artifact is None:
        raise NotFoundError(f"{job_id} has no artifact {name!r}.")
    return artifact


def of_jobs(session: Session, job_ids: Sequence[str]) -> dict[str, list[Artifact]]:
    """Return the rows of the files of each job, by name."""
    found: dict[str, list[Artifact]] = {job_id: [] for job_id in job_ids}
    statement = select(Artifact).where(Artifact.job_id.in_(job_ids)).order_by(Artifact.name)
    for artifact in session.scalars(statement):
        found[artifact.job_id].append(artifact)
    return found


def forget(session: Session, job_id: str) -> list[str]:
    """Delete the rows of a job's files and return their hashes, for ``collect`` after the commit."""
    statement = delete(Artifact).where(Artifact.job_id == job_id).returning(Artifact.sha256)
    return sorted(set(session.scalars(statement)))


def collect(session: Session, files: ArtifactFiles, hashes: Iterable[str]) -> list[str]:
    """Remove the files among these hashes that no row names any more; returns the hashes removed.

    Call it in a write transaction of its own, after the one that dropped the rows has been committed.
    """
    candidates = set(hashes)
    if not candidates:
        return []
    _exclude_collectors(session)
    named = set(session.scalars(select(Artifact.sha256).where(Artifact.sha256.in_(candidates))))
    unnamed = sorted(candidates - named)
    for sha256 in unnamed:
        files.remove(sha256)
    return unnamed


def collect_old(session: Session, files: ArtifactFiles, age: float = _HOUR) -> int:
    """Remove files without a row that are older than ``age`` seconds: left by processes that were killed.

    Younger ones may belong to a run that is about to finish. Returns how many were removed.
    """
    old = list(files.older_than(time.time() - age))
    temporary = [path for path in old if path.name.startswith(".")]
    for path in temporary:
        path.unlink(missing_ok=True)
    hashes = [path.name for path in old if not path.name.startswith(".")]
    removed = 0
    for start in range(0, len(hashes), 500):
        removed += len(collect(session, files, hashes[start : start + 500]))
    return removed + len(temporary)


def _exclude_collectors(session: Session) -> None:
    # SQLite has one writer anyway.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
