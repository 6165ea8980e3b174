"""The queue with real Celery: messages on the folder broker and on a Redis-compatible server."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from backend.queue import OUTSTANDING, QUEUE, TASK, Sweeper, broker_kind, broker_ok, make_app, wake
from backend.settings import Settings, load_settings
from backend.store import jobs
from backend.store.database import Database
from backend.store.migrate import migrate
from backend.store.tables import Run
from tests.backend.store.make import claim, get, submit
from tests.backend.store.servers import valkey_server, wait_until


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with valkey_server(tmp_path_factory.mktemp("redis") / "valkey") as server:
        yield server.url


@pytest.fixture(params=["filesystem", "redis"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "filesystem":
        return load_settings(data_dir=tmp_path)
    return load_settings(data_dir=tmp_path, broker_url=request.getfixturevalue("redis_url"))


@pytest.fixture
def app(settings: Settings) -> Iterator[Celery]:
    app = make_app(settings)
    with app.connection_for_write() as connection:
        connection.default_channel.queue_declare(QUEUE, durable=True)
        connection.default_channel.queue_purge(QUEUE)
    yield app
    app.close()


def read(app: Celery, most: int = 1000) -> list[dict[str, object]]:
    """Take up to so many messages off the queue."""
    found: list[dict[str, object]] = []
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(app.amqp.queues[QUEUE])
        while len(found) < most:
            try:
                message = queue.get(block=False)
            except queue.Empty:
                break
            message.ack()
            found.append({"task": message.headers["task"], "args": message.payload[0], "type": message.content_type})
    return found


def test_a_wake_up_is_a_json_message_with_the_id(app: Celery) -> None:
    assert wake(app, "run_1")
    assert read(app) == [{"task": TASK, "args": ["run_1"], "type": "application/json"}]
    assert read(app) == []


def test_only_a_handful_of_wake_ups_is_outstanding(app: Celery) -> None:
    assert wake(app, "run_1", count=3)
    for _ in range(5):
        assert wake(app, None, count=100)
    assert len(read(app)) == OUTSTANDING
    assert wake(app, None, count=2)
    assert len(read(app)) == 2


def test_the_broker_tells_what_it_is_and_that_it_is_there(settings: Settings, app: Celery) -> None:
    assert broker_kind(settings) == ("redis" if "redis" in settings.broker_url else "filesystem")
    assert broker_ok(app)


@pytest.mark.parametrize("broker_url", ["redis://127.0.0.1:1/0", "filesystem:///proc/nowhere"])
def test_a_broker_that_is_down_delays_nobody(tmp_path: Path, broker_url: str) -> None:
    app = make_app(load_settings(data_dir=tmp_path, broker_url=broker_url))
    wake(app)  # imports the client
    before = time.monotonic()
    assert not wake(app, "run_1")
    assert not broker_ok(app)
    assert time.monotonic() - before < 3


def test_a_redis_that_was_away_is_used_again(tmp_path: Path) -> None:
    with valkey_server(tmp_path / "valkey") as server:
        app = make_app(load_settings(data_dir=tmp_path, broker_url=server.url))
        assert wake(app)
        server.kill()
        assert not wake(app)
        server.start()
        assert wake(app)
        assert len(read(app)) == 1


def test_the_folder_broker_survives_a_wipe_and_rubbish(tmp_path: Path) -> None:
    app = make_app(load_settings(data_dir=tmp_path))
    assert wake(app, "run_1")
    folder = tmp_path / "broker" / QUEUE
    (folder / "00000000000000000000-rubbish").write_text('{"half a mess')
    (folder / ".draft").write_text("of a process that was killed")
    assert [message["args"] for message in read(app)] == [["run_1"]]
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert read(app) == []
    assert wake(app, "run_2")
    assert [message["args"] for message in read(app)] == [["run_2"]]


_WRITER = """
import sys
from celery import Celery
from backend.queue import QUEUE, TASK, make_app
from backend.settings import load_settings
app = make_app(load_settings(data_dir=sys.argv[1]))
with app.connection_for_write() as connection:
    for number in range(int(sys.argv[2])):
        app.send_task(TASK, args=["x" * 20_000], queue=QUEUE, connection=connection)
"""


def test_no_half_written_message_is_ever_read(tmp_path: Path) -> None:
    each = 150
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, tmp_path, str(each)]) for _ in range(2)]
    found: list[list[dict[str, object]]] = [[], []]

    def take(side: int) -> None:
        app = make_app(load_settings(data_dir=tmp_path))
        while any(writer.poll() is None for writer in writers):
            found[side] += read(app, 50)
        found[side] += read(app)

    threads = [threading.Thread(target=take, args=[side]) for side in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    messages = found[0] + found[1]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert len(messages) == 2 * each
    assert all(message["args"] == ["x" * 20_000] for message in messages)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    migrate(settings.database_url)
    database = Database(settings.database_url)
    yield database
    database.close()


def test_a_sweep_frees_the_runs_of_the_dead_and_wakes_the_living(
    settings: Settings, app: Celery, database: Database
) -> None:
    abandoned, waiting = submit(database, 1, 2)
    claim(database, lease_seconds=-1)
    sweeper = Sweeper(database, app, settings)
    sweeper.tick()
    assert (get(database, abandoned).state, get(database, abandoned).attempt) == ("queued", 1)
    assert len(read(app)) == 2
    sweeper.tick()
    assert len(read(app)) == 2  # nobody came: said again
    for _ in range(2):
        claim(database)
    sweeper.tick()
    assert read(app) == []
    with database.read() as session:
        assert jobs.counts(session, Run)["running"] == 2
    assert get(database, waiting).state == "running"


def test_a_nudge_wakes_at_once(settings: Settings, app: Celery, database: Database) -> None:
    slow = settings.model_copy(update={"sweep_seconds": 3600.0})
    sweeper = Sweeper(database, app, slow)
    sweeper.start()
    try:
        submit(database, 1)
        sweeper.nudge()
        wait_until(lambda: read(app), "the wake-up")
    finally:
        sweeper.stop()


def test_a_sweeper_lives_through_a_database_that_does_not_answer(
    settings: Settings, app: Celery, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/later.db"
    database = Database(url)  # without tables
    sweeper = Sweeper(database, app, settings.model_copy(update={"sweep_seconds": 0.05}))
    sweeper.start()
    try:
        migrate(url)
        submit(database, 1)
        wait_until(lambda: read(app), "the wake-up")
    finally:
        sweeper.stop()
        database.close()


def test_the_queue_and_the_worker_s_parent_need_no_torch() -> None:
    program = "import json, sys, backend.queue, worker.__main__; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)
    assert not {"torch", "numpy", "fastapi", "paretoscope.costs", "paretoscope.training"} & set(loaded)
