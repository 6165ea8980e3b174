import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from paretoscope.datasets import DataFolders
from paretoscope.errors import DataError, TrainingError
from paretoscope.training import Outcome, Start, Stopped
from paretoscope.variants import Variant
from tests.paretoscope.datasets.test_cache import largest_file
from tests.paretoscope.training.runs import Events, run, variant

SHARE = {"kind": "share_weights", "clusters": 8}
SEPARABLE = {"kind": "depthwise_separable", "layers": {"exclude": ["conv1"]}}
ADAMW = {"kind": "adamw", "lr": 0.003}


def weights(outcome: Outcome) -> dict[str, torch.Tensor]:
    return load_file(outcome.artifacts[0])


def assert_same_weights(one: Outcome, other: Outcome) -> None:
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    for name, tensor in first.items():
        assert torch.equal(tensor, second[name]), name


def test_a_run_leaves_metrics_and_artifacts(folders: DataFolders, tmp_path: Path) -> None:
    events = Events()
    wanted = variant(folders)
    outcome = run(wanted, folders, tmp_path / "work", events=events)
    assert [path.name for path in outcome.artifacts] == ["weights.safetensors", "metrics.json", "metrics.csv"]
    assert {path.parent for path in outcome.artifacts} == {tmp_path / "work" / "out"}
    top1 = outcome.metrics["top1"]
    assert top1["low"] < top1["value"] < top1["high"]
    assert outcome.metrics["n_test"] == 450
    assert outcome.metrics["precision"] == "fp32"  # small inputs, whatever the machine

    history = events.epochs()
    assert [epoch["epoch"] for epoch in history] == [1, 2, 3]
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    assert history[-1]["test_top1"] == top1["value"]
    kept = json.loads(outcome.artifacts[1].read_text())
    assert kept == {"metrics": outcome.metrics, "history": history}
    with outcome.artifacts[2].open() as file:
        rows = list(csv.DictReader(file))
    assert [{key: float(value) for key, value in row.items()} for row in rows] == history

    progress = events.progress()
    fractions = [event["fraction"] for event in progress]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert {"train", "evaluate", "export"} <= {event["phase"] for event in progress}

    with safe_open(outcome.artifacts[0], framework="pt") as file:
        about = json.loads(file.metadata()["paretoscope"])
    assert Variant.model_validate(about["variant"]) == wanted
    assert len(about["mean"]) == len(about["std"]) == 1


@pytest.mark.parametrize("steps", [[], [SEPARABLE, SHARE]], ids=["plain", "compressed"])
def test_the_same_variant_gives_the_same_weights(
    steps: list[dict[str, Any]], folders: DataFolders, tmp_path: Path
) -> None:
    wanted = variant(folders, steps, epochs=2)
    state = torch.random.get_rng_state()
    first = run(wanted, folders, tmp_path / "one")
    assert torch.equal(torch.random.get_rng_state(), state)  # the caller's randomness is left alone
    torch.rand(5)
    assert_same_weights(first, run(wanted, folders, tmp_path / "two"))
    other = run(wanted.model_copy(update={"seed": 1}), folders, tmp_path / "three")
    assert any(not torch.equal(tensor, weights(other)[name]) for name, tensor in weights(first).items())


@pytest.mark.parametrize("optimizer", [{"kind": "sgd"}, ADAMW], ids=["sgd", "adamw"])
@pytest.mark.parametrize("stop_in", [2, 3, 4])
def test_resuming_equals_never_stopping(
    optimizer: dict[str, Any], stop_in: int, folders: DataFolders, tmp_path: Path
) -> None:
    """Four epochs, weights shared after the second: stopped before, right at, and after that boundary."""
    wanted = variant(folders, [SEPARABLE, SHARE], epochs=4, compress_at=0.5, optimizer=optimizer)
    uninterrupted = run(wanted, folders, tmp_path / "one")

    def in_epoch(events: Events) -> bool:
        progress = events.progress()
        return bool(progress) and progress[-1]["epoch"] == stop_in

    work = tmp_path / "two"
    interrupted = Events(in_epoch)
    with pytest.raises(Stopped):
        run(wanted, folders, work, events=interrupted)
    assert len(interrupted.epochs()) == stop_in - 1
    resumed = Events()
    outcome = run(wanted, folders, work, events=resumed)
    # The finished epochs are told again, in case they were lost on the way.
    assert [epoch["epoch"] for epoch in resumed.epochs()] == [1, 2, 3, 4]
    assert resumed.progress()[0]["note"] == f"resumed after epoch {stop_in - 1}"
    assert_same_weights(uninterrupted, outcome)
    assert outcome.metrics["top1"] == uninterrupted.metrics["top1"]
    again = Events()
    assert_same_weights(run(wanted, folders, work, events=again), outcome)
    assert [epoch["epoch"] for epoch in again.epochs()] == [1, 2, 3, 4]


