"""Table and section numbers are those of Howard et al. 2017; FACTS.md section 5 has the exact ones."""

import pytest
import torch
from torch import nn

from paretoscope.architectures.mobilenet_v1 import MobileNetV1
from tests.paretoscope.architectures.sizes import inside, measured, sizes

# width, params, millions of MACs at 224, 192, 160 and 128 pixels
GRID = [
    (1.0, 4_231_976, (568.7, 418.1, 290.7, 186.4)),
    (0.75, 2_585_560, (325.4, 239.3, 166.4, 106.8)),
    (0.5, 1_331_592, (149.5, 110.0, 76.5, 49.2)),
    (0.25, 470_072, (41.0, 30.2, 21.1, 13.6)),
]


@pytest.mark.parametrize(("width", "params", "millions"), GRID)
def test_the_grid_of_sixteen(width: float, params: int, millions: tuple[float, ...]) -> None:
    for resolution, expected in zip((224, 192, 160, 128), millions, strict=True):
        found, macs = sizes("imagenet", name="mobilenet_v1", width=width, resolution=resolution)
        assert found == params
        assert round(macs / 1e6, 1) == expected


def test_kuangliu_s_network_for_cifar() -> None:
    assert sizes("cifar10", name="mobilenet_v1") == (3_217_226, 46_354_432)


def test_conv_mobilenet() -> None:
    """Table 4."""
    params, macs = sizes("imagenet", name="mobilenet_v1", separable=False)
    assert params == 29_294_088
    assert round(macs / 1e6, 1) == 4867.3


def test_the_shallow_network() -> None:
    """Table 5: 307 million MACs and 2.9 million parameters. Five blocks of 512 channels are missing, no other."""
    params, macs = sizes("imagenet", name="mobilenet_v1", shallow=True)
    whole = sizes("imagenet", name="mobilenet_v1")
    separable = 9 * 512 + 512 * 512
    assert params == whole[0] - 5 * (separable + 4 * 512)
    assert macs == whole[1] - 5 * separable * 14**2
    assert (round(params / 1e6, 1), round(macs / 1e6)) == (2.9, 307)


def test_where_the_macs_and_parameters_are() -> None:
    """Table 2, in percent of convolutions and the linear layer.

    It prints 1.19 for the MACs of the first convolution, with which they add up to 99.29: 1.90 is meant.
    """
    shares: dict[str, list[float]] = {}
    for row in measured("imagenet", name="mobilenet_v1").layers:
        part = row.original
        if part.macs:
            kind = "depthwise" if (part.groups or 1) > 1 else str(part.kernel)
            tally = shares.setdefault(kind, [0, 0])
            tally[0] += part.macs
            tally[1] += part.params
    macs, params = (sum(tally[i] for tally in shares.values()) for i in (0, 1))
    found = {kind: (100 * a / macs, 100 * b / params) for kind, (a, b) in shares.items()}
    published = {"(1, 1)": (94.86, 74.59), "depthwise": (3.06, 1.06), "(3, 3)": (1.90, 0.02), "None": (0.18, 24.33)}
    assert found.keys() == published.keys()
    for kind, percent in published.items():
        assert found[kind] == pytest.approx(percent, abs=0.02), kind


def test_one_layer_of_14_by_14() -> None:
    """Table 3: 512 channels each side; full, separable, thinner and smaller."""
    for options, macs, params in (
        ({"separable": False}, 462e6, 2.36e6),
        ({}, 52.3e6, 0.27e6),
        ({"width": 0.75}, 29.6e6, 0.15e6),
        ({"width": 0.75, "resolution": 160}, 15.1e6, 0.15e6),
    ):
        ((found_params, found_macs),) = inside("imagenet", "block7", name="mobilenet_v1", **options)
        assert found_macs == pytest.approx(macs, rel=0.003)
        assert found_params == pytest.approx(params, abs=5e3)


def test_the_last_depthwise_layer_has_stride_one() -> None:
    rows = {row.original.name: row.original for row in measured("imagenet", name="mobilenet_v1").layers}
    assert rows["block13.depthwise"].stride == (1, 1)
    assert rows["block13.pointwise"].out_shape == (1024, 7, 7)


def test_channels_are_rounded_down() -> None:
    """As in the authors' code: 0.7·64 = 44.8 are 44 channels."""
    network = MobileNetV1(width=0.7).build(3, 10)
    assert isinstance(network, nn.Sequential)
    assert network.get_submodule("block1.pointwise").get_parameter("weight").shape[0] == 44
    with torch.inference_mode():
        assert network.eval()(torch.zeros(1, 3, 50, 50)).shape == (1, 10)
