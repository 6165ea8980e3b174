"""Any sequence of what persons, workers and sweepers do leaves the record as a simple model says."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule
from sqlalchemy import update

from backend.store import events, jobs, runs
from backend.store.database import Database
from backend.store.errors import ConflictError, LeaseLostError, NotFoundError
from backend.store.jobs import Failure, Lease
from backend.store.migrate import migrate
from backend.store.tables import TERMINAL, Run, State
from tests.backend.store.make import METRICS, new

MAX_ATTEMPTS = 2
NUMBERS = st.integers(0, 3)


@dataclass
class Expected:
    """What the record should say of a run."""

    number: int
    state: State = "queued"
    attempt: int = 0
    token: str | None = None
    expired: bool = False
    states: list[str] = field(default_factory=lambda: ["queued"])

    def move(self, state: State) -> None:
        self.state = state
        self.states.append(state)
        if state not in ("running", "cancelling"):
            self.token, self.expired = None, False

    def lose_attempt(self) -> None:
        if self.state == "cancelling":
            self.move("cancelled")
        else:
            self.move("queued" if self.attempt < MAX_ATTEMPTS else "failed")


@lru_cache
def template() -> Path:
    """Return a migrated database to copy."""
    folder = Path(tempfile.mkdtemp(prefix="paretoscope-machine-"))
    atexit.register(shutil.rmtree, folder)
    file = folder / "template.db"
    migrate(f"sqlite:///{file}")
    return file


class Life(RuleBasedStateMachine):
    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="paretoscope-machine-"))
        shutil.copy(template(), self.folder / "test.db")
        self.database = Database(f"sqlite:///{self.folder}/test.db")
        self.expected: dict[str, Expected] = {}
        self.queue: list[str] = []

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    def found(self, number: int) -> str | None:
        return next((run_id for run_id, one in self.expected.items() if one.number == number), None)

    @rule(number=NUMBERS)
    def submit(self, number: int) -> None:
        with self.database.write() as session:
            (one,) = runs.submit(session, [new(number, max_attempts=MAX_ATTEMPTS)])
        known = self.found(number)
        if known is None:
            assert one.created
            self.expected[one.run.id] = Expected(number)
            self.queue.append(one.run.id)
            return
        assert one.run.id == known
        model = self.expected[known]
        assert one.created == (model.state in ("failed", "cancelled"))
        if one.created:
            model.attempt = 0
            model.move("queued")
            self.queue.append(known)

    @rule(number=NUMBERS)
    def cancel(self, number: int) -> None:
        run_id = self.found(number) or "run_0"
        model = self.expected.get(run_id)
        if model is None:
            with pytest.raises(NotFoundError), self.database.write() as session:
                runs.cancel(session, run_id)
            return
        with self.database.write() as session:
            state = runs.cancel(session, run_id).state
        if model.state == "queued":
            self.queue.remove(run_id)
            model.move("cancelled")
        elif model.state == "running":
            model.move("cancelling")
        assert state == model.state

    @rule(number=NUMBERS)
    def delete(self, number: int) -> None:
        run_id = self.found(number)
        if run_id is None:
            return
        if self.expected[run_id].state in TERMINAL:
            with self.database.write() as session:
                runs.delete_run(session, run_id)
            del self.expected[run_id]
        else:
            with pytest.raises(ConflictError), self.database.write() as session:
                runs.delete_run(session, run_id)

    @rule(target=leases)
    def claim(self) -> Lease:
        with self.database.write() as session:
            run = jobs.claim_next(session, Run, "worker", 1000)
        if not self.queue:
            assert run is None
            return Lease("run_0", "none")
        assert run is not None
        assert run.id == self.queue.pop(0)
        model = self.expected[run.id]
        model.attempt += 1
        model.move("running")
        model.token = run.lease_token
        return jobs.lease_of(run)

    def holder(self, lease: Lease) -> Expected | None:
        model = self.expected.get(lease.job_id)
        return model if model is not None and model.token == lease.token else None

    @rule(lease=leases)
    def renew(self, lease: Lease) -> None:
        model = self.holder(lease)
        if model is None:
            with pytest.raises(LeaseLostError), self.database.write() as session:
                jobs.renew(session, Run, lease, 1000)
            return
        with self.database.write() as session:
            assert jobs.renew(session, Run, lease, 1000) == model.state
        model.expired = False

    @rule(lease=consumes(leases), how=st.sampled_from(["succeed", "fail", "retry", "release"]))
    def end(self, lease: Lease, how: str) -> None:
        model = self.holder(lease)
        failure = Failure("internal", "it broke")

        def act() -> None:
            with self.database.write() as session:
                if how == "succeed":
                    runs.succeed(session, lease, METRICS, [])
                elif how == "release":
                    jobs.release(session, Run, lease)
                else:
                    jobs.fail(session, Run, lease, failure, retry=how == "retry")

        if model is None:
            with pytest.raises(LeaseLostError):
                act()
            return
        act()
        if how == "succeed":
            model.move("succeeded")
        elif model.state == "cancelling":
            model.move("cancelled")
        elif how == "fail":
            model.move("failed")
        elif how == "retry":
            model.lose_attempt()
        else:
            model.attempt -= 1
            model.move("queued")
        if model.state == "queued":
            self.requeue(lease.job_id)

    @rule(lease=leases)
    def fall_silent(self, lease: Lease) -> None:
        model = self.holder(lease)
        if model is not None:
            with self.database.write() as session:
                session.execute(update(Run).where(Run.id == lease.job_id).values(lease_expires_at=0.0))
            model.expired = True

    @precondition(lambda self: any(model.expired for model in self.expected.values()))
    @rule()
    def sweep(self) -> None:
        with self.database.write() as session:
            swept = runs.sweep(session)
        ended = []
        for run_id, model in self.expected.items():
            if model.expired:
                model.lose_attempt()
                ended.append(model.state)
                if model.state == "queued":
                    self.requeue(run_id)
        assert (swept.requeued, swept.failed, swept.cancelled) == tuple(
            ended.count(state) for state in ("queued", "failed", "cancelled")
        )
        assert swept.waiting == len(self.queue)

    def requeue(self, run_id: str) -> None:
        """A run that was interrupted keeps its place, which is where it was asked for."""
        with self.database.read() as session:
            at = {one: runs.get(session, one).queued_at for one in [*self.queue, run_id]}
        self.queue = sorted([*self.queue, run_id], key=lambda one: (at[one], one))

    @invariant()
    def record_is_as_expected(self) -> None:
        with self.database.read() as session:
            found = runs.find(session, limit=100).items
            told = {run_id: events.after(session, 0, run_id) for run_id in self.expected}
        assert {run.id: (run.state, run.attempt, run.lease_token) for run in found} == {
            run_id: (model.state, model.attempt, model.token) for run_id, model in self.expected.items()
        }
        for run in found:
            model = self.expected[run.id]
            assert [event.data["state"] for event in told[run.id]] == model.states
            assert (run.metrics is not None) == (run.state == "succeeded")
            assert (run.error is not None) == (run.state == "failed")
            assert (run.finished_at is not None) == (run.state in TERMINAL)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
