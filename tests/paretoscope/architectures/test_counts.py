"""Published sizes of the architectures."""

from typing import Any

import pytest
import torch

from paretoscope.architectures import ARCHITECTURES, Architecture
from paretoscope.costs.estimate import estimate
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.variants import Variant

CIFAR = DatasetSpec("cifar10", "CIFAR-10", "", 3, 32, 10, None, flip=True, shift=4)


@pytest.mark.parametrize(
    ("options", "params", "macs"),
    [
        ({"name": "resnet20"}, 269_722, 40_551_040),
        ({"name": "resnet20", "shortcut": "B"}, 272_474, 40_813_184),
        ({"name": "resnet20", "shortcut": "B", "width": 83 / 16}, 7_274_711, None),
        ({"name": "resnet20", "shortcut": "B", "width": 83 / 16, "num_classes": 100}, 7_304_681, None),
        ({"name": "resnet20", "shortcut": "B", "width": 2}, 1_084_586, None),
        # by hand: 9·(3·24 + 24·24 + 24·48 + 48·48) + 2·(24 + 24 + 48 + 48) + 48·10 + 10
        ({"name": "tinyconv"}, 37_714, 9 * (1024 * (72 + 576) + 256 * (1152 + 2304)) + 480),
    ],
)
def test_counts(options: dict[str, Any], params: int, macs: int | None) -> None:
    cost = estimate(Variant.model_validate({"dataset": "cifar10", "architecture": options}), CIFAR).baseline
    assert cost.params == params
    assert cost.bits == 32 * params
    if macs is not None:
        assert cost.macs == macs


@pytest.mark.parametrize("kind", ARCHITECTURES)
@pytest.mark.parametrize(("channels", "resolution"), [(1, 8), (3, 17), (3, 32)])
def test_every_network_trains_on_any_picture(kind: type[Architecture], channels: int, resolution: int) -> None:
    torch.manual_seed(0)
    network: Any = kind.model_validate({"name": kind.model_fields["name"].default}).build(channels, 7)
    logits = network(torch.randn(2, channels, resolution, resolution))
    assert logits.shape == (2, 7)
    logits.square().mean().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
