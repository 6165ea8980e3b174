"""Events as they happen: one poller of the record for all the clients of this process."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool

from backend.store import events, runs
from backend.store.database import Database
from backend.store.errors import DatabaseError, NotFoundError
from backend.store.tables import TERMINAL

POLL_SECONDS = 0.25
BATCH = 500

log = logging.getLogger(__name__)


class Happening(NamedTuple):
    """One event of a run, numbered so that a client can say which it saw last."""

    seq: int
    run_id: str
    kind: str
    data: dict[str, object]

    @property
    def is_last(self) -> bool:
        """Whether the run is over with this."""
        return self.kind == "deleted" or (self.kind == "state" and self.data.get("state") in TERMINAL)


class LiveEvents:
    """Reads new events four times a second while somebody listens, and tells every listener that there are some."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[asyncio.Queue[Happening | None]] = set()
        self._poller: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()
        self._closed = False

    async def follow(self, after: int | None, run_id: str | None = None) -> AsyncIterator[Happening]:
        """Yield the events behind `after` (None: for one run from its beginning, for all from now), then new ones.

        For one run the stream ends when the run does. All streams end when the server stops.
        """
        queue: asyncio.Queue[Happening | None] = asyncio.Queue()
        self._listeners.add(queue)
        if self._poller is None:
            self._begun = asyncio.Event()
            self._poller = asyncio.create_task(self._poll(self._begun))
        try:
            # Where the poller begins must lie before what is read here, or an event between the two would be lost.
            await self._begun.wait()
            if after is None:
                after = 0 if run_id is not None else await run_in_threadpool(self._last)
            seen = after
            # What the record holds already; new events meanwhile gather in the queue.
            while not self._closed:
                earlier = await run_in_threadpool(self._after, seen, run_id)
                for happening in earlier:
                    seen = happening.seq
                    yield happening
                if len(earlier) < BATCH:
                    break
            if run_id is not None and await run_in_threadpool(self._is_over, run_id):
                for happening in await run_in_threadpool(self._after, seen, run_id):
                    yield happening
                return
            while not self._closed and (fresh := await queue.get()) is not None:
                if fresh.seq <= seen or run_id not in (None, fresh.run_id):
                    continue
                seen = fresh.seq
                yield fresh
                if run_id is not None and fresh.is_last:
                    return
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        """End all streams, and with them the poller."""
        self._closed = True
        self._begun.set()
        for queue in self._listeners:
            queue.put_nowait(None)

    async def _poll(self, begun: asyncio.Event) -> None:
        seen: int | None = None
        try:
            while self._listeners and not self._closed:
                try:
                    if seen is None:
                        seen = await run_in_threadpool(self._last)
                        begun.set()
                    for happening in await run_in_threadpool(self._after, seen, None):
                        seen = happening.seq
                        for queue in self._listeners:
                            queue.put_nowait(happening)
                except DatabaseError as error:
                    log.warning("cannot read events now, trying again: %s", error)
                await asyncio.sleep(POLL_SECONDS)
        finally:
            self._poller = None

    def _last(self) -> int:
        with self._database.read() as session:
            return events.last(session)

    def _after(self, seq: int, run_id: str | None) -> list[Happening]:
        with self._database.read() as session:
            found = events.after(session, seq, run_id, BATCH)
            return [Happening(event.seq, event.job_id, event.kind, event.data) for event in found]

    def _is_over(self, run_id: str) -> bool:
        with self._database.read() as session:
            try:
                return runs.get(session, run_id).state in TERMINAL
            except NotFoundError:
                return True
