"""The runner: a process that trains one run after another and knows neither queue nor database.

``python -m worker.runner EVENTS SUPERVISOR``: JSON commands, one a line, on standard input; JSON events on the
file descriptor EVENTS. It ends with its input, and with the process SUPERVISOR that started it.
"""

import ctypes
import json
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO, TextIO

from backend.settings import load_settings

_log = logging.getLogger("worker.runner")
_PR_SET_PDEATHSIG = 1


class Commands:
    """What the supervisor says, read by a thread so that it is heard during a run."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._stopped: set[str] = set()
        threading.Thread(target=self._listen, name="commands", daemon=True).start()

    def jobs(self) -> Iterator[dict[str, Any]]:
        """Yield jobs as they come, for ever."""
        while True:
            yield self._jobs.get()

    def stopped(self, job_id: str) -> bool:
        """Tell whether this job is to stop."""
        return job_id in self._stopped

    def _listen(self) -> None:
        for line in self._source:
            command = json.loads(line)
            if command["command"] == "job":
                self._jobs.put(command)
            else:
                self._stopped.add(command["job_id"])
        # Nobody is left to report to. Checkpoints appear by rename, so there is nothing to tidy up.
        os._exit(0)


class Events:
    """What the supervisor is told."""

    def __init__(self, target: TextIO) -> None:
        self._target = target

    def send(self, event: str, **fields: Any) -> None:
        """Send an event. A supervisor that is gone ends this process."""
        try:
            self._target.write(json.dumps({"event": event, **fields}) + "\n")
            self._target.flush()
        except BrokenPipeError:
            os._exit(0)

    def report(self, job_id: str, kind: str, data: dict[str, Any]) -> None:
        """Pass on an event of a run."""
        self.send(kind, job_id=job_id, data=data)


def main() -> None:
    """Work until standard input ends."""
    _die_with(int(sys.argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(
        level=load_settings().log_level, format="%(asctime)s %(levelname)s runner %(process)d: %(message)s"
    )
    events = Events(os.fdopen(int(sys.argv[1]), "w", encoding="utf-8"))
    commands = Commands(sys.stdin.buffer)
    # Importing torch takes seconds; by now this process already hears its supervisor and dies with it.
    from worker import execution

    events.send("ready")
    for job in commands.jobs():
        job_id: str = job["job_id"]
        try:
            outcome = execution.execute(job, partial(events.report, job_id), partial(commands.stopped, job_id))
        except Exception as error:
            told = execution.explain(error)
            if told["code"] == "internal":
                _log.exception("%s failed", job["run_id"])
            events.send("error", job_id=job_id, **told)
        else:
            events.send("done", job_id=job_id, **outcome)


def _die_with(supervisor: int) -> None:
    """Have the kernel end this process with its supervisor, even when that one is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != supervisor:  # it was gone before that
        os._exit(0)


if __name__ == "__main__":
    main()
