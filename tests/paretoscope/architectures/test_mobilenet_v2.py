"""Figures of FACTS.md section 5."""

import pytest

from paretoscope.architectures.mobilenet_v2 import MobileNetV2
from tests.paretoscope.architectures.sizes import assert_same, measured, sizes, torchvision_models


@pytest.mark.parametrize(
    ("width", "params", "millions"),
    [
        (1.0, 3_504_872, 300.8),
        (1.4, 6_108_776, 582.2),
        (0.75, 2_636_424, 209.1),
        (0.5, 1_968_680, 97.1),
        (0.35, 1_677_128, 59.3),
    ],
)
def test_the_widths(width: float, params: int, millions: float) -> None:
    found, macs = sizes("imagenet", name="mobilenet_v2", width=width)
    assert found == params
    assert round(macs / 1e6, 1) == millions


def test_the_paper_s_table() -> None:
    """Sandler et al. 2018, table 2: t, c, n, s of each row, and the side of its output."""
    rows = {row.original.name: row.original for row in measured("imagenet", name="mobilenet_v2").layers}
    assert rows["features.0.0"].out_shape == (32, 112, 112)
    channels, number = 32, 1
    for t, c, n, s, side in (
        (1, 16, 1, 1, 112),
        (6, 24, 2, 2, 56),
        (6, 32, 3, 2, 28),
        (6, 64, 4, 2, 14),
        (6, 96, 3, 1, 14),
        (6, 160, 3, 2, 7),
        (6, 320, 1, 1, 7),
    ):
        for block in range(n):
            convs = [
                part for name, part in rows.items() if name.startswith(f"features.{number}.") and part.type == "conv2d"
            ]
            *widen, depthwise, narrow = convs
            assert len(widen) == (t != 1)
            assert depthwise.groups == depthwise.out_shape[0] == t * channels
            assert depthwise.stride == ((s, s) if block == 0 else (1, 1))
            assert narrow.out_shape == (c, side, side)
            channels, number = c, number + 1
    assert rows[f"features.{number}.0"].out_shape == (1280, 7, 7)
    joins = [block.join for block in measured("imagenet", name="mobilenet_v2").blocks]
    assert joins.count("add") == 1 + 2 + 3 + 2 + 2


def test_kuangliu_s_network_for_cifar() -> None:
    assert sizes("cifar10", name="mobilenet_v2") == (2_296_922, 91_154_944)
    joins = [block.join for block in measured("cifar10", name="mobilenet_v2").blocks]
    assert joins.count("add") == 17 - 3  # all blocks but those of stride 2


@pytest.mark.parametrize("width", [1.0, 0.35])
def test_torchvision_s_weights_fit(width: float) -> None:
    assert_same(MobileNetV2(width=width), lambda: torchvision_models().mobilenet_v2(width_mult=width), 96)


@pytest.mark.parametrize(("width", "channels"), [(0.35, 16), (0.5, 16), (0.75, 24), (1.4, 48), (0.01, 8), (16, 512)])
def test_channels_are_multiples_of_eight(width: float, channels: int) -> None:
    """Of 32: 11.2 → 16 (8 would lose more than a tenth), 16, 24, 44.8 → 48, never below 8."""
    assert MobileNetV2(width=width).channels(32) == channels
