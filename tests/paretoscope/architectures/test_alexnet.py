import pytest
import torch
from torch import nn

from paretoscope.architectures.alexnet import AlexNet, AlexNetTorchvision
from tests.paretoscope.architectures.sizes import assert_same, inside, measured, sizes, torchvision_models

LINEAR = [(37_752_832, 37_748_736), (16_781_312, 16_777_216), (4_097_000, 4_096_000)]
CONVS = ("conv1", "conv2", "conv3", "conv4", "conv5")


def test_the_original() -> None:
    original = {"name": "alexnet", "resolution": 227}
    assert sizes("imagenet", **original) == (60_965_224, 724_406_816)
    assert inside("imagenet", *CONVS, "fc6", "fc7", "fc8", **original) == [
        (34_944, 105_415_200),
        (307_456, 223_948_800),
        (885_120, 149_520_384),
        (663_936, 112_140_288),
        (442_624, 74_760_192),
        *LINEAR,
    ]


def test_without_groups() -> None:
    whole = {"name": "alexnet", "resolution": 227, "groups": 1}
    assert sizes("imagenet", **whole) == (62_378_344, 1_135_256_096)
    assert inside("imagenet", "conv2", "conv4", "conv5", **whole) == [
        (614_656, 447_897_600),
        (1_327_488, 224_280_576),
        (884_992, 149_520_384),
    ]


def test_at_the_resolution_of_the_data_set_it_has_as_many_parameters() -> None:
    assert sizes("imagenet", name="alexnet")[0] == 60_965_224


def test_torchvisions() -> None:
    assert sizes("imagenet", name="alexnet_torchvision") == (61_100_840, 714_188_480)
    convs = [f"features.{index}" for index in (0, 3, 6, 8, 10)]
    linear = [f"classifier.{index}" for index in (1, 4, 6)]
    assert inside("imagenet", *convs, *linear, name="alexnet_torchvision") == [
        (23_296, 70_276_800),
        (307_392, 223_948_800),
        (663_936, 112_140_288),
        (884_992, 149_520_384),
        (590_080, 99_680_256),
        *LINEAR,
    ]
    assert_same(AlexNetTorchvision(), torchvision_models().alexnet, 96)


@pytest.mark.parametrize("width", [0.01, 0.3, 1.0])
@pytest.mark.parametrize("groups", [1, 2, 5, 32])
def test_channels_divide_evenly_into_groups(groups: int, width: float) -> None:
    cost = measured("imagenet", name="alexnet", groups=groups, width=width)
    assert [row.original.groups for row in cost.layers if row.original.type == "conv2d"] == [
        1,
        groups,
        1,
        groups,
        groups,
    ]


def test_response_normalisation_is_the_papers() -> None:
    """b = a / (2 + 1e-4 · Σ a²)^0.75 over the five nearest channels (section 3.3 of the paper)."""
    network = AlexNet(width=0.1).build(3, 10)
    norm = network.get_submodule("norm1")
    assert isinstance(norm, nn.LocalResponseNorm)
    a = torch.rand(1, 9, 1, 1) * 100
    squares = torch.stack([a[0, max(0, i - 2) : i + 3].square().sum() for i in range(9)])
    torch.testing.assert_close(norm(a).flatten(), a.flatten() / (2 + 1e-4 * squares) ** 0.75)
