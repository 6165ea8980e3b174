"""What runs in Celery's child processes, and how they come and go."""

from typing import Any

from billiard import current_process
from celery import Celery, signals

from backend.queue import TASK
from backend.settings import Settings
from worker.devices import Device
from worker.stopping import StopSignal
from worker.supervisor import Supervisor


class Children:
    """Made in the main process, which it leaves as it is: everything is opened after the fork."""

    def __init__(self, settings: Settings, app: Celery, devices: list[Device], stop: StopSignal) -> None:
        self._settings = settings
        self._app = app
        self._devices = devices
        self._stop = stop
        self._supervisor: Supervisor | None = None
        app.task(name=TASK, ignore_result=True)(self.work)
        signals.worker_process_init.connect(self._begin)
        signals.worker_process_shutdown.connect(self._end)

    def work(self, _run_id: str | None = None) -> None:
        """Do what is in the queue. The id in the message is for people; the record knows better."""
        if self._supervisor is None:
            raise RuntimeError("a run can only be done in a child process")
        self._supervisor.drain()

    def _begin(self, **_: Any) -> None:
        self._stop.listen()
        device = self._devices[current_process().index % len(self._devices)]
        self._supervisor = Supervisor(self._settings, self._app, device, self._stop)

    def _end(self, **_: Any) -> None:
        if self._supervisor is not None:
            self._supervisor.close()
