"""Looking at real processes, through Linux's /proc."""

import os
import signal
import subprocess
from pathlib import Path

from tests.backend.store.servers import wait_until


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it, those that have ended left out."""
    found = [pid] if alive(pid) else []
    for other in Path("/proc").iterdir():
        if other.name.isdigit() and _parent(int(other.name)) == pid:
            found += family(int(other.name))
    return found


def alive(pid: int) -> bool:
    """Tell whether a process exists and has not ended."""
    return _stat(pid)[0] not in ("", "Z", "X")


def environment(pid: int) -> dict[str, str]:
    """Return the environment that a process was started with."""
    entries = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def has_loaded(pid: int, library: str) -> bool:
    """Tell whether a process has a shared library in its memory."""
    return library in Path(f"/proc/{pid}/maps").read_text()


def wait_until_gone(pids: list[int], seconds: float) -> None:
    """Wait until none of these processes is left."""
    wait_until(lambda: not any(map(alive, pids)), f"{pids} to be gone", seconds)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a worker with SIGTERM and wait until it is gone."""
    process.send_signal(signal.SIGTERM)
    process.wait(10)


def kill_family(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that descend from it."""
    for pid in family(process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait(10)


def _parent(pid: int) -> int:
    return int(_stat(pid)[1] or -1)


def _stat(pid: int) -> tuple[str, str]:
    """Return the state and the parent of a process, empty when there is none."""
    try:
        # The name in parentheses may itself contain spaces and parentheses.
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "", ""
    return state, parent
