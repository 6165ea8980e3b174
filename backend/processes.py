"""Child processes that live and die with their parent."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

STOP_SECONDS = 4.5


class Child:
    """A command of ours in a session of its own: Ctrl-C reaches the parent alone, which stops its children in order."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name, self._command, self._environment = name, command, environment
        self._process: subprocess.Popen[bytes] | None = None
        self._starts: list[float] = []

    def start(self) -> None:
        """Start the process."""
        parent = os.getpid()
        self._starts = [*self._starts[-4:], time.monotonic()]
        # The parent has one thread, so nothing can hold a lock across the fork.
        self._process = subprocess.Popen(  # noqa: S603
            self._command,
            env=dict(self._environment),
            start_new_session=True,
            preexec_fn=lambda: die_with(parent),  # noqa: PLW1509
        )

    @property
    def exit_code(self) -> int | None:
        """The exit status, None while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def keeps_failing(self) -> bool:
        """Whether it was started five times within half a minute."""
        return len(self._starts) == 5 and self._starts[-1] - self._starts[0] < 30

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for the end; after `seconds` kill the whole process group."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def die_with(parent: int) -> None:
    """Have the kernel send SIGTERM to this process when its parent dies, however it dies (Linux)."""
    if sys.platform != "linux":
        return
    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGTERM)
    if os.getppid() != parent:  # it died before that call
        os.kill(os.getpid(), signal.SIGTERM)


def stop_all(children: Sequence[Child]) -> None:
    """Stop all children within `STOP_SECONDS`."""
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait(max(0.1, deadline - time.monotonic()))
