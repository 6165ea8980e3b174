"""The embedded broker: messages are files in a folder."""

import json
import logging
import socket
import time
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import virtual

_log = logging.getLogger(__name__)


class FolderChannel(virtual.Channel):
    """A queue is a folder, a message a file in it.

    Kombu's own file system transport can hand a half-written file to a reader and keeps routing tables that
    do not survive a wipe of its folder. Here a message appears by rename, whole; it belongs to the reader
    whose unlink succeeds; and folders are made whenever they are missing.
    """

    def _new_queue(self, queue: str, **_: Any) -> None:
        self._folder(queue).mkdir(parents=True, exist_ok=True)

    def _put(self, queue: str, message: Any, **_: Any) -> None:
        folder = self._folder(queue)
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
        draft = folder / f".{name}"
        self._new_queue(queue)
        draft.write_text(json.dumps(message))
        draft.replace(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 - polls, never waits
        folder = self._folder(queue)
        for name in self._names(queue):
            with suppress(FileNotFoundError):  # another reader was faster
                text = (folder / name).read_text()
                (folder / name).unlink()
                try:
                    return json.loads(text)
                except ValueError:
                    _log.warning("dropped a message that is no JSON: %s", folder / name)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._names(queue))

    def _purge(self, queue: str) -> int:
        names = self._names(queue)
        for name in names:
            (self._folder(queue) / name).unlink(missing_ok=True)
        return len(names)

    def _names(self, queue: str) -> list[str]:
        """Return the messages of a queue, oldest first."""
        try:
            return sorted(p.name for p in self._folder(queue).iterdir() if not p.name.startswith("."))
        except FileNotFoundError:
            return []

    def _folder(self, queue: str) -> Path:
        return Path(self.connection.client.transport_options["folder"]) / queue


class FolderTransport(virtual.Transport):
    """Polls folders from the worker's event loop.

    With the event loop Celery gives every child a pipe of its own. Without it, children share one pipe and
    a lock around it, and a child that is killed while it holds the lock leaves the others waiting for ever.
    """

    Channel = FolderChannel
    polling_interval = 0.05
    driver_type = "filesystem"
    driver_name = "filesystem"
    implements = virtual.Transport.implements.extend(asynchronous=True)

    def driver_version(self) -> str:
        """Return the version of the format of the folder."""
        return "1"

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Have the worker's loop ask for messages."""
        loop.call_repeatedly(self.polling_interval, self._drain, connection)

    def _drain(self, connection: Any) -> None:
        with suppress(socket.timeout):  # nothing (more) there
            while True:
                self.drain_events(connection, timeout=0)  # type: ignore[no-untyped-call]
