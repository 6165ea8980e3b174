"""Waking workers. The database row is the job; a message only says "look at the record".

So a message that is lost, doubled, late or out of order does no harm: a worker that is woken claims the next
claimable row, and goes on until none is left. A sweeper sends again what nobody picked up.
"""

import logging
import threading
import time
from typing import Any

from celery import Celery
from kombu.entity import Queue

from backend.settings import Settings
from backend.store import runs, workers
from backend.store.database import Database
from backend.store.errors import DatabaseError

TASK = "paretoscope.work"
QUEUE = "paretoscope"
OUTSTANDING = 8  # wake-ups in the broker at once; each wakes one idle runner, and those go on by themselves

_log = logging.getLogger(__name__)


def make_app(settings: Settings) -> Celery:
    """Make the Celery application of either side. It connects when it is first used, not now."""
    folder = _folder(settings)
    app = Celery(
        "paretoscope", broker="filesystem://localhost" if folder else settings.broker_url, set_as_current=False
    )
    app.conf.update(
        # One queue, one task, JSON only; nobody reads results, states and events: they are in the database.
        task_queues=[Queue(QUEUE, durable=True)],  # type: ignore[no-untyped-call]
        task_default_queue=QUEUE,
        task_create_missing_queues=False,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        # A message is done once it is read: what must not be lost is in the database.
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_proc_alive_timeout=30.0,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # A request waits for a send; the sweeper sends again what failed.
        task_publish_retry=False,
        broker_connection_timeout=1.0,
    )
    if folder:
        app.conf.broker_transport = "backend.folder_broker:FolderTransport"
        app.conf.broker_transport_options = {"folder": folder}
    else:
        app.conf.broker_transport = "backend.redis_broker:RedisTransport"
        app.conf.broker_transport_options = {
            # A worker whose connection dies silently would wait for ever (celery #8091, #9054).
            "socket_connect_timeout": 1.0,
            "socket_timeout": 10.0,
            "socket_keepalive": True,
            "health_check_interval": 10,
            "max_retries": 0,
            "interval_start": 0,
            "interval_step": 0,
        }
    return app


def wake(app: Celery, run_id: str | None = None, count: int = 1) -> bool:
    """Wake up to ``count`` idle runners; the id is for whoever reads the messages.

    Returns whether the broker took it. It never raises: the row is committed, and the sweeper tries again.
    """
    try:
        with app.connection_for_write() as connection:
            room = OUTSTANDING - _outstanding(connection)
            for _ in range(min(count, room)):
                app.send_task(TASK, args=[run_id], queue=QUEUE, connection=connection, retry=False)
    except Exception as error:  # whatever a broker's client raises, the request goes on
        _log.warning("the broker did not take a wake-up (%s: %s)", type(error).__name__, error)
        return False
    return True


def broker_ok(app: Celery) -> bool:
    """Tell, within about a second, whether the broker answers."""
    try:
        with app.connection_for_write() as connection:
            _outstanding(connection)
    except Exception as error:
        _log.info("the broker does not answer (%s: %s)", type(error).__name__, error)
        return False
    return True


def broker_kind(settings: Settings) -> str:
    """Return ``filesystem`` or ``redis``."""
    return "filesystem" if _folder(settings) else "redis"


def _folder(settings: Settings) -> str | None:
    """Return the folder of the embedded broker, or None for a server."""
    scheme = "filesystem://"
    url = settings.broker_url
    return url.removeprefix(scheme) if url.startswith(scheme) else None


def _outstanding(connection: Any) -> int:
    """Count the wake-ups that nobody has read yet."""
    count: int = connection.default_channel.queue_declare(QUEUE, durable=True).message_count
    return count


# ---- the sweeper --------------------------------------------------------------------------------------


class Sweeper:
    """A thread that frees the jobs of dead workers and wakes the living ones while jobs wait.

    API and worker each have one; any number of them can work at the same time.
    """

    def __init__(self, database: Database, app: Celery, settings: Settings) -> None:
        self._database = database
        self._app = app
        self._every = settings.sweep_seconds
        self._lease = settings.lease_seconds
        self._nudged = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Start sweeping."""
        self._thread.start()

    def nudge(self) -> None:
        """Sweep and wake now instead of in a while; returns at once."""
        self._nudged.set()

    def stop(self) -> None:
        """Stop and wait for the sweep at hand, but not for a database that does not answer."""
        self._stopped.set()
        self._nudged.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def tick(self) -> None:
        """Sweep once."""
        with self._database.write() as session:
            swept = runs.sweep(session)
            workers.forget_silent(session, 20 * self._lease)
        if swept.requeued or swept.failed or swept.cancelled:
            _log.info(
                "swept: %d queued again, %d failed, %d cancelled",
                swept.requeued, swept.failed, swept.cancelled,
            )  # fmt: skip
        if swept.waiting:
            wake(self._app, count=swept.waiting)

    def _run(self) -> None:
        before = time.time()
        while not self._stopped.is_set():
            if time.time() - before > self._every + self._lease / 2:
                # This machine was suspended: by the clock every lease has run out, but the workers wake up
                # just now too. Let them renew first.
                self._stopped.wait(self._lease / 2)
            before = time.time()
            try:
                self.tick()
            except (DatabaseError, OSError) as error:
                _log.warning("cannot sweep now, trying again: %s", error)
            self._nudged.wait(self._every)
            self._nudged.clear()
