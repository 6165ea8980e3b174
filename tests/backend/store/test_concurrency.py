"""Many threads and processes on one database."""

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from backend.store import events, jobs, runs
from backend.store.database import Database
from backend.store.tables import Run
from tests.backend.store.make import METRICS, new, submit

T = TypeVar("T")


def together(count: int, act: Callable[[int], T]) -> Sequence[T]:
    """Call from many threads that start at the same moment."""
    barrier = threading.Barrier(count)

    def one(number: int) -> T:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_fifty_identical_submissions_make_one_run(database: Database) -> None:
    def ask(_: int) -> tuple[str, bool]:
        with database.write() as session:
            (one,) = runs.submit(session, [new(1)])
        return one.run.id, one.created

    answers = together(50, ask)
    assert len({run_id for run_id, _ in answers}) == 1
    assert sum(created for _, created in answers) == 1
    with database.read() as session:
        assert runs.find(session).total == 1
        assert [event.kind for event in events.after(session, 0)] == ["state"]


def test_overlapping_batches_in_any_order_do_not_deadlock(database: Database) -> None:
    def ask(number: int) -> int:
        numbers = list(range(number, number + 20))
        with database.write() as session:
            asked = runs.submit(session, [new(n) for n in (numbers if number % 2 else reversed(numbers))])
        return sum(one.created for one in asked)

    assert sum(together(12, ask)) == 31
    with database.read() as session:
        assert runs.find(session).total == 31


def test_a_cancel_and_a_finish_at_the_same_moment_leave_one_end(database: Database) -> None:
    for number in range(15):
        (run_id,) = submit(database, number)
        with database.write() as session:
            run = jobs.claim_next(session, Run, "worker_a", 60)
        assert run is not None
        lease = jobs.lease_of(run)

        def act(side: int, run_id: str = run_id, lease: jobs.Lease = lease) -> str:
            with database.write() as session:
                if side == 0:
                    return runs.cancel(session, run_id).state
                return runs.succeed(session, lease, METRICS, []).state

        cancelled, finished = together(2, act)
        assert finished == "succeeded"
        assert cancelled in ("cancelling", "succeeded")
        with database.read() as session:
            assert runs.get(session, run_id).state == "succeeded"


def _work(url: str) -> None:
    """Claim and finish until nothing is left, in a process of its own."""
    database = Database(url)
    while True:
        with database.write() as session:
            run = jobs.claim_next(session, Run, "worker_a", 60)
        if run is None:
            break
        lease = jobs.lease_of(run)
        with database.write() as session:
            jobs.write_progress(session, Run, lease, {"fraction": 0.5})
        with database.write() as session:
            runs.write_epochs(session, lease, [{"epoch": 1}])
        with database.write() as session:
            runs.succeed(session, lease, METRICS, [])
    database.close()


def test_processes_share_the_queue_and_a_reader_by_number_misses_nothing(url: str, database: Database) -> None:
    count = 80
    submit(database, *range(count))
    # Forked before it does anything; every child opens its own database.
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(url,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    seen: list[int] = []
    kinds: Counter[tuple[str, str]] = Counter()
    last = 0
    while True:
        alive = any(worker.is_alive() for worker in workers)
        with database.read() as session:
            found = events.after(session, last)
        for event in found:
            seen.append(event.seq)
            kinds[event.job_id, str(event.data.get("state", event.kind))] += 1
        last = seen[-1] if seen else 0
        if not found and not alive:
            break
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert seen == sorted(set(seen))
    with database.read() as session:
        done = runs.find(session, limit=1000).items
    assert [(run.state, run.attempt) for run in done] == [("succeeded", 1)] * count
    for run in done:
        assert all(kinds[run.id, what] == 1 for what in ("queued", "running", "epoch", "succeeded"))


def test_many_sweepers_and_workers_lose_nothing(database: Database) -> None:
    submit(database, *range(30), max_attempts=100)

    def act(side: int) -> int:
        done = 0
        for step in range(40):
            with database.write() as session:
                if side < 2:
                    runs.sweep(session)
                    continue
                # Half of the claims are abandoned at once, with a lease that has already run out.
                run = jobs.claim_next(session, Run, f"worker_{side}", 60 if step % 2 else -1)
            if run is not None and step % 2:
                with database.write() as session:
                    runs.succeed(session, jobs.lease_of(run), METRICS, [])
                done += 1
        return done

    finished = sum(together(5, act))
    with database.write() as session:
        runs.sweep(session)
    with database.read() as session:
        counts = jobs.counts(session, Run)
    assert counts["succeeded"] == finished
    assert counts["succeeded"] + counts["queued"] == 30


def test_a_new_file_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    """Switching a file to WAL knows no timeout: whoever comes second is told that it is locked."""
    for number in range(10):
        url = f"sqlite:///{tmp_path}/{number}.db"
        assert all(together(6, partial(opens, url)))


def opens(url: str, _: int) -> bool:
    """Open a database of one's own, and tell whether it answers."""
    database = Database(url)
    try:
        return database.ok()
    finally:
        database.close()
