import pytest

from tests.paretoscope.architectures.sizes import sizes


@pytest.mark.parametrize(
    ("name", "padded", "projected"),
    [
        ("resnet20", (269_722, 40_551_040), (272_474, 40_813_184)),
        ("resnet56", (853_018, 125_485_696), (855_770, 125_747_840)),
    ],
)
def test_sizes(name: str, padded: tuple[int, int], projected: tuple[int, int]) -> None:
    assert sizes("cifar10", name=name) == padded
    assert sizes("cifar10", name=name, shortcut="B") == projected


@pytest.mark.parametrize(
    ("name", "padded", "projected", "million_macs", "places"),
    [
        ("resnet32", 464_154, 466_906, (68.86, 69.12), 2),
        ("resnet44", 658_586, 661_338, (97.17, 97.44), 2),
        ("resnet110", 1_727_962, 1_730_714, (252.9, 253.1), 1),
    ],
)
def test_rounded_sizes(name: str, padded: int, projected: int, million_macs: tuple[float, float], places: int) -> None:
    for shortcut, params, millions in (("A", padded, million_macs[0]), ("B", projected, million_macs[1])):
        counted, macs = sizes("cifar10", name=name, shortcut=shortcut)
        assert counted == params
        assert round(macs / 1e6, places) == millions


@pytest.mark.parametrize(
    ("options", "params"),
    [
        ({"width": 83 / 16}, 7_274_711),
        ({"width": 83 / 16, "num_classes": 100}, 7_304_681),
        ({"width": 2}, 1_084_586),
        ({"width": 4}, 4_327_754),
    ],
)
def test_the_widths_of_the_shift_attention_layers_code(options: dict[str, float], params: int) -> None:
    assert sizes("cifar10", name="resnet20", shortcut="B", **options)[0] == params
