"""``python -m worker``: one Celery worker whose children each supervise a runner process."""

import logging
import os
import sys
import threading
import warnings
from typing import Any

from celery import signals
from celery.exceptions import CPendingDeprecationWarning, SecurityWarning

from backend.queue import QUEUE, make_app
from backend.settings import Settings, SettingsError, load_settings
from backend.store import artifacts
from backend.store.database import Database
from backend.store.errors import DatabaseError
from backend.store.files import ArtifactFiles
from backend.store.migrate import SchemaError, check
from worker import devices, folders
from worker.children import Children
from worker.stopping import StopSignal

_log = logging.getLogger(__name__)
_STOP_SECONDS = 4.0


def main() -> int:
    """Work until SIGTERM or SIGINT; returns the exit status."""
    try:
        settings = load_settings()
        plan = devices.plan(settings)
        check(settings.database_url)
    except (SettingsError, SchemaError, DatabaseError) as error:
        sys.stderr.write(f"paretoscope worker: {error}\n")
        return 1
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s worker %(process)d: %(message)s")
    logging.getLogger("celery").setLevel(logging.WARNING)
    signals.setup_logging.connect(_keep_logging)
    # In a container everybody is root, and nothing here is unpickled; nor is anything here acknowledged late.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)
    tidy_up(settings)
    stop = StopSignal()

    def on_shutdown(**_: Any) -> None:
        stop.announce()
        # Should a child hang, the kernel ends it with this process, and the runners with it.
        last_resort = threading.Timer(_STOP_SECONDS, os._exit, args=[1])
        last_resort.daemon = True
        last_resort.start()

    signals.worker_shutting_down.connect(on_shutdown)
    app = make_app(settings)
    children = Children(settings, app, plan, stop)
    _log.info("%d runner(s) on %s", len(plan), ", ".join(sorted({device.device for device in plan})))
    worker = app.Worker(
        hostname=f"paretoscope-{os.getpid()}@%h",
        pool_cls="prefork",
        concurrency=len(plan),
        queues=[QUEUE],
        loglevel=settings.log_level,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    del children  # lives as long as the worker: Celery's signals hold their receivers weakly
    return 0 if stop.announced else int(worker.exitcode or 0)


def tidy_up(settings: Settings) -> None:
    """Remove what killed processes left: folders of runs that are over, and files that no run names."""
    database = Database(settings.database_url)
    try:
        folders.tidy(settings.work_folder, database)
        with database.write() as session:
            artifacts.collect_old(session, ArtifactFiles(settings.artifacts_folder))
    finally:
        database.close()  # before the fork


def _keep_logging(**_: Any) -> None:
    """Being connected keeps Celery from setting up its own logging."""


if __name__ == "__main__":
    sys.exit(main())
