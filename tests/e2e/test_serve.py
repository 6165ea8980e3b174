"""The product from the outside: the first start, Ctrl-C, the second start, the API going away, real images."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.house import ROOT, House, serving, wait_for

LONG = {
    "dataset": "digits",
    "architecture": {"name": "tinyconv"},
    "recipe": {"epochs": 40, "batch_size": 32},
    "seed": 7,
}


def children(house: House) -> list[int]:
    """Pids of all processes below the parent."""
    table = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in table.splitlines()]
    found = [house.process.pid]
    for pid in found:
        found += [child for child, parent in pairs if parent == pid]
    return found[1:]


def alive(pid: int) -> bool:
    """Whether a process is there, and not only as a zombie."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


def test_quickstart_restart_and_interrupt(tmp_path: Path) -> None:
    """The whole life of an installation: everything trains once, Ctrl-C loses nothing, nothing trains twice."""
    data_dir = tmp_path / "data"
    with serving(data_dir) as house:
        study = house.get("studies")["items"][0]
        assert study["name"] == "Digits quickstart"
        done = wait_for(lambda: over(house, study["id"]), "the quickstart to be trained", 180)
        assert len(done) == 13
        assert {run["state"] for run in done} == {"succeeded"}
        baseline = next(run for run in done if run["label"] == "TinyConv")
        assert baseline["metrics"]["top1"]["value"] >= 0.985
        kinds = {step["kind"] for run in done for step in run["variant"]["steps"]}
        assert kinds == {"depthwise_separable", "spatial_separable", "grouped", "share_weights"}
        long = house.call("POST", "runs", {"variant": LONG})["id"]
        wait_for(lambda: len(house.get(f"runs/{long}")["history"]) > 2, "three epochs", 60)
        below = children(house)
        assert len(below) >= 4
        assert house.interrupt() < 5
        assert not [pid for pid in below if alive(pid)]
    with serving(data_dir) as house:
        again = house.get(f"runs?study={study['id']}&limit=100")["items"]
        assert sorted((run["id"], run["finished_at"]) for run in again) == sorted(
            (r["id"], r["finished_at"]) for r in done
        )
        resumed = house.wait_until_over(long)
        assert (resumed["state"], resumed["attempt"]) == ("succeeded", 1)
        assert [row["epoch"] for row in resumed["history"]] == list(range(1, 41))
        assert house.get("studies")["total"] == 1


def over(house: House, study_id: str) -> list[Any] | None:
    runs: list[Any] = house.get(f"runs?study={study_id}&limit=100")["items"]
    return runs if all(run["state"] == "succeeded" for run in runs) else None


def test_the_api_may_go_away_during_a_run(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--no-quickstart") as house:
        run = house.call("POST", "runs", {"variant": LONG})["id"]
        wait_for(lambda: house.get(f"runs/{run}")["history"], "an epoch", 60)
        table = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        (api,) = [
            int(line.split()[0])
            for line in table.splitlines()
            if line.split()[1] == str(house.process.pid) and "backend.cli api" in line
        ]
        os.kill(api, signal.SIGKILL)
        wait_for(lambda: not alive(api), "the API to be gone", 10)
        ended = wait_for(lambda: ended_after_restart(house, run), "the run to end", 120)
        assert (ended["state"], ended["attempt"]) == ("succeeded", 1)


def ended_after_restart(house: House, run_id: str) -> Any:
    try:
        run = house.get(f"runs/{run_id}")
    except OSError:
        return None
    return run if run["state"] == "succeeded" else None


def test_the_readme_s_example_submits_a_variant_and_reads_its_result(tmp_path: Path) -> None:
    (code,) = re.findall(r"```sh\n(API=.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    with serving(tmp_path / "data", "--no-quickstart") as house:
        script = code.replace("http://127.0.0.1:8000", house.url)
        done = subprocess.run(["bash", "-ec", script], capture_output=True, text=True, check=True, timeout=120)
    assert "event: epoch" in done.stdout
    assert json.loads(done.stdout.rpartition("\n\n")[2])["state"] == "succeeded"


def test_two_servers_do_not_share_a_folder_or_a_port(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--no-quickstart") as house:
        with pytest.raises(AssertionError, match=r"running on .* already"):
            House(tmp_path / "data", tmp_path / "second.log")
        taken = ["--port", house.url.rpartition(":")[2]]
        with pytest.raises(AssertionError, match="Choose another with --port"):
            House(tmp_path / "other", tmp_path / "third.log", *taken)


def test_killing_the_parent_leaves_no_orphans(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--no-quickstart") as house:
        wait_for(lambda: house.get("health")["status"] == "ok", "a worker", 60)
        below = children(house)
        house.process.kill()
        house.process.wait()
        wait_for(lambda: not [pid for pid in below if alive(pid)], "all children to be gone", 15)


@pytest.mark.images
@pytest.mark.parametrize(
    ("dataset", "network"),
    [("cifar10-jpeg", {"name": "resnet20", "width": 0.25}), ("mnist", {"name": "tinyconv", "width": 0.25})],
)
def test_real_images_train_from_the_api(tmp_path: Path, images: Path, dataset: str, network: dict[str, Any]) -> None:
    """An epoch on real photos and digits, with progress; needs the images that PARETOSCOPE_DATA names."""
    variant = {"dataset": dataset, "architecture": network, "recipe": {"epochs": 1}}
    with serving(tmp_path / "data", "--no-quickstart", PARETOSCOPE_DATA=str(images)) as house:
        run = house.call("POST", "runs", {"variant": variant})
        seen = wait_for(lambda: house.get(f"runs/{run['id']}")["progress"], "progress", 60)
        assert seen["phase"] in ("data", "train", "evaluate", "export")
        ended = house.wait_until_over(run["id"], 300)
    assert ended["state"] == "succeeded", ended["error"]
    assert ended["metrics"]["n_test"] == 10_000
    assert ended["metrics"]["top1"]["value"] > 0.2
    assert {artifact["name"] for artifact in ended["artifacts"]} >= {
        "weights.safetensors",
        "metrics.json",
        "metrics.csv",
    }
