import pytest

from paretoscope.architectures.resnext import ResNeXt50
from tests.paretoscope.architectures.sizes import assert_same, measured, sizes, torchvision_models


@pytest.mark.parametrize(
    ("cardinality", "group_width", "block", "params", "giga_macs"),
    [
        (1, 64, 69_632, 25_557_032, 4.089),
        (2, 40, 69_760, 25_425_000, 4.125),
        (4, 24, 69_888, 25_292_968, 4.160),
        (8, 14, 71_456, 25_603_016, 4.267),
        (32, 4, 70_144, 25_028_904, 4.230),
    ],
)
def test_cardinality_at_equal_cost(
    cardinality: int, group_width: int, block: int, params: int, giga_macs: float
) -> None:
    options = {"name": "resnext50_32x4d", "cardinality": cardinality, "group_width": group_width}
    counted, macs = sizes("imagenet", **options)
    assert counted == params
    assert round(macs / 1e9, 3) == giga_macs
    rows = [row.original for row in measured("imagenet", **options).layers]
    assert sum(row.params for row in rows if row.name.startswith("layer1.1.conv")) == block
    # equation 4 of the paper
    assert block == cardinality * (256 * group_width + 9 * group_width**2 + group_width * 256)


def test_one_group_of_64_is_resnet_50() -> None:
    for dataset in ("imagenet", "cifar10"):
        plain = sizes(dataset, name="resnet50")
        assert sizes(dataset, name="resnext50_32x4d", cardinality=1, group_width=64) == plain


@pytest.mark.parametrize(("cardinality", "params"), [(1, 4_914_250), (8, 34_426_698), (16, 68_155_210)])
def test_the_cifar_network(cardinality: int, params: int) -> None:
    counted, macs = sizes("cifar10", name="resnext29_8x64d", cardinality=cardinality)
    assert counted == params
    if cardinality == 8:
        assert round(macs / 1e9, 3) == 5.387


@pytest.mark.parametrize("width", [0.01, 0.33, 1.7])
def test_channels_divide_evenly_into_groups(width: float) -> None:
    rows = [row.original for row in measured("cifar10", name="resnext29_8x64d", cardinality=7, width=width).layers]
    assert [row.groups for row in rows if row.name.endswith("conv2")] == [7] * 9


def test_torchvisions_weights_fit() -> None:
    assert_same(ResNeXt50(), torchvision_models().resnext50_32x4d, 64)
