import pytest

from paretoscope.architectures.squeezenet import SqueezeNet10, SqueezeNet11
from tests.paretoscope.architectures.sizes import assert_same, inside, sizes, torchvision_models


def test_version_1_0_layer_by_layer() -> None:
    fires = [f"features.{index}" for index in (3, 4, 5, 7, 8, 9, 10, 12)]
    assert inside("imagenet", "features.0", *fires, "classifier.1", name="squeezenet1_0") == [
        (14_208, 167_664_672),
        (11_920, 34_338_816),
        (12_432, 35_831_808),
        (45_344, 131_383_296),
        (49_440, 35_831_808),
        (104_880, 76_142_592),
        (111_024, 80_621_568),
        (188_992, 137_355_264),
        (197_184, 33_226_752),
        (513_000, 86_528_000),
    ]


@pytest.mark.parametrize(
    ("name", "params", "macs"),
    [("squeezenet1_0", 1_248_424, 818_924_576), ("squeezenet1_1", 1_235_496, 349_151_936)],
)
def test_totals(name: str, params: int, macs: int) -> None:
    assert sizes("imagenet", name=name) == (params, macs)


@pytest.mark.parametrize(
    ("options", "megabytes"),
    [({}, 4.8), ({"squeeze_ratio": 0.5}, 13), ({"squeeze_ratio": 0.75}, 19)],
)
def test_the_sizes_of_the_papers_design_space(options: dict[str, float], megabytes: float) -> None:
    params, _ = sizes("imagenet", name="squeezenet1_0", **options)
    assert 4 * params / 1e6 == pytest.approx(megabytes, rel=0.05)


def test_a_fire_modules_parts_follow_the_metaparameters() -> None:
    """Fire2: Cin·s + s + s·e1 + e1 + 9·s·e3 + e3 with e = 128, s = SR·e and e3 = pct·e."""
    s, e1, e3 = 32, 32, 96
    (fire2,) = inside("imagenet", "features.3", name="squeezenet1_0", squeeze_ratio=0.25, pct3x3=0.75)
    assert fire2[0] == 96 * s + s + s * e1 + e1 + 9 * s * e3 + e3


def test_the_thinnest_fire_module_keeps_all_its_parts() -> None:
    for pct3x3 in (0.001, 0.999):
        (fire2,) = inside("imagenet", "features.3", name="squeezenet1_0", width=0.01, pct3x3=pct3x3)
        assert fire2[0] == (1 * 1 + 1) + (1 + 1) + (9 + 1)


def test_torchvisions_weights_fit() -> None:
    assert_same(SqueezeNet10(), torchvision_models().squeezenet1_0, 64)
    assert_same(SqueezeNet11(), torchvision_models().squeezenet1_1, 64)
