import pytest
from torch import nn

from paretoscope.architectures.wide_resnet import WideResNet28x10
from tests.paretoscope.architectures.sizes import sizes


def test_sizes() -> None:
    assert sizes("cifar100", name="wide_resnet28_10") == (36_536_884, 5_243_386_368)


def test_the_width_comes_on_top() -> None:
    """A tenth of it is a ResNet-28-1 but for the stem: weights by arithmetic, stem of round(1.6) channels."""
    stages = [(2, 16), *[(16, 16)] * 3, (16, 32), *[(32, 32)] * 3, (32, 64), *[(64, 64)] * 3]
    weights = sum(9 * (i * o + o * o) + (i * o if i != o else 0) + 2 * (i + o) for i, o in stages)
    params, _ = sizes("cifar10", name="wide_resnet28_10", width=0.1)
    assert params == 9 * 3 * 2 + weights + 2 * 64 + 64 * 10 + 10


@pytest.mark.parametrize(("dropout", "rates"), [(0.0, []), (0.3, [0.3] * 12)])
def test_dropout_in_each_of_the_twelve_blocks(dropout: float, rates: list[float]) -> None:
    network = WideResNet28x10(width=0.1, dropout=dropout).build(3, 10)
    assert [module.p for module in network.modules() if isinstance(module, nn.Dropout)] == rates
