"""The roofline bound by hand, and the table of devices."""

import pytest
from torch import nn

from paretoscope.costs.counting import Part, count
from paretoscope.costs.devices import DEVICES, THIS_CPU, Device, bound, devices, this_cpu
from paretoscope.options import Source

SOURCE = Source("by hand", 2024, "")
FAST_MEMORY = Device("a", "A", 1e9, 1e12, "fp32", SOURCE)
FAST_ARITHMETIC = Device("b", "B", 1e15, 1e6, "fp32", SOURCE)


def parts(*layers: nn.Module) -> tuple[Part, ...]:
    return count(nn.Sequential(*layers).to("meta"), (8, 16, 16))


def test_arithmetic_is_the_limit() -> None:
    (conv,) = parts(nn.Conv2d(8, 4, 3, padding=1, bias=False))
    assert bound(conv, FAST_MEMORY) == pytest.approx(2 * 9 * 8 * 4 * 256 / 1e9)


def test_memory_is_the_limit() -> None:
    (conv,) = parts(nn.Conv2d(8, 4, 3, padding=1, bias=False))
    assert bound(conv, FAST_ARITHMETIC) == pytest.approx(4 * (8 * 256 + 4 * 256 + 9 * 8 * 4) / 1e6)


def test_what_has_no_macs_is_fused() -> None:
    conv, norm, relu = parts(nn.Conv2d(8, 4, 1), nn.BatchNorm2d(4), nn.ReLU())
    assert bound(conv, FAST_MEMORY) > 0
    assert (bound(norm, FAST_MEMORY), bound(relu, FAST_MEMORY)) == (0, 0)


def test_where_the_roof_bends() -> None:
    """VGG's 4 096 × 4 096 layer does half an operation a byte: every device is limited by its memory."""
    (layer,) = count(nn.Linear(4096, 4096).to("meta"), (4096,))
    for device in DEVICES:
        assert bound(layer, device) == layer.moved / device.bandwidth
        assert layer.intensity is not None
        assert layer.intensity < 1 < device.balance


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.key)
def test_a_device_says_where_its_figures_come_from(device: Device) -> None:
    assert device.source.url.startswith("https://")
    assert 1e10 < device.peak_flops < 1e15
    assert 1e10 < device.bandwidth < 1e13
    assert device.precision.startswith(("fp32", "tf32"))


def test_figures_of_data_sheets() -> None:
    """FP32 figures that the makers state, in TFLOP/s, against cores times clock."""
    stated = {"jetson_nano": 0.236, "jetson_orin_nano": 1.28, "jetson_agx_orin": 5.3, "rtx_3060": 12.7}
    found = {device.key: device.peak_flops / 1e12 for device in DEVICES}
    assert {key: pytest.approx(found[key], rel=0.01) for key in stated} == stated


def test_this_computer_is_measured_once() -> None:
    here = this_cpu()
    assert here is this_cpu()
    assert devices()[0] is here
    assert here.key == THIS_CPU
    assert 1e8 < here.bandwidth < 1e13
    assert here.peak_flops > 1e8


def test_keys_are_unique() -> None:
    assert len({device.key for device in devices()}) == len(DEVICES) + 1
