"""Everything in one: API, worker and embedded broker under one parent process."""

import fcntl
import json
import os
import signal
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.processes import Child, stop_all
from backend.settings import PREFIX, Settings
from backend.store.migrate import migrate

POLL_SECONDS = 0.2


class StartError(RuntimeError):
    """The system cannot be started; the message says why and what to do."""


def serve(settings: Settings) -> int:
    """Run the API and a worker until Ctrl-C or SIGTERM; return the exit status. Raises StartError."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    settings = settings.model_copy(update={"port": free_port(settings)})
    with only_one(settings.data_dir):
        say("Preparing the database …")
        migrate(settings.database_url)
        environment = environment_of(settings)
        python = [sys.executable, "-m"]
        api = Child("API", [*python, "backend.cli", "api", *(["--plant"] if settings.quickstart else [])], environment)
        worker = Child("worker", [*python, "worker"], environment)
        children = [api, worker]
        try:
            say("Starting the API and a worker …")
            for child in children:
                child.start()
            return watch(settings, api, worker, stopping)
        finally:
            say("Stopping …")
            stop_all(children)
            say("Stopped. Unfinished runs go on at the next start.")


def watch(settings: Settings, api: Child, worker: Child, stopping: threading.Event) -> int:
    """Announce the URL once the API answers, and start again what dies. Raises StartError."""
    announced = False
    while not stopping.wait(POLL_SECONDS):
        if api.exit_code is not None and not announced:
            raise StartError("The API did not start; its own words are above.")
        for child in (api, worker):
            if child.exit_code is None:
                continue
            if child.keeps_failing:
                raise StartError(
                    f"The {child.name} keeps ending with status {child.exit_code}; its own words are above."
                )
            say(f"The {child.name} ended with status {child.exit_code}; starting it again …")
            child.start()
        if not announced and answers(settings):
            announced = True
            say(f"Paretoscope is running at {url(settings)}  (Ctrl-C stops it)")
    return 0


def free_port(settings: Settings) -> int:
    """Return the port of the settings, or any free one for 0. Raises StartError when it is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host} port {settings.port}"
            raise StartError(f"Cannot listen on {where}: {error.strerror}. Choose another with --port.") from error
        port: int = probe.getsockname()[1]
        return port


def url(settings: Settings) -> str:
    """Return the address to open in a browser."""
    wildcard = settings.host in ("0.0.0.0", "::")  # noqa: S104 (compared, not bound)
    host = "localhost" if wildcard else settings.host
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def answers(settings: Settings) -> bool:
    """Whether the API of these settings answers."""
    request = urllib.request.Request(f"{url(settings)}/api/v1/health")  # noqa: S310 (our own address)
    if settings.access_token is not None:
        request.add_header("Authorization", f"Bearer {settings.access_token.get_secret_value()}")
    try:
        with urllib.request.urlopen(request, timeout=2) as response:  # noqa: S310
            return "version" in json.load(response)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment in which API and worker read these very settings."""
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive", "PYTHONUNBUFFERED": "1"}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is not None:
            plain = value.get_secret_value() if name == "access_token" else value
            environment[f"{PREFIX}{name.upper()}"] = str(plain)
    return environment


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data folder's lock. Raises StartError when another server has it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartError(
                f"Paretoscope is running on {data_dir} already; stop it, or use another --data-dir."
            ) from error
        yield


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(f"[paretoscope] {text}\n")
    sys.stderr.flush()
