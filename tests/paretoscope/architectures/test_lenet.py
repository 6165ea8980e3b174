import pytest
import torch
from torch import nn

from paretoscope.architectures.lenet import LeNet5
from tests.paretoscope.architectures.sizes import inside, measured, sizes


@pytest.mark.parametrize("resolution", [8, 15, 28, 31, 32])
def test_the_network_of_1998_in_its_field_of_32_pixels(resolution: int) -> None:
    macs = 28 * 28 * 6 * 25 + 10 * 10 * 16 * 6 * 25 + 400 * 120 + 120 * 84 + 84 * 10
    # An odd picture cannot be centred in 32 pixels: it gets one more, which only the first convolution sees.
    extra = (29**2 - 28**2) * 6 * 25 if resolution % 2 else 0
    assert sizes("mnist", name="lenet5", resolution=resolution) == (61_706, macs + extra)


def test_the_layers_of_deep_compression() -> None:
    options = {"name": "lenet5", "layout": "caffe"}
    layers = inside("mnist", "conv1", "conv2", "ip1", "ip2", **options)
    # weights as in its table (0.5K, 25K, 400K, 5K), and a bias for each output
    assert [params for params, _ in layers] == [500 + 20, 25_000 + 50, 400_000 + 500, 5_000 + 10]
    assert [macs for _, macs in layers] == [24 * 24 * 500, 8 * 8 * 25_000, 400_000, 5_000]
    assert sizes("mnist", **options)[0] == 430_500 + 580


@pytest.mark.parametrize("layout", ["1998", "caffe"])
@pytest.mark.parametrize("dataset", ["digits", "cifar10", "imagenet"])
def test_any_picture_has_the_same_linear_layers(dataset: str, layout: str) -> None:
    rows = {row.original.name: row.original for row in measured(dataset, name="lenet5", layout=layout).layers}
    first = rows["fc1" if layout == "1998" else "ip1"]
    assert first.in_shape == ((400,) if layout == "1998" else (800,))


def test_without_a_resolution_it_is_the_one_of_mnist() -> None:
    network = LeNet5().build(1, 10)
    assert isinstance(network, nn.Sequential)
    conv = network[0]
    assert isinstance(conv, nn.Conv2d)
    assert conv.padding == (2, 2)
    assert network(torch.randn(2, 1, 28, 28)).shape == (2, 10)
