"""The rules of the MicroNet challenge, NeurIPS 2019, and of its official counter."""

from typing import NamedTuple

from paretoscope.costs.counting import Part
from paretoscope.options import Source

SOURCE = Source(
    "MicroNet Challenge: scoring and submission, and its counter",
    2019,
    "https://micronet-challenge.github.io/scoring_and_submission.html",
)


class Baseline(NamedTuple):
    """What a score is relative to: storage in 32-bit parameters, and operations."""

    storage: float
    operations: float

    def score(self, storage: float, operations: float) -> float:
        """Return storage/baseline + operations/baseline."""
        return storage / self.storage + operations / self.operations


IMAGENET = Baseline(6.9e6, 1170e6)
"""MobileNetV2-1.4."""
CIFAR100 = Baseline(36.5e6, 10.49e9)
"""Wide ResNet-28-10."""


class Operations(NamedTuple):
    """Multiplications and additions, which count separately."""

    multiplications: int
    additions: int

    def at(self, multiplication_bits: int, addition_bits: int = 32) -> float:
        """Return them as 32-bit operations when their inputs have so many bits."""
        return (self.multiplications * multiplication_bits + self.additions * addition_bits) / 32


def tensor_bits(numbers: int, bits: int, sparsity: float = 0.0, block: int = 1) -> float:
    """Return bits to store a tensor; a sparse one needs a mask with one bit for each block of numbers."""
    return numbers * bits * (1 - sparsity) + (numbers // block if sparsity else 0)


def products(macs: int, outputs: int, biased: int = 0) -> Operations:
    """Return operations of a convolution, linear layer or matrix product with `macs` products, pruned ones left out.

    Each of the outputs is a sum of n products: n multiplications, n − 1 additions, one more where a bias is added.
    """
    return Operations(macs, max(macs - outputs, 0) + biased)


_VALUES = {
    "relu": (1, 0),
    "sigmoid": (2, 1),
    "swish": (3, 1),
    "gelu": (4, 1),  # x/2·(1 + erf(x/√2)): the error function is one operation, as all transcendental ones
    "softmax": (2, 1),  # e^x, the sum of its row, a division
    "layer_norm": (3, 4),  # mean, difference, square, their sum, scale, γ and β; the roots of the rows are left out
    "addition": (0, 1),
    "multiplication": (1, 0),
}
"""Multiplications and additions of one value. Batch normalisation is folded into the convolution before it."""


def elsewhere(part: Part) -> Operations:
    """Return what a part does beside its products. GELU, softmax and layer norms follow the counter's way by analogy.

    A comparison is a multiplication, in pooling as in ReLU. A pooling that is not a module of its own and leaves a
    picture counts one multiplication for each value it writes.
    """
    multiplications = additions = 0
    for kind, (multiplied, added) in _VALUES.items():
        values = getattr(part.others, kind)
        multiplications += multiplied * values
        additions += added * values
    if part.others.pooled:
        pooled = _pooling(part)
        multiplications += pooled.multiplications
        additions += pooled.additions
    return Operations(multiplications, additions)


def _pooling(part: Part) -> Operations:
    read, written = part.others.pooling, part.others.pooled
    if part.kernel is not None:
        others = part.kernel[0] * part.kernel[-1] - 1
        if part.type == "MaxPool2d":
            return Operations(others * written, 0)
        return Operations(written, others * written)
    if part.type == "AdaptiveAvgPool2d" or len(part.out_shape) < 3:
        return Operations(written, read - written)
    return Operations(written, 0)
