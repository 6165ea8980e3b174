"""Submitting, listing and deleting runs."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.store import artifacts, events, jobs, paging, runs, studies
from backend.store.database import Database
from backend.store.errors import ConflictError, InvalidCursorError, NotFoundError
from backend.store.jobs import Failure
from backend.store.runs import RunFilter
from backend.store.tables import Run
from tests.backend.store.make import claim, get, new, submit, succeed


def test_a_variant_has_one_run(database: Database) -> None:
    with database.write() as session:
        asked = [new(1), new(2), new(1)]
        first = runs.submit(session, asked)
        assert [one.created for one in first] == [True, True, False]
        assert first[0].run.id == first[2].run.id
    with database.write() as session:
        again = runs.submit(session, [new(2), new(3)])
        assert [one.created for one in again] == [False, True]
        assert again[0].run.id == first[1].run.id
    with database.read() as session:
        assert jobs.counts(session, Run)["queued"] == 3
        assert runs.find(session).total == 3


def test_what_was_submitted_is_what_is_read(database: Database) -> None:
    (run_id,) = submit(database, 7)
    run = get(database, run_id)
    assert run_id.startswith("run_")
    assert len(run_id) == len("run_") + 16
    assert run.variant == {"dataset": "digits", "seed": 7}
    assert run.cost == {"params": 7, "macs": 70, "bits": 224, "activations": 5}
    assert (run.state, run.attempt, run.label, run.architecture) == ("queued", 0, "variant 7", "tinyconv")
    with pytest.raises(NotFoundError, match="run_0"):
        get(database, "run_0")


def test_costs_beyond_the_columns_and_scores_are_kept(database: Database) -> None:
    cost = {"params": 1, "macs": 2**40, "bits": 3, "activations": 4, "memory": 5, "scan_macs": 2**41}
    scores = {"micronet_2019": 0.1}
    (run_id,) = submit(database, 1, cost=cost, scores=scores)
    run = get(database, run_id)
    assert run.cost == cost
    assert run.scores == scores


def test_a_row_of_an_older_version_learns_its_scores_when_it_is_asked_for_again(database: Database) -> None:
    (run_id,) = submit(database, 1, cost={**new(1).cost, "memory": 9}, scores={"course_score": 0.5})
    succeed(database, claim(database))
    with database.write() as session:
        run = runs.get(session, run_id)
        run.further_cost = run.scores = None
    assert get(database, run_id).cost == new(1).cost
    submit(database, 1, cost={**new(1).cost, "memory": 9}, scores={"course_score": 0.5})
    run = get(database, run_id)
    assert (run.state, run.cost, run.scores) == ("succeeded", {**new(1).cost, "memory": 9}, {"course_score": 0.5})
    submit(database, 1, cost={**new(1).cost, "memory": 10}, scores={"course_score": 0.6})
    assert get(database, run_id).scores == {"course_score": 0.5}  # what it was trained as


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_run_without_a_result_is_queued_again_behind_the_others(database: Database, end: str) -> None:
    (run_id,) = submit(database, 1, max_attempts=1)
    lease = claim(database)
    with database.write() as session:
        if end == "cancelled":
            runs.cancel(session, run_id)
        jobs.fail(session, Run, lease, Failure("internal", "…"), retry=False)
    assert get(database, run_id).state == end
    (other,) = submit(database, 2)
    with database.write() as session:
        (again,) = runs.submit(session, [new(1, max_attempts=4)])
    assert (again.run.id, again.created) == (run_id, True)
    run = get(database, run_id)
    assert (run.state, run.attempt, run.max_attempts, run.error) == ("queued", 0, 4, None)
    assert (run.started_at, run.finished_at, run.worker) == (None, None, None)
    assert [claim(database).job_id for _ in range(2)] == [other, run_id]


def test_filters(database: Database) -> None:
    submit(database, 1, 2)
    submit(database, 3, dataset="mnist")
    submit(database, 4, architecture="resnet20")
    succeed(database, claim(database))
    with database.write() as session:
        study, _ = studies.find_or_create(session, "chosen", "digits")
        runs.submit(session, [new(2), new(4)], study.id)

    def seeds(where: RunFilter) -> list[int]:
        with database.read() as session:
            return [run.params for run in runs.find(session, where, sort="params").items]

    assert seeds(RunFilter()) == [1, 2, 3, 4]
    assert seeds(RunFilter(dataset="digits")) == [1, 2, 4]
    assert seeds(RunFilter(architecture="resnet20")) == [4]
    assert seeds(RunFilter(states=("succeeded",))) == [1]
    assert seeds(RunFilter(states=("succeeded", "queued"))) == [1, 2, 3, 4]
    assert seeds(RunFilter(study_id=study.id)) == [2, 4]
    assert seeds(RunFilter(study_id=study.id, states=("succeeded",))) == []


@pytest.mark.parametrize("sort", [sign + key for sign in ("", "-") for key in runs.SORT_KEYS])
def test_pages_hold_every_row_once_in_order(database: Database, sort: str) -> None:
    submit(database, *range(1, 12))
    for _ in range(4):  # some with a result, most without; equal results tie
        succeed(database, claim(database))
    found: list[Run] = []
    cursor = None
    with database.read() as session:
        while True:
            page = runs.find(session, sort=sort, limit=3, cursor=cursor)
            assert page.total == 11
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        assert [run.id for run in found] == [run.id for run in runs.find(session, sort=sort, limit=100).items]
    assert len({run.id for run in found}) == len(found) == 11
    values = [getattr(run, sort.removeprefix("-")) for run in found]
    known = [value for value in values if value is not None]
    assert values[: len(known)] == known  # those without a value come last
    assert known == sorted(known, reverse=sort.startswith("-"))


def test_a_page_stays_while_rows_come_and_go(database: Database) -> None:
    submit(database, *range(10, 20))
    with database.read() as session:
        first = runs.find(session, sort="-macs", limit=4)
    with database.write() as session:
        runs.cancel(session, first.items[1].id)
        runs.delete_run(session, first.items[1].id)
    submit(database, 99)
    with database.read() as session:
        second = runs.find(session, sort="-macs", limit=4, cursor=first.next)
    assert [run.params for run in second.items] == [15, 14, 13, 12]


def test_a_cursor_belongs_to_its_order(database: Database) -> None:
    submit(database, 1, 2, 3)
    with database.read() as session:
        cursor = runs.find(session, sort="macs", limit=1).next
        with pytest.raises(InvalidCursorError):
            runs.find(session, sort="-macs", limit=1, cursor=cursor)
        with pytest.raises(ValueError, match="sort must be one of created_at"):
            runs.find(session, sort="password")
        with pytest.raises(ValueError, match="limit must be 1 to 1000"):
            runs.find(session, limit=0)


def _cursor(*place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


@given(
    sort=st.sampled_from(list(runs.SORT_KEYS)),
    place=st.one_of(
        st.text(max_size=30),
        st.binary(max_size=30).map(lambda data: base64.urlsafe_b64encode(data).decode()),
        st.tuples(
            st.sampled_from(list(runs.SORT_KEYS)),
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just([])),
            st.one_of(st.text(), st.integers()),
        ).map(lambda place: _cursor(*place)),
    ),
)
def test_no_cursor_from_outside_reaches_the_database_unchecked(sort: str, place: str) -> None:
    try:
        value, last = paging.decode(place, sort, runs.SORT_KEYS[sort])
    except InvalidCursorError:
        return
    assert last.isprintable()
    assert value is None or isinstance(value, str) == (sort == "state")


def test_only_what_is_over_can_be_deleted(database: Database) -> None:
    queued, running = submit(database, 1, 2)
    with pytest.raises(ConflictError, match="queued; cancel it"), database.write() as session:
        runs.delete_run(session, queued)
    lease = claim(database)
    assert lease.job_id == queued
    with pytest.raises(ConflictError, match="is running"), database.write() as session:
        runs.delete_run(session, queued)
    with pytest.raises(NotFoundError), database.write() as session:
        runs.delete_run(session, "run_0")
    with database.write() as session:
        runs.write_epochs(session, lease, [{"epoch": 1}])
    succeed(database, lease)
    with database.write() as session:
        assert runs.delete_run(session, queued) == []
    with database.read() as session:
        assert runs.history(session, queued) == []
        assert [event.kind for event in events.after(session, 0, queued)] == ["deleted"]
        assert artifacts.of_jobs(session, [running]) == {running: []}
        assert runs.find(session).total == 1


def test_a_run_is_kept_as_long_as_another_needs_its_weights(database: Database) -> None:
    (base,) = submit(database, 1)
    succeed(database, claim(database))
    (tuned,) = submit(database, 2, start_run_id=base)
    with pytest.raises(ConflictError, match=f"{tuned} starts from the weights"), database.write() as session:
        runs.delete_run(session, base)
    succeed(database, claim(database))
    with database.write() as session:
        runs.delete_run(session, base)
    assert get(database, tuned).start_run_id == base


def test_unfinished(database: Database) -> None:
    done, waiting = submit(database, 1, 2)
    succeed(database, claim(database))
    with database.read() as session:
        assert runs.unfinished(session, [done, waiting, "run_0"]) == {waiting}


def test_many_runs_are_submitted_at_once(database: Database) -> None:
    ids = submit(database, *range(1200))
    assert len(set(ids)) == 1200
    with database.read() as session:
        page = runs.find(session, sort="created_at", limit=1000)
    assert [run.id for run in page.items] == ids[:1000]
