"""A whole installation for a test: database, broker and data folder of its own, and real worker processes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from backend.queue import Sweeper, make_app, wake
from backend.settings import PREFIX, Settings, load_settings
from backend.store import artifacts, events, runs, workers
from backend.store.database import Database
from backend.store.files import ArtifactFiles
from backend.store.migrate import migrate
from backend.store.tables import TERMINAL, Run, State, Worker
from backend.submissions import Specs, new_run
from paretoscope.datasets import DataFolders
from paretoscope.variants import Variant
from tests.backend.store.servers import wait_until
from tests.worker.processes import kill_family

T = TypeVar("T")


def digits(seed: int, epochs: int = 3, width: float = 1.0, start: str | None = None) -> Variant:
    """Return a variant that trains for about 0.1 s an epoch."""
    return Variant.model_validate(
        {
            "dataset": "digits",
            "architecture": {"name": "tinyconv", "width": width},
            "recipe": {
                "epochs": epochs,
                "batch_size": 128,
                "precision": "fp32",
                "start": {"from": "run", "id": start} if start else {"from": "scratch"},
            },
            "seed": seed,
        }
    )


class Lab:
    """One installation. ``start_worker`` as often as you like; whatever still runs at the end is killed."""

    root = Path(__file__).resolve().parent.parent.parent
    command = (sys.executable, "-m", "worker")

    def __init__(self, folder: Path, **settings: Any) -> None:
        given = {"lease_seconds": 2.0, "sweep_seconds": 0.3, "cancel_grace_seconds": 2.0, "runners": 1, **settings}
        self.settings: Settings = load_settings(data_dir=folder / "data", **given)
        self.log = folder / "worker.log"
        migrate(self.settings.database_url)
        self.database = Database(self.settings.database_url)
        self.app = make_app(self.settings)
        self.files = ArtifactFiles(self.settings.artifacts_folder)
        self.processes: list[subprocess.Popen[bytes]] = []

    def environment(self) -> dict[str, str]:
        """Return the environment that gives a process these settings."""
        given = self.settings.model_dump(exclude_none=True, mode="json")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return {**kept, **{f"{PREFIX}{name.upper()}": str(value) for name, value in given.items()}}

    def start_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker as its users do, in a process group of its own."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command,
                cwd=self.root, env={**self.environment(), **environment},
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def sweeper(self) -> Sweeper:
        """Return what the API would have running."""
        return Sweeper(self.database, self.app, self.settings)

    def close(self) -> None:
        """Kill what still runs."""
        for process in self.processes:
            kill_family(process)
        self.database.close()

    # ---- runs -------------------------------------------------------------------------------------------

    def submit(self, *variants: Variant, awake: bool = True) -> list[str]:
        """Submit variants as the API does and return the ids of their runs."""
        new = [self.new(variant) for variant in variants]
        with self.database.write() as session:
            ids = [one.run.id for one in runs.submit(session, new)]
        if awake:
            assert wake(self.app, ids[0], count=len(ids))
        return ids

    def new(self, variant: Variant) -> runs.NewRun:
        """Return what the API makes of a variant."""
        folders = DataFolders(self.settings.search_folders, self.settings.downloads_folder, self.settings.cache_folder)
        return new_run(variant, (), Specs(folders), self.run, self.settings.max_attempts)

    def run(self, run_id: str) -> Run:
        """Read a run."""
        with self.database.read() as session:
            return runs.get(session, run_id)

    def epochs(self, run_id: str) -> list[int]:
        """Return the numbers of a run's recorded epochs."""
        with self.database.read() as session:
            return [data["epoch"] for data in runs.history(session, run_id)]

    def weights(self, run_id: str) -> str:
        """Return the hash of a run's weights."""
        with self.database.read() as session:
            return artifacts.get(session, run_id, "weights.safetensors").sha256

    def states(self, run_id: str) -> list[tuple[str, int]]:
        """Return the states that a run went through, each with its attempt."""
        with self.database.read() as session:
            found = events.after(session, 0, run_id, limit=10_000)
        return [(one.data["state"], one.data["attempt"]) for one in found if one.kind == "state"]

    def cancel(self, run_id: str) -> None:
        """Cancel a run as the API does."""
        with self.database.write() as session:
            runs.cancel(session, run_id)

    def wait_for(self, run_id: str, *states: State) -> Run:
        """Wait until a run is in one of these states."""
        wait_until(lambda: self.run(run_id).state in states, f"{run_id} to be {states}; log:\n{self.log_text()}", 60)
        return self.run(run_id)

    def wait_for_ends(self, run_ids: Sequence[str]) -> list[Run]:
        """Wait until all these runs are over."""
        return [self.wait_for(run_id, *TERMINAL) for run_id in run_ids]

    def wait_for_epoch(self, run_id: str, epoch: int) -> None:
        """Wait until a run has finished an epoch."""
        wait_until(lambda: len(self.epochs(run_id)) >= epoch, f"epoch {epoch} of {run_id}; log:\n{self.log_text()}", 60)

    # ---- processes --------------------------------------------------------------------------------------

    def workers(self) -> list[Worker]:
        """Return the supervisors that are heard of."""
        with self.database.read() as session:
            return list(workers.live(session, self.settings.lease_seconds))

    def worker_on(self, run_id: str) -> Worker:
        """Wait until a supervisor says that it works on a run, and return it."""
        return self.found(lambda: [w for w in self.workers() if w.job_id == run_id and w.runner_pid], "a worker")[0]

    def found(self, look: Callable[[], list[T]], what: str) -> list[T]:
        """Wait until something is found."""
        wait_until(look, f"{what}; log:\n{self.log_text()}", 60)
        return look()

    def log_text(self) -> str:
        """Return the end of what the workers logged."""
        return self.log.read_text()[-4000:] if self.log.exists() else ""


@contextmanager
def open_lab(folder: Path, **settings: Any) -> Iterator[Lab]:
    """Give an installation for the time of a test."""
    lab = Lab(folder, **settings)
    try:
        yield lab
    finally:
        lab.close()