@pytest.mark.parametrize("damage", ["truncated", "garbage", "foreign", "renamed"])
def test_a_useless_checkpoint_is_ignored_with_a_note(damage: str, folders: DataFolders, tmp_path: Path) -> None:
    wanted = variant(folders, epochs=1)
    first = run(wanted, folders, tmp_path / "one")
    checkpoint = tmp_path / "one" / "checkpoint.safetensors"
    match damage:
        case "truncated":
            checkpoint.write_bytes(checkpoint.read_bytes()[:-1])
        case "garbage":
            checkpoint.write_bytes(b"garbage")
        case "foreign":
            run(wanted.model_copy(update={"seed": 5}), folders, tmp_path / "other")
            checkpoint.write_bytes((tmp_path / "other" / "checkpoint.safetensors").read_bytes())
        case _:
            with safe_open(checkpoint, framework="pt") as file:
                about, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            tensors["network.extra"] = tensors.pop("network.conv1.weight")
            save_file(tensors, checkpoint, about)
    events = Events()
    outcome = run(wanted, folders, tmp_path / "one", events=events)
    assert "training starts over" in events.progress()[0]["note"]
    assert_same_weights(first, outcome)


def test_stopping_leaves_no_results(folders: DataFolders, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        run(variant(folders), folders, tmp_path / "work", events=Events(lambda _: True))
    assert not (tmp_path / "work" / "out").exists()


def test_a_loss_that_is_not_finite_ends_the_run(folders: DataFolders, tmp_path: Path) -> None:
    # Each step multiplies the weights by 1 − 100·1: after twenty they are beyond float32.
    growing = {"kind": "sgd", "lr": 100.0, "weight_decay": 1.0}
    wanted = variant(folders, optimizer=growing, schedule={"kind": "constant"})
    with pytest.raises(TrainingError, match=r"epoch \d of 3.*smaller learning rate \(now 100\)") as caught:
        run(wanted, folders, tmp_path / "work")
    assert caught.value.code == "diverged"
    assert not (tmp_path / "work" / "out").exists()


class TestStart:
    @pytest.fixture
    def trained(self, folders: DataFolders, tmp_path: Path) -> Start:
        wanted = variant(folders, [SEPARABLE], epochs=4)
        return Start(wanted, run(wanted, folders, tmp_path / "start").artifacts[0])

    def test_epochs_zero_compresses_and_evaluates_only(
        self, trained: Start, folders: DataFolders, tmp_path: Path
    ) -> None:
        source = {"from": "run", "id": "run_1"}
        same = run(variant(folders, [SEPARABLE], epochs=0, start=source), folders, tmp_path / "same", trained)
        before = load_file(trained.weights)
        assert all(torch.equal(tensor, before[name]) for name, tensor in weights(same).items())
        assert same.metrics["top1"] == json.loads((tmp_path / "start/out/metrics.json").read_text())["metrics"]["top1"]
        assert same.metrics["train_images_per_second"] is None

        shared = run(variant(folders, [SEPARABLE, SHARE], epochs=0, start=source), folders, tmp_path / "w", trained)
        after = weights(shared)
        codebook = after["conv2.pointwise.parametrizations.weight.original"]
        indices = after["conv2.pointwise.parametrizations.weight.0.indices"].long()
        assert codebook.numel() == 8
        old = before["conv2.pointwise.weight"].flatten()
        # k-means: every weight went to its nearest centroid.
        assert torch.equal(indices, (old[:, None] - codebook).abs().argmin(1))

    def test_shared_weights_train_at_the_rate_of_the_others(
        self, trained: Start, folders: DataFolders, tmp_path: Path
    ) -> None:
        """Summed over its weights a centroid's gradient is so large that this rate would blow the network up."""
        source = {"from": "run", "id": "run_1"}
        before = run(
            variant(folders, [SEPARABLE, SHARE], epochs=0, start=source), folders, tmp_path / "before", trained
        )
        after = run(variant(folders, [SEPARABLE, SHARE], epochs=3, start=source), folders, tmp_path / "after", trained)
        assert after.metrics["loss"] < before.metrics["loss"]

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"steps": [SHARE]}, r"its steps \(depthwise_separable\) are not the first of this variant's steps"),
            ({"steps": []}, r"\(none\)"),
            ({"architecture": {"name": "tinyconv", "width": 0.5}}, "its network is"),
        ],
    )
    def test_another_network_is_refused(
        self, changes: dict[str, Any], reason: str, trained: Start, folders: DataFolders, tmp_path: Path
    ) -> None:
        data = trained.variant.model_dump(by_alias=True, serialize_as_any=True) | changes
        data["recipe"]["start"] = {"from": "run", "id": "run_1"}
        resolved = Variant.model_validate(data)
        architecture = resolved.architecture.model_copy(update={"resolution": 8, "num_classes": 10})
        with pytest.raises(TrainingError, match=reason) as caught:
            run(resolved.model_copy(update={"architecture": architecture}), folders, tmp_path / "w", trained)
        assert caught.value.code == "start_mismatch"

    @pytest.mark.parametrize("damage", ["missing", "extra", "shape", "dtype", "nan", "garbage"])
    def test_weights_that_do_not_fit_are_refused_whole(
        self, damage: str, trained: Start, folders: DataFolders, tmp_path: Path
    ) -> None:
        tensors = load_file(trained.weights)
        match damage:
            case "missing":
                del tensors["fc.bias"]
            case "extra":
                tensors["fc.more"] = torch.zeros(1)
            case "shape":
                tensors["fc.bias"] = torch.zeros(11)
            case "dtype":
                tensors["fc.bias"] = tensors["fc.bias"].double()
            case "nan":
                tensors["fc.bias"][3] = torch.nan
        path = tmp_path / "damaged.safetensors"
        save_file(tensors, path)
        if damage == "garbage":
            path.write_bytes(b"garbage")
        wanted = variant(folders, [SEPARABLE], epochs=0, start={"from": "run", "id": "run_1"})
        pattern = {"garbage": "weights do not fit", "nan": "fc.bias holds infinite or NaN"}.get(
            damage, r"do not fit.*fc\."
        )
        with pytest.raises(TrainingError, match=pattern) as caught:
            run(wanted, folders, tmp_path / "w", Start(trained.variant, path))
        assert caught.value.code == "start_mismatch"

    def test_a_start_that_was_not_given(self, folders: DataFolders, tmp_path: Path) -> None:
        wanted = variant(folders, start={"from": "run", "id": "run_1"})
        with pytest.raises(TrainingError) as caught:
            run(wanted, folders, tmp_path / "w")
        assert caught.value.code == "start_mismatch"


