"""What a worker does with runs when nothing goes wrong, and when a person intervenes."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from backend.queue import QUEUE, TASK
from backend.store import artifacts
from backend.store.tables import TERMINAL
from tests.backend.store.servers import postgresql_server, valkey_server, wait_until
from tests.worker.lab import Lab, digits, open_lab
from tests.worker.processes import environment, family, has_loaded, stop

THREE_FILES = ["metrics.csv", "metrics.json", "weights.safetensors"]


def test_runs_are_trained_measured_and_kept(busy_lab: Lab) -> None:
    ids = busy_lab.submit(digits(1), digits(2))
    for run in busy_lab.wait_for_ends(ids):
        assert (run.state, run.attempt, run.error) == ("succeeded", 1, None)
        assert run.metrics is not None
        assert run.top1 == run.metrics["top1"]["value"]
        assert run.metrics["top1"]["low"] < run.top1 < run.metrics["top1"]["high"]
        assert busy_lab.epochs(run.id) == [1, 2, 3]
        assert busy_lab.states(run.id) == [("queued", 0), ("running", 1), ("succeeded", 1)]
        with busy_lab.database.read() as session:
            files = artifacts.of_jobs(session, [run.id])[run.id]
        assert [one.name for one in files] == THREE_FILES
        assert [busy_lab.files.path(one.sha256).stat().st_size for one in files] == [one.size for one in files]
    assert busy_lab.run(ids[0]).finished_at <= busy_lab.run(ids[1]).started_at  # type: ignore[operator]  # one runner
    wait_until(lambda: not list(busy_lab.settings.work_folder.iterdir()), "the work folders to be removed")


def test_only_the_runner_imports_torch(busy_lab: Lab) -> None:
    busy_lab.wait_for_ends(busy_lab.submit(digits(3, epochs=0)))
    runner = busy_lab.workers()[0].runner_pid
    loaded = {pid: has_loaded(pid, "libtorch") for pid in family(busy_lab.processes[0].pid)}
    assert len(loaded) == 3  # Celery's main process, its child, the runner
    assert [pid for pid, torch in loaded.items() if torch] == [runner]


def test_a_runner_has_its_share_of_the_cores(busy_lab: Lab) -> None:
    worker = busy_lab.found(busy_lab.workers, "a worker")[0]
    assert worker.runner_pid is not None
    given = environment(worker.runner_pid)
    assert given["OMP_WAIT_POLICY"] == "passive"
    assert given["OMP_NUM_THREADS"] == str(worker.threads)
    assert "MALLOC_TRIM_THRESHOLD_" in given


def test_a_doubled_message_is_harmless(busy_lab: Lab) -> None:
    run_id = busy_lab.submit(digits(4), awake=False)[0]
    for _ in range(5):
        busy_lab.app.send_task(TASK, args=[run_id], queue=QUEUE, task_id="the-same")
    assert busy_lab.wait_for(run_id, *TERMINAL).state == "succeeded"
    busy_lab.app.send_task(TASK, args=[run_id], queue=QUEUE, task_id="the-same")
    busy_lab.wait_for_ends(busy_lab.submit(digits(5, epochs=0)))
    assert busy_lab.states(run_id) == [("queued", 0), ("running", 1), ("succeeded", 1)]


def test_a_cancelled_run_stops_and_the_runner_goes_on(busy_lab: Lab) -> None:
    run_id = busy_lab.submit(digits(6, epochs=1000))[0]
    busy_lab.wait_for_epoch(run_id, 1)
    runner = busy_lab.worker_on(run_id).runner_pid
    busy_lab.cancel(run_id)
    run = busy_lab.wait_for(run_id, *TERMINAL)
    assert (run.state, run.error, run.metrics) == ("cancelled", None, None)
    next_id = busy_lab.submit(digits(6, epochs=2))[0]
    assert busy_lab.worker_on(next_id).runner_pid == runner
    assert busy_lab.wait_for(next_id, *TERMINAL).state == "succeeded"
    again = busy_lab.submit(digits(6, epochs=1000))[0]
    assert again == run_id
    busy_lab.wait_for(run_id, "running")
    busy_lab.cancel(run_id)
    assert busy_lab.wait_for(run_id, *TERMINAL).state == "cancelled"


def test_a_run_cancelled_in_the_queue_is_never_started(busy_lab: Lab) -> None:
    first, second = busy_lab.submit(digits(7, epochs=5), digits(8))
    busy_lab.wait_for(first, "running")
    busy_lab.cancel(second)
    assert busy_lab.run(second).state == "cancelled"
    assert busy_lab.wait_for(first, *TERMINAL).state == "succeeded"
    busy_lab.wait_for_ends(busy_lab.submit(digits(9, epochs=0)))
    assert busy_lab.states(second) == [("queued", 0), ("cancelled", 0)]


@pytest.mark.parametrize("seed", range(20, 26))
def test_a_cancel_as_the_run_finishes_leaves_one_clear_end(busy_lab: Lab, seed: int) -> None:
    run_id = busy_lab.submit(digits(seed, epochs=seed % 3))[0]
    busy_lab.wait_for(run_id, "running", *TERMINAL)
    wait_until(lambda: busy_lab.epochs(run_id) or seed % 3 == 0 or busy_lab.run(run_id).state in TERMINAL, "an epoch")
    busy_lab.cancel(run_id)
    run = busy_lab.wait_for(run_id, *TERMINAL)
    with busy_lab.database.read() as session:
        files = artifacts.of_jobs(session, [run_id])[run_id]
    assert run.state in ("succeeded", "cancelled")
    assert (run.metrics is not None) == (len(files) == 3) == (run.state == "succeeded")
    assert [state for state, _ in busy_lab.states(run_id) if state in TERMINAL] == [run.state]


def test_a_run_starts_from_the_weights_of_another(busy_lab: Lab) -> None:
    first = busy_lab.submit(digits(10, epochs=4), awake=False)[0]
    second = busy_lab.submit(digits(10, epochs=0, start=first))[0]
    base, same = busy_lab.wait_for_ends([first, second])
    assert (same.state, same.top1) == ("succeeded", base.top1)
    assert same.started_at is not None
    assert base.finished_at is not None
    assert same.started_at >= base.finished_at


def test_a_run_whose_start_was_cancelled_says_so(busy_lab: Lab) -> None:
    first = busy_lab.submit(digits(11, epochs=1000))[0]
    second = busy_lab.submit(digits(11, epochs=0, start=first))[0]
    third = busy_lab.submit(digits(11, epochs=1, start=second))[0]
    busy_lab.wait_for(first, "running")
    busy_lab.cancel(first)
    for run in busy_lab.wait_for_ends([second, third]):
        assert run.state == "failed"
        assert run.error is not None
        assert run.error["code"] == "start_failed"


def test_an_error_of_training_is_told_and_not_tried_again(busy_lab: Lab) -> None:
    variant = digits(12)
    wild = variant.recipe.optimizer.model_copy(update={"lr": 100.0, "weight_decay": 1.0})
    recipe = variant.recipe.model_copy(update={"optimizer": wild})
    run = busy_lab.wait_for_ends(busy_lab.submit(variant.model_copy(update={"recipe": recipe})))[0]
    assert (run.state, run.attempt) == ("failed", 1)
    assert run.error is not None
    assert run.error["code"] == "diverged"
    assert busy_lab.wait_for_ends(busy_lab.submit(digits(13, epochs=0)))[0].state == "succeeded"


def test_two_workers_share_the_queue(tmp_path: Path) -> None:
    with open_lab(tmp_path) as lab:
        workers = [lab.start_worker(), lab.start_worker()]
        lab.found(lambda: [w for w in [lab.workers()] if len(w) == 2], "two workers")
        ids = lab.submit(*[digits(seed, epochs=4) for seed in range(4)])
        for run in lab.wait_for_ends(ids):
            assert (run.state, run.attempt) == ("succeeded", 1)
            assert lab.states(run.id) == [("queued", 0), ("running", 1), ("succeeded", 1)]
        assert len({lab.run(run_id).worker for run_id in ids}) == 2
        for worker in workers:
            stop(worker)
        assert lab.workers() == []


def test_postgresql_and_redis_by_setting_alone(tmp_path: Path) -> None:
    with (
        postgresql_server() as database_url,
        valkey_server(tmp_path / "valkey") as broker,
        open_lab(tmp_path, database_url=database_url, broker_url=broker.url) as lab,
    ):
        lab.start_worker()
        first = lab.submit(digits(1, epochs=8))[0]
        second = lab.submit(digits(1, epochs=0, start=first))[0]
        lab.wait_for_epoch(first, 2)
        runner = lab.worker_on(first).runner_pid
        assert runner is not None
        os.kill(runner, signal.SIGKILL)
        assert [(run.state, run.attempt) for run in lab.wait_for_ends([first, second])] == [
            ("succeeded", 2),
            ("succeeded", 1),
        ]
        assert lab.epochs(first) == list(range(1, 9))
        stop(lab.processes[0])
        # Celery may let go of Redis more slowly than a worker may take to stop; then it is ended, with status 1.
        assert lab.processes[0].returncode in (0, 1)


def test_the_checkpoint_of_a_run_that_was_cancelled_between_attempts_is_removed(lab: Lab) -> None:
    lab.start_worker()
    run_id = lab.submit(digits(1, epochs=12))[0]
    lab.wait_for_epoch(run_id, 1)
    stop(lab.processes[0])
    assert list((lab.settings.work_folder / run_id).glob("*/checkpoint*"))
    lab.cancel(run_id)
    assert lab.run(run_id).state == "cancelled"
    lab.start_worker()
    wait_until(lambda: not (lab.settings.work_folder / run_id).exists(), "the work folder to be removed")


def test_a_runner_that_cannot_start_costs_no_attempt(lab: Lab, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "torch.py").write_text("raise ImportError('this torch is broken')")
    run_id = lab.submit(digits(1, epochs=0))[0]
    lab.start_worker(PYTHONPATH=str(broken))
    wait_until(lambda: "a runner cannot start" in lab.log_text(), "the failure in the log")
    assert lab.states(run_id) == [("queued", 0)]
    stop(lab.processes[0])
    lab.start_worker()
    assert lab.wait_for(run_id, *TERMINAL).state == "succeeded"


def test_a_worker_wants_a_migrated_database(tmp_path: Path) -> None:
    with open_lab(tmp_path) as lab:
        empty = {**lab.environment(), "PARETOSCOPE_DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"}
        process = subprocess.run(lab.command, cwd=lab.root, env=empty, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert "paretoscope migrate" in process.stderr
