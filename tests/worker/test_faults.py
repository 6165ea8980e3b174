"""Faults against real processes: whatever dies, no run is lost and none is done twice."""

import os
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.store.tables import TERMINAL
from tests.backend.store.servers import valkey_server, wait_until
from tests.worker.lab import Lab, digits, open_lab
from tests.worker.processes import alive, family, stop, wait_until_gone

TWICE = [("queued", 0), ("running", 1), ("queued", 1), ("running", 2), ("succeeded", 2)]


def test_a_killed_runner_costs_one_attempt_and_changes_no_result(busy_lab: Lab, tmp_path: Path) -> None:
    run_id = busy_lab.submit(digits(1, epochs=12))[0]
    busy_lab.wait_for_epoch(run_id, 3)
    worker = busy_lab.worker_on(run_id)
    assert worker.runner_pid is not None
    os.kill(worker.runner_pid, signal.SIGKILL)
    busy_lab.wait_for(run_id, *TERMINAL)
    assert busy_lab.states(run_id) == TWICE
    assert busy_lab.epochs(run_id) == list(range(1, 13))
    assert busy_lab.run(run_id).worker == worker.id  # the supervisor lived on
    with open_lab(tmp_path) as quiet:
        quiet.start_worker()
        same = quiet.submit(digits(1, epochs=12))[0]
        assert quiet.wait_for(same, *TERMINAL).attempt == 1
        assert quiet.weights(same) == busy_lab.weights(run_id)


def test_a_run_that_always_crashes_fails_and_the_next_one_goes_on(busy_lab: Lab) -> None:
    bad, good = busy_lab.submit(digits(2, epochs=1000), digits(3))
    for attempt in (1, 2):
        wait_until(lambda n=attempt: ("running", n) in busy_lab.states(bad), f"attempt {attempt}")  # type: ignore[misc]
        worker = busy_lab.worker_on(bad)
        assert worker.runner_pid is not None
        os.kill(worker.runner_pid, signal.SIGKILL)
        wait_until(lambda pid=worker.runner_pid: not alive(pid), "the runner to be gone")  # type: ignore[misc]
        wait_until(lambda n=attempt: busy_lab.states(bad)[-1] != ("running", n), "its end to be seen")  # type: ignore[misc]
    run = busy_lab.wait_for(bad, *TERMINAL)
    assert (run.state, run.attempt) == ("failed", 2)
    assert run.error is not None
    assert run.error["code"] == "attempts_exhausted"
    assert "SIGKILL" in run.error["message"]
    assert busy_lab.wait_for(good, *TERMINAL).state == "succeeded"
    assert busy_lab.states(good) == [("queued", 0), ("running", 1), ("succeeded", 1)]


def test_a_full_disk_under_a_checkpoint_fails_the_run_cleanly(busy_lab: Lab) -> None:
    run_id = busy_lab.submit(digits(4, epochs=1000))[0]
    busy_lab.wait_for_epoch(run_id, 1)
    worker = busy_lab.worker_on(run_id)
    assert worker.runner_pid is not None
    resource.prlimit(worker.runner_pid, resource.RLIMIT_FSIZE, (1000, 1000))
    run = busy_lab.wait_for(run_id, *TERMINAL)
    assert (run.state, run.attempt) == ("failed", 1)
    assert run.error is not None
    assert run.error["code"] == "storage_full"
    assert run.error["message"].startswith("No space left")
    wait_until(lambda: not (busy_lab.settings.work_folder / run_id).exists(), "the work folder to be removed")
    os.kill(worker.runner_pid, signal.SIGKILL)  # the limit cannot be taken back from outside
    assert busy_lab.wait_for_ends(busy_lab.submit(digits(5)))[0].state == "succeeded"


