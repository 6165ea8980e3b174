"""The supervisor: one in each Celery child. It claims runs and has its runner process do them."""

import logging
import os
import signal
import socket
import threading
import time
from types import FrameType

from celery import Celery

from backend.queue import Sweeper
from backend.settings import Settings
from backend.store import jobs, workers
from backend.store.database import Database
from backend.store.errors import DatabaseError
from backend.store.files import ArtifactFiles
from backend.store.ids import new_id
from backend.store.tables import Run
from worker import folders
from worker.attempt import Attempt, Bench
from worker.devices import Device
from worker.process import RunnerProcess
from worker.stopping import StopSignal

_log = logging.getLogger(__name__)
_READY_SECONDS = 180.0  # importing torch from a cold disk
_TICK = 0.25


class Supervisor:
    """Keeps one runner process warm, works through the queue with it, and tells that it is alive."""

    def __init__(self, settings: Settings, app: Celery, device: Device, stop: StopSignal) -> None:
        self.id = new_id("worker")
        self._settings = settings
        self._device = device
        self._stop = stop
        self._terminated = False
        self._run_id: str | None = None
        self._database = Database(settings.database_url)
        self._bench = Bench(settings, self._database, ArtifactFiles(settings.artifacts_folder), device, self.stopping)
        self._runner: RunnerProcess | None = self._start_runner()
        self._ready = False
        self._closed = False
        self._news = threading.Event()
        self._pulse = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self._pulse.start()
        self._sweeper = Sweeper(self._database, app, settings)
        self._sweeper.start()

    def stopping(self) -> bool:
        """Tell whether the worker is to stop: its main process said so or is gone, or SIGTERM came."""
        return self._terminated or self._stop.is_set()

    def drain(self) -> None:
        """Work on claimable runs until none is left, or until the worker is to stop."""
        before = signal.signal(signal.SIGTERM, self._terminate)
        try:
            while not self.stopping():
                runner = self._warm_runner()
                run = None if runner is None else self._claim()
                if runner is None or run is None:
                    break
                self._works_on(run.id)
                usable = Attempt(self._bench, runner, run).work()
                self._works_on(None)
                if not usable:
                    self._drop_runner()
            folders.tidy(self._settings.work_folder, self._database)
        except DatabaseError as error:
            _log.warning("the database does not answer; waiting for the next wake-up: %s", error)
        finally:
            signal.signal(signal.SIGTERM, before)
        if self._terminated:
            raise SystemExit(0)

    def close(self) -> None:
        """End the runner and say goodbye."""
        self._closed = True
        self._news.set()
        self._drop_runner()
        self._sweeper.stop()
        self._pulse.join(1.0)
        try:
            with self._database.write() as session:
                workers.forget(session, self.id)
        except DatabaseError as error:
            _log.warning("cannot sign off; the entry is dropped later: %s", error)
        self._database.close()

    # ---- the runner -------------------------------------------------------------------------------------

    def _start_runner(self) -> RunnerProcess:
        runner = RunnerProcess(self._device)
        runner.watch(self._stop)
        self._ready = False
        return runner

    def _warm_runner(self) -> RunnerProcess | None:
        """Return the runner once it can take a run; None when it cannot start or the worker is to stop.

        Nothing is claimed before that: an installation that is broken must not use up anybody's attempts.
        """
        if self._runner is not None and self._ready:
            self._runner.events(0)  # learns of an idle runner's death
            if not self._runner.alive():
                _log.warning("while idle, %s", self._runner.describe_end())
                self._drop_runner()
        if self._runner is None:
            self._runner = self._start_runner()
        end = time.monotonic() + _READY_SECONDS
        while not self._ready:
            if self.stopping():
                return None
            self._ready = any(event["event"] == "ready" for event in self._runner.events(_TICK))
            if not self._ready and (not self._runner.alive() or time.monotonic() > end):
                _log.error("a runner cannot start: %s", self._runner.describe_end())
                self._drop_runner()
                return None
        return self._runner

    def _drop_runner(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.close()

    # ---- the record -------------------------------------------------------------------------------------

    def _claim(self) -> Run | None:
        with self._database.write() as session:
            return jobs.claim_next(session, Run, self.id, self._settings.lease_seconds)

    def _works_on(self, run_id: str | None) -> None:
        self._run_id = run_id
        self._news.set()

    def _beat(self) -> None:
        host, pid = socket.gethostname(), os.getpid()
        while not self._closed:
            self._news.clear()
            runner = self._runner
            try:
                with self._database.write() as session:
                    workers.beat(
                        session,
                        workers.Beat(
                            id=self.id,
                            host=host,
                            pid=pid,
                            runner_pid=None if runner is None else runner.pid,
                            device=self._device.device,
                            device_name=self._device.name,
                            threads=self._device.threads,
                            job_id=self._run_id,
                        ),
                    )
            except DatabaseError as error:
                _log.warning("cannot say that this worker is alive, trying again: %s", error)
            self._news.wait(self._settings.renew_seconds)

    def _terminate(self, _number: int, _frame: FrameType | None) -> None:
        self._terminated = True
