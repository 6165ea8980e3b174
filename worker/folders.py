"""Work folders: where the checkpoints of unfinished runs lie, ``work/<run>/<lease>``.

An attempt takes the folder over by renaming it to its own lease. A frozen runner of an earlier attempt then
writes into a path that no longer exists, or into a new one that nobody reads; never between our files.
"""

import shutil
from pathlib import Path

from backend.store import runs
from backend.store.database import Database
from backend.store.jobs import Lease


def take_over(work: Path, lease: Lease) -> Path:
    """Return the folder of this attempt, with what the latest earlier one left."""
    run = work / lease.job_id
    run.mkdir(parents=True, exist_ok=True)
    mine = run / lease.token
    earlier = sorted(run.iterdir(), key=lambda path: path.stat().st_mtime)
    if earlier:
        earlier.pop().rename(mine)
    for path in earlier:
        shutil.rmtree(path, ignore_errors=True)
    mine.mkdir(exist_ok=True)
    return mine


def remove(work: Path, run_id: str) -> None:
    """Remove the folder of a run that is over."""
    shutil.rmtree(work / run_id, ignore_errors=True)


def tidy(work: Path, database: Database) -> None:
    """Remove the folders of all runs that are over: cancelled between two attempts, or deleted."""
    present = [path.name for path in work.iterdir()] if work.is_dir() else []
    if present:
        with database.read() as session:
            needed = runs.unfinished(session, present)
        for run_id in set(present) - needed:
            remove(work, run_id)
