"""The scores of the course Efficient Deep Learning, IMT Atlantique: today's formula, and the one of 2021 to 2024."""

from typing import NamedTuple

from paretoscope.costs.counting import Part
from paretoscope.options import Source

SOURCE = Source("Efficient Deep Learning, lab 4", 2024, "https://github.com/brain-bzh/efficient-deep-learning")
SOURCE_2021 = Source(
    "AI optimization: MicroNet resources, readme_score.md and profile.py",
    2021,
    "https://github.com/brain-bzh/efficient-deep-learning",
)


class Baseline(NamedTuple):
    """What a score is relative to: 32-bit weights, and operations (MACs, in today's formula)."""

    weights: float
    operations: float

    def score(self, weights: float, operations: float) -> float:
        """Return weights/baseline + operations/baseline."""
        return weights / self.weights + operations / self.operations


RESNET18_IN_HALF_PRECISION = Baseline(5.6e6, 2.8e8)
CIFAR10 = Baseline(5_586_981, 834_362_880)
"""What the course's profiler prints for ResNet-18 in 16 bits."""
CIFAR100 = Baseline(36.5e6, 10.49e9)
"""Wide ResNet-28-10."""


def score(
    weights: int, macs: int, weight_bits: int = 32, input_bits: int = 32, structured: float = 0, unstructured: float = 0
) -> float:
    """Return the score of a network that is pruned and quantized evenly; pruned shares are fractions."""
    kept_weights = (1 - (structured + unstructured)) * weight_bits / 32 * weights
    kept_macs = (1 - structured) * max(weight_bits, input_bits) / 32 * macs
    return RESNET18_IN_HALF_PRECISION.score(kept_weights, kept_macs)


def profiled(part: Part) -> int:
    """Return what profile.py counts besides multiplications, in full whatever the bits.

    A convolution's output takes (k²·in − 1)/groups additions and one for its bias, a linear layer's in − 1 (no bias),
    a normalised value 3 operations.
    """
    if part.type == "conv2d":
        added = part.structured_macs - part.activations // (part.groups or 1) + part.others.bias
    else:
        added = part.structured_macs - part.activations
    return max(added, 0) + 3 * part.others.batch_norm
