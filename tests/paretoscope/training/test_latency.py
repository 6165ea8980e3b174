"""Latency on real networks: what is told, and what is left alone."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from paretoscope.datasets import DataFolders, load
from paretoscope.machine import cpu_name
from paretoscope.steps.application import apply
from paretoscope.steps.share_weights import ShareWeights
from paretoscope.training import Stopped
from paretoscope.training.inputs import Inputs
from paretoscope.training.latency import Latency, measure_latency
from tests.paretoscope.training.runs import Events, run, variant
from tests.paretoscope.training.test_evaluation import Branching


@pytest.fixture
def digits(folders: DataFolders) -> dict[torch.dtype, Inputs]:
    data = load("digits", folders)
    return {
        dtype: Inputs(data.test, data.mean, data.std, resolution=8, device=torch.device("cpu"), dtype=dtype)
        for dtype in (torch.float32, torch.bfloat16)
    }


class Spy(nn.Module):
    """Notes what it is called with, and in which mode."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Flatten(), nn.Linear(144, 10))
        self.seen: list[tuple[torch.Size, torch.dtype, bool]] = []

    def forward(self, images: Tensor) -> Tensor:
        self.seen.append((images.shape, images.dtype, self.training))
        if images.isnan().any():  # a branch, so that the network is not rewritten
            raise ValueError("not a picture")
        logits: Tensor = self.body(images)
        return logits


def nothing() -> None:
    """Go on."""


def check(found: Latency, precision: str) -> None:
    assert 0 < found.low_ms <= found.median_ms <= found.high_ms
    assert 10 <= found.n <= 100
    assert (found.batch, found.threads, found.device, found.precision) == (1, 1, "here", precision)


@pytest.mark.parametrize(("dtype", "precision"), [(torch.float32, "fp32"), (torch.bfloat16, "bf16")])
@pytest.mark.parametrize("training", [True, False])
def test_a_network_is_timed_and_left_as_it_was(
    digits: dict[torch.dtype, Inputs], dtype: torch.dtype, precision: str, training: bool
) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Flatten(), nn.Linear(144, 10))
    apply(network, [ShareWeights(clusters=4)], warm=True)
    network.train(training)
    before = copy.deepcopy(network.state_dict())
    randomness = torch.random.get_rng_state()
    check(measure_latency(network, digits[dtype], device_name="here", on_forward=nothing), precision)
    assert [module.training for module in network.modules()] == [training] * len(list(network.modules()))
    assert torch.equal(torch.random.get_rng_state(), randomness)
    after = network.state_dict()
    assert before.keys() == after.keys()
    for name, tensor in after.items():
        assert torch.equal(tensor, before[name]), name
        assert tensor.dtype == before[name].dtype


def test_one_image_at_a_time_in_evaluation_mode(digits: dict[torch.dtype, Inputs]) -> None:
    network = Spy()
    asked: list[int] = []
    found = measure_latency(
        network, digits[torch.float32], device_name="here", on_forward=lambda: asked.append(len(network.seen))
    )
    assert set(network.seen[1:]) == {(torch.Size([1, 1, 8, 8]), torch.float32, False)}
    assert network.training
    assert len(asked) > found.n  # before each of those that count, and of the warm-up


def test_bf16_of_a_network_that_cannot_be_rewritten(digits: dict[torch.dtype, Inputs]) -> None:
    network = Branching()
    network.fc = nn.Linear(1, 10)
    check(measure_latency(network, digits[torch.bfloat16], device_name="here", on_forward=nothing), "bf16")
    assert network.fc.weight.dtype is torch.float32


def test_a_slow_network_is_timed_ten_times(digits: dict[torch.dtype, Inputs]) -> None:
    class Slow(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            values = images.new_ones(800, 800)
            for _ in range(2):
                values = values @ values / 800
            return values + images.sum()

    found = measure_latency(Slow(), digits[torch.float32], device_name="here", on_forward=nothing)
    assert 10 <= found.n < 100


def test_stopping_between_forwards(digits: dict[torch.dtype, Inputs]) -> None:
    network = Spy()

    def stop() -> None:
        if len(network.seen) == 4:
            raise Stopped

    with pytest.raises(Stopped):
        measure_latency(network, digits[torch.float32], device_name="here", on_forward=stop)
    assert len(network.seen) == 4
    assert network.training


def test_a_run_tells_its_latency(folders: DataFolders, tmp_path: Path) -> None:
    events = Events()
    outcome = run(variant(folders, epochs=1), folders, tmp_path / "work", events=events)
    latency: dict[str, Any] = outcome.metrics["latency"]
    assert 0 < latency["low_ms"] <= latency["median_ms"] <= latency["high_ms"]
    assert (latency["batch"], latency["threads"], latency["precision"]) == (1, 1, "fp32")
    assert latency["device"] == outcome.metrics["device"] == cpu_name()
    assert json.loads(outcome.artifacts[1].read_text())["metrics"]["latency"] == latency
    assert "timing" in {event["phase"] for event in events.progress()}


def test_a_run_is_stopped_while_it_is_timed(folders: DataFolders, tmp_path: Path) -> None:
    events = Events(lambda heard: bool(heard.progress()) and heard.progress()[-1]["phase"] == "timing")
    with pytest.raises(Stopped):
        run(variant(folders, epochs=1), folders, tmp_path / "work", events=events)
    assert not (tmp_path / "work" / "out").exists()
