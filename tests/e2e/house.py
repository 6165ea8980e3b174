"""The whole product as its users start it: `paretoscope serve`, talked to over HTTP."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent.parent
RUNNING = re.compile(r"running at (http://\S+)")


class House:
    """A running product: its URL, its log, and its parent process."""

    def __init__(self, data_dir: Path, log: Path, *flags: str, **environment: str) -> None:
        self.data_dir, self.log = data_dir, log
        before = len(log.read_text()) if log.exists() else 0
        command = [sys.executable, "-m", "backend.cli", "serve", "--port", "0", "--data-dir", str(data_dir), *flags]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True, env=os.environ | environment
            )
        self.url = wait_for(lambda: self._announced(before), "the URL to be announced", 90)

    def _announced(self, before: int) -> str | None:
        assert self.process.poll() is None, self.log.read_text()
        found = RUNNING.search(self.log.read_text(), before)
        return found.group(1) if found else None

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API and return its JSON answer, an error's too."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, method=method)  # noqa: S310
        request.add_header("content-type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                text = response.read()
        except urllib.error.HTTPError as error:
            text = error.read()
        return json.loads(text) if text else None

    def get(self, path: str) -> Any:
        """GET a path of the API."""
        return self.call("GET", path)

    def wait_until_over(self, run_id: str, seconds: float = 120) -> Any:
        """Wait for a run to end and return it."""

        def ended() -> Any:
            run = self.get(f"runs/{run_id}")
            return run if run["state"] in ("succeeded", "failed", "cancelled") else None

        return wait_for(ended, f"{run_id} to end", seconds)

    def interrupt(self) -> float:
        """Press Ctrl-C and return how many seconds it took to stop."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        return time.monotonic() - started


@contextmanager
def serving(data_dir: Path, *flags: str, **environment: str) -> Iterator[House]:
    """Run the product on a data folder; it is interrupted at the end if it still runs."""
    house = House(data_dir, data_dir.parent / f"{data_dir.name}.log", *flags, **environment)
    try:
        yield house
    finally:
        if house.process.poll() is None:
            house.interrupt()


def wait_for(condition: Callable[[], T | None], what: str, seconds: float) -> T:
    """Return what `condition` answers once it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")
