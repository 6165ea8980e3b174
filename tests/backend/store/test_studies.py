"""Studies and the workers' own rows: small tables, small tests."""

import pytest

from backend.store import runs, studies, workers
from backend.store.database import Database
from backend.store.errors import ConflictError, NotFoundError
from tests.backend.store.make import claim, get, new, submit, succeed


def test_a_study_is_found_by_its_name(database: Database) -> None:
    with database.write() as session:
        study, created = studies.find_or_create(session, "Digits quickstart", "digits")
        assert created
    with database.write() as session:
        same, created = studies.find_or_create(session, "Digits quickstart", "digits")
        assert (same.id, created) == (study.id, False)
        with pytest.raises(ConflictError, match="holds runs on digits, not on mnist"):
            studies.find_or_create(session, "Digits quickstart", "mnist")
    with database.read() as session:
        assert studies.get(session, study.id).name == "Digits quickstart"
        with pytest.raises(NotFoundError):
            studies.get(session, "study_0")


def test_runs_belong_to_studies(database: Database) -> None:
    with database.write() as session:
        first, _ = studies.find_or_create(session, "first", "digits")
        second, _ = studies.find_or_create(session, "second", "digits")
        ids = [one.run.id for one in runs.submit(session, [new(1), new(2)], first.id)]
        runs.submit(session, [new(2)], second.id)
        runs.submit(session, [new(2)], second.id)
    succeed(database, claim(database))
    with database.read() as session:
        assert studies.of_runs(session, ids) == {
            ids[0]: [first.id],
            ids[1]: sorted([first.id, second.id]),
        }
        counts = studies.counts(session, [first.id, second.id])
        assert (counts[first.id]["succeeded"], counts[first.id]["queued"]) == (1, 1)
        assert (counts[second.id]["succeeded"], counts[second.id]["queued"]) == (0, 1)
        assert [study.name for study in studies.find(session, sort="-name").items] == ["second", "first"]


def test_a_study_holds_one_data_set(database: Database) -> None:
    with database.write() as session:
        study, _ = studies.find_or_create(session, "digits only", "digits")
    with pytest.raises(ConflictError, match="this variant is on mnist"), database.write() as session:
        runs.submit(session, [new(1), new(2, dataset="mnist")], study.id)
    with database.read() as session:
        assert runs.find(session).total == 0  # all or nothing


def test_deleting_a_study_keeps_its_runs_and_deleting_a_run_leaves_the_study(database: Database) -> None:
    with database.write() as session:
        study, _ = studies.find_or_create(session, "gone", "digits")
        kept, _ = studies.find_or_create(session, "kept", "digits")
        run_id = runs.submit(session, [new(1)], study.id)[0].run.id
        runs.submit(session, [new(1)], kept.id)
    with database.write() as session:
        studies.delete_study(session, study.id)
        with pytest.raises(NotFoundError):
            studies.delete_study(session, study.id)
    assert get(database, run_id).state == "queued"
    with database.write() as session:
        runs.cancel(session, run_id)
        runs.delete_run(session, run_id)
    with database.read() as session:
        assert sum(studies.counts(session, [kept.id])[kept.id].values()) == 0


def test_workers_are_heard_of_and_forgotten(database: Database) -> None:
    def beat(worker_id: str, job_id: str | None = None) -> None:
        with database.write() as session:
            workers.beat(
                session,
                workers.Beat(
                    id=worker_id, host="here", pid=1, runner_pid=2, device="cpu", device_name="a CPU", threads=2,
                    job_id=job_id,
                ),
            )  # fmt: skip

    def live(seconds: float = 60) -> list[tuple[str, str | None]]:
        with database.read() as session:
            return [(worker.id, worker.job_id) for worker in workers.live(session, seconds)]

    beat("worker_a")
    beat("worker_b")
    beat("worker_a", "run_1")
    assert live() == [("worker_a", "run_1"), ("worker_b", None)]
    assert live(-1) == []
    with database.write() as session:
        workers.forget(session, "worker_b")
        workers.forget_silent(session, 60)
    assert live() == [("worker_a", "run_1")]
    with database.write() as session:
        workers.forget_silent(session, -1)
    assert live() == []


def test_submitting_into_a_study_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(NotFoundError), database.write() as session:
        runs.submit(session, [new(1)], "study_0")
    assert submit(database, 2)
