"""Rows for tests."""

from typing import Any

from backend.store import jobs, runs
from backend.store.database import Database
from backend.store.jobs import Lease
from backend.store.tables import Run

METRICS = {"top1": {"value": 0.9, "low": 0.88, "high": 0.92}, "loss": 0.3}


def new(number: int, **changes: Any) -> runs.NewRun:
    """Return a submission; equal numbers are equal variants."""
    cost = {"params": number, "macs": 10 * number, "bits": 32 * number, "activations": 5}
    fields: dict[str, Any] = {
        "fingerprint": f"{number:064x}",
        "variant": {"dataset": "digits", "seed": number},
        "dataset": "digits",
        "architecture": "tinyconv",
        "label": f"variant {number}",
        "cost": cost,
        "baseline": cost,
        **changes,
    }
    return runs.NewRun(**fields)


def submit(database: Database, *numbers: int, **changes: Any) -> list[str]:
    """Submit variants and return the ids of their runs."""
    with database.write() as session:
        return [one.run.id for one in runs.submit(session, [new(number, **changes) for number in numbers])]


def claim(database: Database, lease_seconds: float = 60.0, worker: str = "worker_a") -> Lease:
    """Claim the next run, of which there must be one."""
    with database.write() as session:
        run = jobs.claim_next(session, Run, worker, lease_seconds)
    assert run is not None
    return jobs.lease_of(run)


def succeed(database: Database, lease: Lease) -> None:
    """Finish a claimed run without artifacts."""
    with database.write() as session:
        runs.succeed(session, lease, METRICS, [])


def get(database: Database, run_id: str) -> Run:
    """Read a run."""
    with database.read() as session:
        return runs.get(session, run_id)


def sweep(database: Database) -> jobs.Swept:
    """Sweep once."""
    with database.write() as session:
        return runs.sweep(session)
