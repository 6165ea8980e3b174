"""The command `paretoscope`: serve, api, worker, migrate."""

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import Any

from backend.serve import StartError, environment_of, say, serve
from backend.settings import Settings, SettingsError, load_settings
from backend.store.errors import StoreError
from backend.store.migrate import check, migrate
from paretoscope import __version__


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status."""
    given = vars(parser().parse_args(arguments))
    command, plant = given.pop("command"), given.pop("plant", False)
    if given.pop("no_quickstart", False):
        given["quickstart"] = False
    try:
        settings = load_settings(**{name: value for name, value in given.items() if value is not None})
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        for chatty in ("alembic", "uvicorn.error"):  # what they say at INFO, `serve` says once and in plain words
            logging.getLogger(chatty).setLevel(logging.WARNING)
        if command == "serve":
            return serve(settings)
        if command == "migrate":
            migrate(settings.database_url)
        elif command == "worker":
            os.execve(sys.executable, [sys.executable, "-m", "worker"], environment_of(settings))  # noqa: S606
        else:
            check(settings.database_url)
            run_api(settings, plant=plant)
    except (SettingsError, StartError, StoreError) as error:
        say(str(error))
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser; what a flag does not say comes from the PARETOSCOPE_* environment variables."""
    top = argparse.ArgumentParser(prog="paretoscope", description="Explore CNN compression trade-offs.")
    top.add_argument("--version", action="version", version=f"paretoscope {__version__}")
    commands = top.add_subparsers(dest="command", required=True)
    everything = commands.add_parser("serve", help="API, worker and embedded broker in one")
    api = commands.add_parser("api", help="the API and the page alone")
    worker = commands.add_parser("worker", help="a worker alone")
    only_database = commands.add_parser("migrate", help="create or update the database")
    for command in (everything, api, worker, only_database):
        command.add_argument("--data-dir", type=Path, help="folder for database, artifacts and caches")
    for command in (everything, api):
        command.add_argument("--host", help="address to listen on (default 127.0.0.1)")
        command.add_argument("--port", type=int, help="port to listen on (default 8000)")
    everything.add_argument("--no-quickstart", action="store_true", help="do not create the first study")
    api.add_argument("--plant", action="store_true", help=argparse.SUPPRESS)
    return top


def run_api(settings: Settings, *, plant: bool) -> None:
    """Serve the API and the page until a signal."""
    import uvicorn  # heavy, as the application is: `migrate` and `worker` do without

    from backend import warming
    from backend.app import create_app

    options: dict[str, Any] = {"timeout_graceful_shutdown": 1, "server_header": False, "log_config": None}
    app = create_app(settings, plant=plant)
    logging.getLogger(__name__).info("API on %s port %d", settings.host, settings.port)
    warming.start()
    uvicorn.run(app, host=settings.host, port=settings.port, access_log=False, **options)


if __name__ == "__main__":
    sys.exit(main())