def test_a_full_disk_under_an_artifact_fails_the_run_cleanly(busy_lab: Lab) -> None:
    supervisor = busy_lab.found(busy_lab.workers, "a worker")[0]
    # The weights of this network take more; the database's files take less.
    resource.prlimit(supervisor.pid, resource.RLIMIT_FSIZE, (6 << 20, 6 << 20))
    run = busy_lab.wait_for_ends(busy_lab.submit(digits(6, epochs=0, width=8.0)))[0]
    assert (run.state, run.attempt, run.metrics) == ("failed", 1, None)
    assert run.error is not None
    assert run.error["code"] == "storage_full"
    wait_until(lambda: not (busy_lab.settings.work_folder / run.id).exists(), "the work folder to be removed")
    left = [path for path in busy_lab.settings.artifacts_folder.rglob("*") if path.is_file()]
    assert all(path.stat().st_size < 1 << 20 for path in left)
    assert not [path for path in left if path.name.startswith(".put-")]
    assert busy_lab.wait_for_ends(busy_lab.submit(digits(7)))[0].state == "succeeded"
    os.kill(supervisor.pid, signal.SIGKILL)  # the next one has no limit


def test_a_cancelled_runner_that_does_not_listen_is_killed_and_replaced(busy_lab: Lab) -> None:
    run_id = busy_lab.submit(digits(9, epochs=1000))[0]
    busy_lab.wait_for_epoch(run_id, 1)
    runner = busy_lab.worker_on(run_id).runner_pid
    assert runner is not None
    os.kill(runner, signal.SIGSTOP)
    busy_lab.cancel(run_id)
    assert busy_lab.wait_for(run_id, *TERMINAL).state == "cancelled"
    assert not alive(runner)
    assert busy_lab.wait_for_ends(busy_lab.submit(digits(10, epochs=1)))[0].state == "succeeded"


def test_a_killed_supervisor_takes_its_runner_along_and_is_replaced(busy_lab: Lab) -> None:
    run_id = busy_lab.submit(digits(8, epochs=12))[0]
    busy_lab.wait_for_epoch(run_id, 3)
    worker = busy_lab.worker_on(run_id)
    assert worker.runner_pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    wait_until_gone([worker.pid, worker.runner_pid], 5)
    busy_lab.wait_for(run_id, *TERMINAL)
    assert busy_lab.states(run_id) == TWICE
    assert busy_lab.run(run_id).worker != worker.id


def test_a_killed_worker_leaves_nothing_behind_and_its_run_goes_on_after_the_restart(lab: Lab) -> None:
    first = lab.start_worker()
    run_id, waiting = lab.submit(digits(1, epochs=12), digits(2))
    lab.wait_for_epoch(run_id, 3)
    pids = family(first.pid)
    assert len(pids) == 3
    first.kill()
    first.wait(10)
    wait_until_gone(pids, 5)
    lab.start_worker()
    lab.wait_for_ends([run_id, waiting])
    assert lab.states(run_id) == TWICE
    assert lab.epochs(run_id) == list(range(1, 13))
    assert lab.run(waiting).attempt == 1


def freeze(lab: Lab, pid: int) -> None:
    """Stop a process between two transactions: frozen inside one, it would hold SQLite's only write lock."""
    file = lab.settings.data_dir / "paretoscope.db"

    def stopped_without_the_lock() -> bool:
        os.kill(pid, signal.SIGSTOP)
        connection = sqlite3.connect(file, timeout=0.2)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            os.kill(pid, signal.SIGCONT)
            return False
        finally:
            connection.close()
        return True

    wait_until(stopped_without_the_lock, "a moment without a transaction")


def test_a_frozen_worker_is_fenced_off(lab: Lab) -> None:
    lab.start_worker()
    run_id = lab.submit(digits(1, epochs=25))[0]
    lab.wait_for_epoch(run_id, 2)
    frozen = lab.worker_on(run_id)
    assert frozen.runner_pid is not None
    freeze(lab, frozen.pid)  # its runner goes on
    lab.start_worker()
    wait_until(lambda: ("running", 2) in lab.states(run_id), "the second worker to take over")
    os.kill(frozen.pid, signal.SIGCONT)
    wait_until_gone([frozen.runner_pid], 10)
    lab.wait_for(run_id, *TERMINAL)
    assert lab.states(run_id) == TWICE
    assert lab.epochs(run_id) == list(range(1, 26))
    assert lab.run(run_id).worker != frozen.id
    assert alive(frozen.pid)  # and works on with a new runner
    wait_until(lambda: len(lab.workers()) == 2, "both workers to be heard of")


