"""One attempt at one run: follow the runner, keep the lease, hear a cancel, bring the attempt to its end."""

import errno
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from backend.settings import Settings
from backend.store import artifacts, jobs, runs
from backend.store.database import Database
from backend.store.errors import DatabaseError, LeaseLostError, NotFoundError
from backend.store.files import ArtifactFiles
from backend.store.jobs import Failure, Lease
from backend.store.tables import TERMINAL, Run
from worker import folders
from worker.devices import Device
from worker.process import RunnerProcess

T = TypeVar("T")

_log = logging.getLogger(__name__)
_TICK = 0.1
_POLL_SECONDS = 0.4
_PROGRESS_SECONDS = 0.35
_STOP_SECONDS = 2.0  # a worker that is told to stop has about four
_KILL_SECONDS = 1.0
_COMMIT_SECONDS = 60.0
_WEIGHTS = "weights.safetensors"
# After these the runner's memory or device can be in any condition; the next run gets a new process.
_SPOILED = {"internal", "out_of_memory"}


@dataclass(frozen=True, slots=True)
class Bench:
    """What an attempt works with, the same for every attempt of a supervisor."""

    settings: Settings
    database: Database
    files: ArtifactFiles
    device: Device
    stopping: Callable[[], bool]


class Attempt:
    """One attempt at one run. ``work`` returns whether the runner process can take another one."""

    def __init__(self, bench: Bench, runner: RunnerProcess, run: Run) -> None:
        self._bench = bench
        self._database = bench.database
        self._settings = bench.settings
        self._runner = runner
        self._run = run
        self._lease: Lease = jobs.lease_of(run)
        self._cancelling = False
        self._stop_deadline: float | None = None
        self._killing = False
        self._progress: dict[str, Any] | None = None
        self._epochs: list[dict[str, Any]] = []
        now = time.monotonic()
        self._next_write = now
        self._next_poll = now
        self._next_renewal = now + self._settings.renew_seconds

    def work(self) -> bool:
        """Do the attempt and record how it ended."""
        try:
            self._runner.send(self._job())
            return self._finish(self._follow())
        except _CannotStartError as error:
            self._commit_failure(error.failure, retry=False)
            return True
        except LeaseLostError as error:
            _log.warning("%s; its work here is dropped", error)
        except DatabaseError as error:
            _log.error("gave up on %s, the database does not answer: %s", self._run.id, error)
        return False  # whatever the runner is doing must end

    # ---- the job ----------------------------------------------------------------------------------------

    def _job(self) -> dict[str, Any]:
        settings = self._settings
        try:
            work = folders.take_over(settings.work_folder, self._lease)
        except OSError as error:
            raise _CannotStartError(_storage_failure("Its work folder cannot be made", error)) from error
        return {
            "command": "job",
            "job_id": self._lease.token,
            "run_id": self._run.id,
            "variant": self._run.variant,
            "work": str(work),
            "folders": {
                "search": [str(folder) for folder in settings.search_folders],
                "downloads": str(settings.downloads_folder),
                "cache": str(settings.cache_folder),
            },
            "start": self._start(self._run.start_run_id),
            "device": self._bench.device.device,
        }

    def _start(self, run_id: str | None) -> dict[str, Any] | None:
        if run_id is None:
            return None
        try:
            with self._database.read() as session:
                start = runs.get(session, run_id)
                weights = artifacts.get(session, run_id, _WEIGHTS)
        except NotFoundError as error:
            raise _CannotStartError(
                Failure("start_failed", f"The weights that it starts from are gone: {error}")
            ) from error
        return {"variant": start.variant, "weights": str(self._bench.files.path(weights.sha256))}

    # ---- while it runs ----------------------------------------------------------------------------------

    def _follow(self) -> dict[str, Any] | None:
        """Return the runner's last word on the job, or None when it died. Raises LeaseLostError."""
        while self._runner.alive():
            for event in self._runner.events(_TICK):
                if event.get("job_id") != self._lease.token:
                    continue  # the last word on a job that was taken away
                if event["event"] in ("done", "error"):
                    return event
                self._note(event["event"], event["data"])
            try:
                self._write()
                self._look()
            except DatabaseError as error:
                _log.warning("the database does not answer, trying again: %s", error)
            self._press()
        return None

    def _note(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "progress":
            self._progress = data
        else:
            self._epochs.append(data)

    def _write(self) -> None:
        """Record what is new, at most a few times a second."""
        now = time.monotonic()
        if now < self._next_write or not (self._progress or self._epochs):
            return
        with self._database.write() as session:
            runs.write_epochs(session, self._lease, self._epochs)
            if self._progress is not None:
                jobs.write_progress(session, Run, self._lease, self._progress)
        self._progress, self._epochs = None, []
        self._next_write = now + _PROGRESS_SECONDS

    def _look(self) -> None:
        """Renew the lease when it is time, and see whether the run is to be cancelled."""
        now = time.monotonic()
        if now >= self._next_renewal:
            with self._database.write() as session:
                state = jobs.renew(session, Run, self._lease, self._settings.lease_seconds)
            self._next_renewal = now + self._settings.renew_seconds
        elif now >= self._next_poll:
            with self._database.read() as session:
                state = jobs.state(session, Run, self._lease)
        else:
            return
        self._next_poll = now + _POLL_SECONDS
        self._cancelling = state == "cancelling"

    def _press(self) -> None:
        """Stop the runner: by a word, after the grace period by SIGTERM, at last by SIGKILL."""
        stopping = self._bench.stopping()
        if not (stopping or self._cancelling):
            return
        now = time.monotonic()
        grace = self._settings.cancel_grace_seconds
        if stopping:
            grace = min(grace, _STOP_SECONDS)
        if self._stop_deadline is None:
            self._runner.send({"command": "stop", "job_id": self._lease.token})
            self._stop_deadline = now + grace
        self._stop_deadline = min(self._stop_deadline, now + grace)  # stopping is in more of a hurry
        if now < self._stop_deadline:
            return
        if self._killing or stopping:
            self._runner.kill()
        else:
            self._killing = True
            self._runner.terminate()
            self._stop_deadline = now + _KILL_SECONDS

    # ---- its end ----------------------------------------------------------------------------------------

    def _finish(self, last: dict[str, Any] | None) -> bool:
        if last is None:
            reason = self._runner.describe_end()
            if self._bench.stopping():
                self._commit_release()
            else:
                _log.warning("attempt %d at %s failed: %s", self._run.attempt, self._run.id, reason)
                self._commit_failure(Failure("attempt_failed", reason), retry=True)
            return False
        if last["event"] == "done":
            return self._succeed(last["metrics"], [Path(path) for path in last["artifacts"]])
        failure = Failure(last["code"], last["message"])
        if failure.code == "stopped":
            self._commit_release()
        else:
            self._commit_failure(failure, retry=False)
        return failure.code not in _SPOILED

    def _succeed(self, metrics: dict[str, Any], paths: list[Path]) -> bool:
        try:
            self._commit_success(metrics, paths)
        except OSError as error:
            self._commit_failure(_storage_failure("The results cannot be stored", error), retry=False)
        return True

    def _commit_success(self, metrics: dict[str, Any], paths: list[Path]) -> None:
        while True:
            stored = [self._bench.files.put(path) for path in paths]

            def commit() -> Run:
                with self._database.write() as session:
                    runs.write_epochs(session, self._lease, self._epochs)
                    return runs.succeed(session, self._lease, metrics, stored)  # noqa: B023 - called right here

            try:
                self._ended(self._durably(commit))
            except artifacts.VanishedError:
                continue  # an equal file was being collected; ours is still in the work folder
            except LeaseLostError:
                with self._database.write() as session:
                    artifacts.collect(session, self._bench.files, [one.sha256 for one in stored])
                raise
            return

    def _commit_failure(self, failure: Failure, *, retry: bool) -> None:
        def commit() -> Run:
            with self._database.write() as session:
                runs.write_epochs(session, self._lease, self._epochs)
                return jobs.fail(session, Run, self._lease, failure, retry=retry)

        self._ended(self._durably(commit))

    def _commit_release(self) -> None:
        """Give the run back; one that was being cancelled is cancelled by that."""

        def commit() -> Run:
            with self._database.write() as session:
                runs.write_epochs(session, self._lease, self._epochs)
                return jobs.release(session, Run, self._lease)

        self._ended(self._durably(commit))

    def _durably(self, commit: Callable[[], T]) -> T:
        """Commit, again and again while the database does not answer: hours of training depend on it."""
        end = time.monotonic() + _COMMIT_SECONDS
        while True:
            try:
                return commit()
            except DatabaseError as error:
                if self._bench.stopping() or time.monotonic() > end:
                    raise
                _log.warning("the database does not answer, trying again: %s", error)
                time.sleep(_POLL_SECONDS)

    def _ended(self, run: Run) -> None:
        _log.info("%s is %s (attempt %d)", run.id, run.state, run.attempt)
        if run.state in TERMINAL:
            folders.remove(self._settings.work_folder, run.id)


def _storage_failure(what: str, error: OSError) -> Failure:
    full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
    return Failure("storage_full" if full else "storage_failed", f"{what}: {error.strerror}.")


class _CannotStartError(Exception):
    """The run cannot even be given to the runner."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