@pytest.mark.parametrize(("compress_at", "plain_epochs"), [(0.0, 0), (0.5, 2), (1.0, 3)])
def test_weight_steps_wait_for_their_share_of_the_epochs(
    compress_at: float, plain_epochs: int, folders: DataFolders, tmp_path: Path
) -> None:
    outcomes = [
        run(variant(folders, steps, epochs=3, compress_at=compress_at), folders, tmp_path / name)
        for name, steps in (("plain", []), ("shared", [SHARE]))
    ]
    plain, shared = (json.loads(outcome.artifacts[1].read_text())["history"] for outcome in outcomes)
    same = [
        one["train_loss"] == other["train_loss"] and one["test_loss"] == other["test_loss"]
        for one, other in zip(plain, shared, strict=True)
    ]
    assert same == [epoch < plain_epochs for epoch in range(3)]
    assert weights(outcomes[1])["conv2.parametrizations.weight.original"].shape == (8,)


def test_a_network_with_too_few_outputs(folders: DataFolders, tmp_path: Path) -> None:
    wanted = variant(folders)
    architecture = wanted.architecture.model_copy(update={"num_classes": 9})
    with pytest.raises(TrainingError, match=r"9 outputs.*10 classes"):
        run(wanted.model_copy(update={"architecture": architecture}), folders, tmp_path / "w")


def test_missing_data_is_a_data_error(folders: DataFolders, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        run(variant(folders).model_copy(update={"dataset": "nowhere"}), folders, tmp_path / "w")


def test_a_full_disk_leaves_no_partial_file(folders: DataFolders, tmp_path: Path) -> None:
    wanted = variant(folders, epochs=1)
    run(wanted, folders, tmp_path / "fill the cache")
    with largest_file(4096), pytest.raises(OSError, match="File too large"):
        run(wanted, folders, tmp_path / "work")
    assert [path for path in (tmp_path / "work").rglob("*") if path.is_file()] == []
