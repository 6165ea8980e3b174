"""Live events on a real record: nothing twice, nothing lost, streams that end."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.live import Happening, LiveEvents
from backend.store import jobs, runs
from backend.store.database import Database
from backend.store.migrate import migrate
from backend.store.runs import NewRun
from backend.store.tables import Run

COST = {"params": 1, "macs": 1, "bits": 1, "activations": 1}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/test.db"
    migrate(url)
    database = Database(url)
    yield database
    database.close()


def ask(database: Database, name: str) -> str:
    new = NewRun(fingerprint=name, variant={}, dataset="d", architecture="a", label=name, cost=COST, baseline=COST)
    with database.write() as session:
        return runs.submit(session, [new])[0].run.id


def cancel(database: Database, run_id: str) -> None:
    with database.write() as session:
        jobs.cancel(session, Run, run_id)


async def take(live: LiveEvents, count: int, after: int | None = None) -> list[int]:
    """The numbers of the first `count` events that a listener gets."""
    seen: list[int] = []
    async for happening in live.follow(after):
        seen.append(happening.seq)
        if len(seen) == count:
            break
    return seen


async def listen(live: LiveEvents, run_id: str, after: int | None = None) -> list[Happening]:
    return [happening async for happening in live.follow(after, run_id)]


def test_many_listeners_that_begin_at_once_get_each_event_once(database: Database) -> None:
    async def scenario() -> list[list[int]]:
        live = LiveEvents(database)
        listeners = [asyncio.create_task(take(live, 5, after=0)) for _ in range(5)]
        for number in range(5):
            await asyncio.to_thread(ask, database, f"run {number}")
        return await asyncio.wait_for(asyncio.gather(*listeners), 20)

    seen = asyncio.run(scenario())
    assert all(numbers == seen[0] for numbers in seen)
    assert seen[0] == sorted(set(seen[0]))


def test_the_stream_of_a_run_ends_with_it(database: Database) -> None:
    async def scenario() -> list[Happening]:
        run_id = ask(database, "a run")
        listener = asyncio.create_task(listen(LiveEvents(database), run_id))
        await asyncio.to_thread(ask, database, "another")
        await asyncio.to_thread(cancel, database, run_id)
        return await asyncio.wait_for(listener, 20)

    assert [happening.data["state"] for happening in asyncio.run(scenario())] == ["queued", "cancelled"]


def test_a_stream_that_is_resumed_behind_the_end_ends(database: Database) -> None:
    run_id = ask(database, "a run")
    cancel(database, run_id)

    async def scenario(after: int) -> list[Happening]:
        return await asyncio.wait_for(listen(LiveEvents(database), run_id, after), 20)

    first, last = asyncio.run(scenario(0))
    assert [happening.seq for happening in asyncio.run(scenario(first.seq))] == [last.seq]
    assert asyncio.run(scenario(last.seq)) == []
    assert asyncio.run(scenario(10**6)) == []


def test_the_stream_of_a_run_that_is_deleted_ends(database: Database) -> None:
    async def scenario() -> list[Happening]:
        run_id = ask(database, "a run")
        live = LiveEvents(database)
        listener = asyncio.create_task(listen(live, run_id))
        await asyncio.to_thread(cancel, database, run_id)
        return await asyncio.wait_for(listener, 20)

    assert asyncio.run(scenario())[-1].is_last


def test_closing_ends_all_streams(database: Database) -> None:
    async def scenario() -> None:
        live = LiveEvents(database)
        waiting = [asyncio.create_task(take(live, 1)), asyncio.create_task(listen(live, ask(database, "a run")))]
        await asyncio.to_thread(database.ok)
        live.close()
        await asyncio.wait_for(asyncio.gather(*waiting), 20)

    asyncio.run(scenario())
