"""The life of a job: claims, leases, fences, attempts, cancels."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from backend.store import events, jobs, runs
from backend.store.database import Database
from backend.store.errors import LeaseLostError, NotFoundError
from backend.store.jobs import Failure, Swept
from backend.store.tables import Run
from tests.backend.store.make import METRICS, claim, get, new, submit, succeed, sweep

EXPIRED = -1.0  # a lease that has run out when it begins


def test_runs_are_claimed_oldest_first_in_the_order_asked(database: Database) -> None:
    ids = submit(database, 9, 3, 7)
    ids += submit(database, 1)
    assert [claim(database).job_id for _ in ids] == ids
    with database.write() as session:
        assert jobs.claim_next(session, Run, "worker_a", 60) is None


def test_a_claim_is_a_running_row_with_a_lease(database: Database) -> None:
    (run_id,) = submit(database, 1)
    lease = claim(database, 60)
    run = get(database, run_id)
    assert (run.state, run.attempt, run.worker, run.lease_token) == ("running", 1, "worker_a", lease.token)
    assert run.started_at is not None
    assert run.lease_expires_at is not None
    assert 59 < run.lease_expires_at - run.started_at < 61
    assert run.created_at <= run.started_at


def test_success_records_metrics_and_ends_the_lease(database: Database) -> None:
    (run_id,) = submit(database, 1)
    lease = claim(database)
    succeed(database, lease)
    run = get(database, run_id)
    assert (run.state, run.top1, run.metrics, run.lease_token) == ("succeeded", 0.9, METRICS, None)
    assert run.finished_at is not None
    with pytest.raises(LeaseLostError):
        succeed(database, lease)


def test_an_expired_lease_is_kept_until_somebody_takes_it(database: Database) -> None:
    submit(database, 1)
    lease = claim(database, EXPIRED)
    with database.write() as session:
        assert jobs.renew(session, Run, lease, 60) == "running"
    assert sweep(database) == Swept(requeued=0, failed=0, cancelled=0, waiting=0)


def test_whoever_lost_the_lease_can_write_nothing(database: Database) -> None:
    (run_id,) = submit(database, 1)
    old = claim(database, EXPIRED)
    assert sweep(database).requeued == 1
    current = claim(database, worker="worker_b")
    writes: list[Callable[[Session], object]] = [
        lambda s: jobs.renew(s, Run, old, 60),
        lambda s: jobs.state(s, Run, old),
        lambda s: jobs.write_progress(s, Run, old, {"fraction": 0.5}),
        lambda s: runs.write_epochs(s, old, [{"epoch": 1}]),
        lambda s: jobs.fail(s, Run, old, Failure("internal", "…"), retry=False),
        lambda s: jobs.release(s, Run, old),
        lambda s: runs.succeed(s, old, METRICS, []),
    ]
    for write in writes:
        with pytest.raises(LeaseLostError), database.write() as session:
            write(session)
    run = get(database, run_id)
    assert (run.state, run.attempt, run.worker, run.progress) == ("running", 2, "worker_b", None)
    succeed(database, current)


def test_a_silent_worker_costs_an_attempt_and_the_last_one_fails_the_run(database: Database) -> None:
    (run_id,) = submit(database, 1, max_attempts=2)
    claim(database, EXPIRED)
    assert sweep(database) == Swept(requeued=1, failed=0, cancelled=0, waiting=1)
    run = get(database, run_id)
    assert (run.state, run.attempt, run.worker, run.lease_token) == ("queued", 1, None, None)
    claim(database, EXPIRED, worker="worker_b")
    assert sweep(database) == Swept(requeued=0, failed=1, cancelled=0, waiting=0)
    run = get(database, run_id)
    assert run.state == "failed"
    assert run.error == {
        "code": "attempts_exhausted",
        "message": "All 2 attempts ended without a result; last, its worker (worker_b) was not heard of any more.",
    }


def test_a_failure_that_may_be_retried_goes_back_to_the_front_of_the_queue(database: Database) -> None:
    first, _ = submit(database, 1, 2)
    for attempt in (1, 2, 3):
        lease = claim(database)
        assert lease.job_id == first
        assert get(database, first).attempt == attempt
        with database.write() as session:
            jobs.fail(session, Run, lease, Failure("attempt_failed", "its runner process died"), retry=True)
    error = get(database, first).error
    assert error is not None
    assert error["message"] == "All 3 attempts ended without a result; last, its runner process died."


def test_a_failure_that_would_come_again_is_not_retried(database: Database) -> None:
    (run_id,) = submit(database, 1)
    lease = claim(database)
    with database.write() as session:
        jobs.fail(session, Run, lease, Failure("diverged", "The loss is not a number."), retry=False)
    run = get(database, run_id)
    assert (run.state, run.error) == ("failed", {"code": "diverged", "message": "The loss is not a number."})


def test_a_released_run_has_not_used_its_attempt(database: Database) -> None:
    (run_id,) = submit(database, 1, max_attempts=1)
    for _ in range(3):
        lease = claim(database)
        with database.write() as session:
            jobs.release(session, Run, lease)
        assert (get(database, run_id).state, get(database, run_id).attempt) == ("queued", 0)
    succeed(database, claim(database))
    assert get(database, run_id).attempt == 1


def test_cancel_by_state(database: Database) -> None:
    running, queued = submit(database, 1, 2)
    lease = claim(database)

    def cancel(run_id: str) -> str:
        with database.write() as session:
            return runs.cancel(session, run_id).state

    assert cancel(queued) == "cancelled"
    assert cancel(running) == "cancelling"
    assert cancel(running) == "cancelling"
    with database.write() as session:
        assert jobs.renew(session, Run, lease, 60) == "cancelling"
    with database.write() as session:
        jobs.release(session, Run, lease)
    assert get(database, running).state == "cancelled"
    assert cancel(running) == cancel(queued) == "cancelled"
    with pytest.raises(NotFoundError, match="run_unknown"):
        cancel("run_unknown")


def test_a_finish_wins_over_a_cancel(database: Database) -> None:
    (run_id,) = submit(database, 1)
    lease = claim(database)
    with database.write() as session:
        runs.cancel(session, run_id)
    succeed(database, lease)
    assert get(database, run_id).state == "succeeded"


@pytest.mark.parametrize("retry", [True, False])
def test_a_run_that_fails_while_it_is_cancelled_is_cancelled(database: Database, retry: bool) -> None:
    (run_id,) = submit(database, 1)
    lease = claim(database)
    with database.write() as session:
        runs.cancel(session, run_id)
    with database.write() as session:
        jobs.fail(session, Run, lease, Failure("internal", "killed"), retry=retry)
    assert (get(database, run_id).state, get(database, run_id).error) == ("cancelled", None)


def test_a_cancel_whose_worker_died_is_finished_by_the_sweeper(database: Database) -> None:
    (run_id,) = submit(database, 1)
    claim(database, EXPIRED)
    with database.write() as session:
        runs.cancel(session, run_id)
    assert sweep(database).cancelled == 1
    assert get(database, run_id).state == "cancelled"


def test_a_run_waits_for_the_run_it_starts_from(database: Database) -> None:
    (base,) = submit(database, 1)
    (tuned,) = submit(database, 2, start_run_id=base)
    (other,) = submit(database, 3)
    assert sweep(database).waiting == 2
    lease = claim(database)
    assert claim(database).job_id == other
    assert sweep(database).waiting == 0
    succeed(database, lease)
    assert sweep(database).waiting == 1
    assert claim(database).job_id == tuned


@pytest.mark.parametrize(("end", "word"), [("fail", "failed"), ("cancel", "was cancelled"), ("never", "no longer")])
def test_a_run_without_its_start_fails_and_so_do_those_behind_it(database: Database, end: str, word: str) -> None:
    (base,) = submit(database, 1) if end != "never" else ("run_gone",)
    (second,) = submit(database, 2, start_run_id=base)
    (third,) = submit(database, 3, start_run_id=second)
    if end == "fail":
        lease = claim(database)
        with database.write() as session:
            jobs.fail(session, Run, lease, Failure("diverged", "…"), retry=False)
    elif end == "cancel":
        with database.write() as session:
            runs.cancel(session, base)
    assert sweep(database).failed == 2
    for run_id, needed in ((second, base), (third, second)):
        error = get(database, run_id).error
        assert error is not None
        assert error["code"] == "start_failed"
        assert needed in error["message"]
    error = get(database, second).error
    assert error is not None
    assert word in error["message"]


def test_every_change_of_state_is_an_event(database: Database) -> None:
    (run_id,) = submit(database, 1)
    lease = claim(database)
    with database.write() as session:
        jobs.write_progress(session, Run, lease, {"fraction": 0.1})
        runs.write_epochs(session, lease, [{"epoch": 1, "test_top1": 0.5}, {"epoch": 2, "test_top1": 0.6}])
    assert get(database, run_id).progress == {"fraction": 0.1}
    with database.read() as session:
        assert [event.kind for event in events.after(session, 0, run_id)] == [
            "state", "state", "progress", "epoch", "epoch",
        ]  # fmt: skip
    succeed(database, lease)
    with database.read() as session:
        found = events.after(session, 0, run_id)
        assert [event.kind for event in found] == ["state", "state", "epoch", "epoch", "state"]
        assert found[-1].data == {"state": "succeeded", "attempt": 1, "error": None}
        assert events.last(session) == found[-1].seq
        assert events.after(session, found[2].seq) == found[3:]
        assert events.after(session, 0, limit=2) == found[:2]


def test_a_transaction_that_fails_leaves_no_event(database: Database) -> None:
    def submit_and_fail() -> None:
        with database.write() as session:
            runs.submit(session, [new(1)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        submit_and_fail()
    with database.read() as session:
        assert runs.find(session).total == 0
        assert events.last(session) == 0


def test_a_resumed_attempt_replaces_the_epochs_it_repeats(database: Database) -> None:
    (run_id,) = submit(database, 1)

    def epochs(first: int, last: int, attempt: int) -> list[dict[str, int]]:
        return [{"epoch": number, "attempt": attempt} for number in range(first, last + 1)]

    lease = claim(database, EXPIRED)
    with database.write() as session:
        runs.write_epochs(session, lease, epochs(1, 5, 1))
    sweep(database)
    lease = claim(database)
    with database.write() as session:
        runs.write_epochs(session, lease, epochs(1, 3, 1))  # told again from the checkpoint: nothing new
        runs.write_epochs(session, lease, epochs(4, 4, 2))
    with database.read() as session:
        assert runs.history(session, run_id) == epochs(1, 3, 1) + epochs(4, 4, 2)
        told = [event.data for event in events.after(session, 0, run_id) if event.kind == "epoch"]
    assert told == epochs(1, 5, 1) + epochs(4, 4, 2)