def _term_main(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)


def _term_group(pid: int) -> None:
    os.killpg(pid, signal.SIGTERM)


def _interrupt_group(pid: int) -> None:
    os.killpg(pid, signal.SIGINT)


def _interrupt_group_twice(pid: int) -> None:
    os.killpg(pid, signal.SIGINT)
    os.killpg(pid, signal.SIGINT)


@pytest.mark.parametrize("tell", [_term_main, _term_group, _interrupt_group, _interrupt_group_twice])
def test_a_worker_that_is_stopped_gives_its_run_back(lab: Lab, tell: Callable[[int], None]) -> None:
    worker = lab.start_worker()
    run_id = lab.submit(digits(1, epochs=12))[0]
    lab.wait_for_epoch(run_id, 3)
    pids = family(worker.pid)
    tell(worker.pid)
    wait_until_gone(pids, 4)
    run = lab.run(run_id)
    assert (run.state, run.attempt, run.worker) == ("queued", 0, None)
    assert lab.workers() == []
    done = len(lab.epochs(run_id))
    lab.start_worker()
    lab.wait_for(run_id, *TERMINAL)
    assert lab.states(run_id)[2:] == [("queued", 0), ("running", 1), ("succeeded", 1)]
    assert lab.epochs(run_id) == list(range(1, 13))
    assert 3 <= done < 12


def test_a_runner_that_does_not_listen_is_killed_when_the_worker_stops(lab: Lab) -> None:
    worker = lab.start_worker()
    run_id = lab.submit(digits(1, epochs=1000))[0]
    lab.wait_for_epoch(run_id, 1)
    runner = lab.worker_on(run_id).runner_pid
    assert runner is not None
    os.kill(runner, signal.SIGSTOP)
    pids = family(worker.pid)
    worker.send_signal(signal.SIGTERM)
    wait_until_gone(pids, 5)
    assert (lab.run(run_id).state, lab.run(run_id).attempt) == ("queued", 0)


def test_runs_finish_although_the_embedded_broker_was_wiped(lab: Lab) -> None:
    ids = lab.submit(digits(1), digits(2, epochs=1))
    shutil.rmtree(lab.settings.data_dir / "broker")
    lab.start_worker()
    assert [run.state for run in lab.wait_for_ends(ids)] == ["succeeded"] * 2
    shutil.rmtree(lab.settings.data_dir / "broker")  # under the worker's feet
    later = lab.submit(digits(3, epochs=1), awake=False)
    assert lab.wait_for_ends(later)[0].state == "succeeded"


def test_runs_finish_although_redis_was_killed_and_lost_everything(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    with valkey_server(folder) as server, open_lab(tmp_path, broker_url=server.url) as lab:
        lab.start_worker()
        assert lab.wait_for_ends(lab.submit(digits(1, epochs=1)))[0].state == "succeeded"
        ids = lab.submit(digits(2, epochs=8), digits(3), digits(4))
        lab.wait_for(ids[0], "running")
        server.kill()
        ids += lab.submit(digits(5), awake=False)
        lab.wait_for_ends(ids)  # a runner that is awake needs no broker
        server.start()
        ids += lab.submit(digits(6), awake=False)
        lab.wait_for_ends(ids)
        server.kill()  # now under an idle worker
        server.start()
        ids += lab.submit(digits(7), awake=False)
        for run in lab.wait_for_ends(ids):
            assert lab.states(run.id) == [("queued", 0), ("running", 1), ("succeeded", 1)]
        stop(lab.processes[0])
