"""Events as they happen: one poller of the record for all the clients of this process."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool

from backend.store import events
from backend.store.database import Database
from backend.store.tables import TERMINAL

POLL_SECONDS = 0.25
BATCH = 500


class Happening(NamedTuple):
    """One event of a run, numbered so that a client can say which it saw last."""

    seq: int
    run_id: str
    kind: str
    data: dict[str, object]

    @property
    def is_last(self) -> bool:
        """Whether the run is over with this."""
        return self.kind == "state" and self.data.get("state") in TERMINAL


class LiveEvents:
    """Reads new events four times a second while somebody listens, and hands each to every listener."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[asyncio.Queue[Happening | None]] = set()
        self._poller: asyncio.Task[None] | None = None

    async def follow(self, after: int | None, run_id: str | None = None) -> AsyncIterator[Happening]:
        """Yield the events behind `after` (None: for one run from its beginning, for all from now), then new ones.

        For one run the stream ends when the run does. All streams end when the server stops.
        """
        queue: asyncio.Queue[Happening | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            if self._poller is None:
                self._poller = asyncio.create_task(self._poll(await run_in_threadpool(self._last)))
            seen = after
            if seen is None:
                seen = 0 if run_id is not None else await run_in_threadpool(self._last)
            while earlier := await run_in_threadpool(self._after, seen, run_id):
                for happening in earlier:
                    seen = happening.seq
                    yield happening
                if len(earlier) < BATCH:
                    break
            if run_id is not None and earlier and earlier[-1].is_last:
                return
            while (fresh := await queue.get()) is not None:
                if fresh.seq <= seen or run_id not in (None, fresh.run_id):
                    continue
                yield fresh
                if run_id is not None and fresh.is_last:
                    return
        finally:
            self._listeners.discard(queue)

    async def close(self) -> None:
        """End all streams and the poller."""
        if self._poller is not None:
            self._poller.cancel()
        for queue in self._listeners:
            queue.put_nowait(None)

    async def _poll(self, seen: int) -> None:
        try:
            while self._listeners:
                for happening in await run_in_threadpool(self._after, seen, None):
                    seen = happening.seq
                    for queue in self._listeners:
                        queue.put_nowait(happening)
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
