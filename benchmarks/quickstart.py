"""How long a new installation takes to train its first study, from the first live worker to the last run.

python -m benchmarks.quickstart [--rounds 3]
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any

PORT = 8765
API = f"http://127.0.0.1:{PORT}/api/v1"


def main() -> None:
    """Print each round's seconds and the accuracy of the baseline, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    seconds = []
    for number in range(1, rounds + 1):
        took, runs = measure()
        baseline = next(
            run for run in runs if not run["variant"]["steps"] and run["variant"]["architecture"]["width"] == 1
        )
        top1 = baseline["metrics"]["top1"]["value"]
        print(f"round {number}: {len(runs)} runs in {took:.1f} s, baseline top-1 {100 * top1:.2f} %")
        seconds.append(took)
    print(f"median of {rounds}: {median(seconds):.1f} s on {os.cpu_count()} cores")


def measure() -> tuple[float, list[Any]]:
    """Start the product on an empty folder; return the seconds until all is trained, and the runs."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "backend.cli", "serve", "--port", str(PORT), "--data-dir", f"{folder}/data"]
        with log.open("wb") as output:
            server = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        try:
            while not (health := ask("health")) or not health["workers"]:
                time.sleep(0.05)
            started = time.monotonic()
            while not (runs := finished()):
                time.sleep(0.05)
            return time.monotonic() - started, runs
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)


def finished() -> list[Any]:
    """Return the runs once there are some and all of them succeeded."""
    page = ask("runs?limit=100")
    runs: list[Any] = page["items"] if page else []
    return runs if runs and all(run["state"] == "succeeded" for run in runs) else []


def ask(path: str) -> Any:
    """GET a path of the API; None while nobody answers."""
    try:
        with urllib.request.urlopen(f"{API}/{path}", timeout=10) as response:
            return json.load(response)
    except (urllib.error.URLError, OSError):
        return None


if __name__ == "__main__":
    main()
