"""`/events`: what happens to runs, as Server-Sent Events."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from backend.api.dependencies import TheHouse
from backend.api.runs import RunId
from backend.errors import documented
from backend.live import Happening
from backend.store import runs

router = APIRouter(tags=["events"])

LastEventId = Annotated[int | None, Header(ge=0, le=2**63 - 1, description="Number of the last event that was seen.")]


@router.get("/events", response_class=EventSourceResponse)
async def follow_all(house: TheHouse, last_event_id: LastEventId = None) -> AsyncIterator[ServerSentEvent]:
    """Events of all runs: `state`, `progress`, `epoch`, `deleted`. From now on, or from behind `Last-Event-ID`."""
    async for happening in house.live.follow(last_event_id):
        yield _as_sent(happening)


def existing_run(house: TheHouse, run_id: RunId) -> str:
    """Return the id of a run that exists, before a stream about it begins. Raises NotFoundError."""
    with house.database.read() as session:
        return runs.get(session, run_id).id


@router.get("/runs/{run_id}/events", response_class=EventSourceResponse, responses=documented(404))
async def follow_run(
    house: TheHouse, run_id: Annotated[str, Depends(existing_run)], last_event_id: LastEventId = None
) -> AsyncIterator[ServerSentEvent]:
    """Events of one run from its beginning, or from behind `Last-Event-ID`; ends when the run is over."""
    async for happening in house.live.follow(last_event_id, run_id):
        yield _as_sent(happening)


def _as_sent(happening: Happening) -> ServerSentEvent:
    data = {"run_id": happening.run_id, **happening.data}
    return ServerSentEvent(id=str(happening.seq), event=happening.kind, data=data)
