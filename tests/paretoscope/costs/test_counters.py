"""Totals of other counters from our own: the counters run here, and what they printed where they are not installed."""

import warnings
from functools import lru_cache
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from paretoscope.costs.counters import COUNTERS, Counts, counted
from paretoscope.costs.counting import count
from paretoscope.costs.estimate import estimate
from paretoscope.datasets.spec import BUILT_IN
from paretoscope.torchvision_compat import import_torchvision
from paretoscope.variants import Variant

# name, fvcore, thop 0.1.1, ptflops 0.7.5, torchinfo 1.8.0: MACs as the tools print them for torchvision's networks
PRINTED = [
    ("resnet50", 4_111_512_576, 4_133_742_592, 4_132_436_968, 4_089_238_376),
    ("mobilenet_v2", 314_193_216, 327_486_720, 320_300_008, 300_809_384),
]


def fvcore_total(network: nn.Module, *shape: int) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it scripts and traces, which torch deprecates
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(network.eval(), torch.zeros(1, *shape))
        analysis.unsupported_ops_warnings(False)
        return int(analysis.total())


@lru_cache
def network_of(name: str, device: str) -> nn.Module:
    models: Any = import_torchvision("torchvision.models")
    with torch.device(device):
        network: nn.Module = getattr(models, name)()
    return network


def found(name: str) -> Counts:
    return counted(count(network_of(name, "meta"), (3, 224, 224)))


@pytest.mark.parametrize(("name", "fvcore", "thop", "ptflops", "torchinfo"), PRINTED)
def test_printed_totals(name: str, fvcore: int, thop: int, ptflops: int, torchinfo: int) -> None:
    assert found(name)._asdict() == {
        "fvcore": fvcore,
        "flop_counter": found(name).flop_counter,
        "thop": thop,
        "ptflops": ptflops,
        "torchinfo": torchinfo,
    }


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2"])
def test_fvcore_itself(name: str) -> None:
    assert found(name).fvcore == fvcore_total(network_of(name, "cpu"), 3, 224, 224)


# millions, to the digit that was noted down
@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ({"name": "mobilenet_v1"}, {"fvcore": "578.9", "thop": "589.0", "ptflops": "589.0"}),
        ({"name": "mobilenet_v2"}, {"fvcore": "314.2", "torchinfo": "300.8"}),
        ({"name": "resnet50"}, {"fvcore": "4111.5", "thop": "4133.7", "ptflops": "4132.4", "torchinfo": "4089.2"}),
        ({"name": "mobilevit_xxs", "resolution": 256}, {"fvcore": "340.0", "torchinfo": "197.5"}),
    ],
)
def test_totals_noted_for_the_same_networks(architecture: dict[str, Any], expected: dict[str, str]) -> None:
    variant = Variant.model_validate({"dataset": "imagenet", "architecture": architecture})
    parts = [part for layer in estimate(variant, BUILT_IN["imagenet"]).layers for part in layer.parts]
    printed = counted(parts)._asdict()
    assert {key: f"{printed[key] / 1e6:.1f}" for key in expected} == expected


def test_fvcore_misses_fused_attention_and_nothing_else() -> None:
    options = {"name": "mobilevit_xxs", "resolution": 256}
    variant = Variant.model_validate({"dataset": "imagenet", "architecture": options})
    parts = [part for layer in estimate(variant, BUILT_IN["imagenet"]).layers for part in layer.parts]
    network = variant.architecture.build(3, 1000)
    assert counted(parts).fvcore == fvcore_total(network, 3, 256, 256)


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2"])
def test_flop_counter_itself(name: str) -> None:
    with FlopCounterMode(display=False) as counter:
        network_of(name, "meta").eval()(torch.empty(1, 3, 224, 224, device="meta"))
    assert found(name).flop_counter == counter.get_total_flops()


def test_every_counter_says_why() -> None:
    assert tuple(counter.key for counter in COUNTERS) == Counts._fields
    assert all(counter.why for counter in COUNTERS)
