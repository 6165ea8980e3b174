"""A runner process as its supervisor sees it: start, commands in, events out, end."""

import ctypes.util
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from worker.devices import Device

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
_MIB = 1 << 20


class RunnerProcess:
    """A process of its own, in a session of its own: it sees no Ctrl-C, and cannot outlive its supervisor.

    Start it from the supervisor's main thread: the kernel ends it when the thread that started it ends.
    """

    def __init__(self, device: Device) -> None:
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._rest = b""
        self._open = True
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this program's own module
                [sys.executable, "-m", "worker.runner", str(writer), str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=2,  # whatever a library prints belongs in the log, never among the events
                pass_fds=[writer],
                start_new_session=True,
                env=environment(device.threads),
            )
        finally:
            os.close(writer)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._reader, selectors.EVENT_READ)

    @property
    def pid(self) -> int:
        """The process id, which is the id of its group and session as well."""
        return self._process.pid

    def watch(self, other: Any) -> None:
        """Have ``events`` return early, too, when this file can be read."""
        self._selector.register(other, selectors.EVENT_READ)

    def send(self, command: dict[str, Any]) -> None:
        """Give the process a command; one that is gone does not get it, which ``alive`` tells."""
        if self._process.stdin is None:
            raise ValueError("a runner process has a pipe to its standard input")
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()

    def events(self, seconds: float) -> list[dict[str, Any]]:
        """Wait up to this time for events and return all that are there."""
        ready = self._selector.select(max(0.0, seconds))
        if not any(key.fd == self._reader for key, _ in ready):
            return []
        while self._open:
            try:
                block = os.read(self._reader, _MIB)
            except BlockingIOError:
                break
            if not block:
                self._open = False
                self._selector.unregister(self._reader)
            self._rest += block
        *lines, self._rest = self._rest.split(b"\n")
        # NaN and infinity are no JSON and no metric; they become null.
        return [json.loads(line, parse_constant=lambda _: None) for line in lines]

    def alive(self) -> bool:
        """Tell whether more events can come."""
        return self._open

    def describe_end(self) -> str:
        """Say how the process ended, after it has closed its events."""
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            self.kill()
            return "its runner process closed its pipe without ending"
        if status < 0:
            return f"its runner process was killed by signal {-status} ({signal.Signals(-status).name})"
        return f"its runner process ended with exit status {status}"

    def terminate(self) -> None:
        """Ask the process and its children to end (SIGTERM)."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process and its children now (SIGKILL) and wait until it is gone."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def close(self, seconds: float = 0.5) -> None:
        """End the process, kindly at first, and give its pipes back."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()  # the end of its input tells an idle runner to exit
        end = time.monotonic() + seconds
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, end - time.monotonic()))
        self.kill()
        self._selector.close()
        os.close(self._reader)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def environment(threads: int) -> dict[str, str]:
    """Return the environment of a runner, which must be set before its Python starts.

    Waiting threads that spin instead of sleeping make a job 10 to 200 times slower beside a busy neighbour.
    Large buffers given back to the system after each batch cost a page fault a page in the next.
    """
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
    env = {
        **os.environ,
        **dict.fromkeys(names, str(threads)),
        "OMP_WAIT_POLICY": "passive",
        "MALLOC_TRIM_THRESHOLD_": str(1024 * _MIB),
        "MALLOC_MMAP_THRESHOLD_": str(32 * _MIB),  # the most that glibc takes
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    jemalloc = ctypes.util.find_library("jemalloc")
    if jemalloc is not None and sys.platform == "linux":
        env["LD_PRELOAD"] = " ".join(filter(None, [jemalloc, os.environ.get("LD_PRELOAD")]))
    return env
