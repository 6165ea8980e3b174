"""Scores of compression contests: one number for storage and arithmetic, relative to a known network.

Every score is a sum over parts: `tally` says what a part adds, tallies add up, and `scores` turns the sum into numbers,
so that a changed layer changes a sum and nothing is counted again.
"""

from collections.abc import Mapping
from typing import NamedTuple

from paretoscope.costs.counting import Part
from paretoscope.costs.scores import course, micronet
from paretoscope.options import Source


class Tally(NamedTuple):
    """What a part adds to the scores, for one image. Whole numbers, additive."""

    stored_bits: int = 0
    """Bits that the parameters take, masks and codebooks included."""
    spared_bits: int = 0
    """Bits that would be saved if what is stored in more than 16 bits were stored in 16."""
    multiplied_bits: int = 0
    """Multiplications, each times the bits of its wider input."""
    multiplied_bits_at_16: int = 0
    """The same with no input wider than 16 bits."""
    additions: int = 0
    below_16_bits: int = 0
    """Parts that something is quantized in below 16 bits."""
    weight_bits: int = 0
    """Bits of the weights that are not zero; masks are free."""
    mac_bits: int = 0
    """MACs left by structured pruning, each times the bits of its wider input."""
    profiled: int = 0
    """Additions and normalisation as the course's profiler of 2021 counts them."""


class Task(NamedTuple):
    """What the scores of a data set are relative to."""

    micronet: micronet.Baseline
    course: course.Baseline


class Score(NamedTuple):
    """A score: its definition in words and the accuracy it asks for, by data set, as a fraction."""

    key: str
    title: str
    summary: str
    formula: str
    source: Source
    limits: Mapping[str, float]


SCORES = (
    Score(
        "micronet_2019",
        "MicroNet 2019",
        "The NeurIPS 2019 challenge: storage plus operations. A b-bit number is b/32 of a parameter, pruned weights "
        "need a mask of one bit each, multiplications and additions count separately and by their wider input. Where "
        "nothing is below 16 bits, 16 bits are granted for storage and multiplications. Relative to MobileNetV2-1.4 "
        "on ImageNet and to WRN-28-10 on CIFAR-100; other data sets are scored as CIFAR-100 is. Lower is better.",
        "storage/baseline storage + (multiplications·bits/32 + additions)/baseline operations",
        micronet.SOURCE,
        {"imagenet": 0.75, "cifar100": 0.80},
    ),
    Score(
        "course_score",
        "Course score",
        "The IMT Atlantique course's score since 2024: weights that are left times their bits, and MACs that are left "
        "times the wider of weights and activations, relative to ResNet-18 in half precision on CIFAR-10. Only "
        "structured pruning makes fewer MACs; masks are free. Lower is better, at 90 % on CIFAR-10 or above.",
        "(1−(pₛ+pᵤ))·(q_w/32)·w/5.6e6 + (1−pₛ)·(max(q_w, q_a)/32)·f/2.8e8",
        course.SOURCE,
        {"cifar10": 0.90},
    ),
    Score(
        "course_score_2021",
        "Course score 2021",
        "The course's earlier score, as its profiler computes it: multiplications by their bits, additions and batch "
        "normalisation (3 a value) in full. ResNet-18 in 16 bits on CIFAR-10 has 2.0 (WRN-28-10 is the reference on "
        "CIFAR-100). ReLU and pooling are not counted, as in the reference network. Lower is better.",
        "storage/baseline storage + operations/baseline operations",
        course.SOURCE_2021,
        {"cifar10": 0.90, "cifar100": 0.80},
    ),
)


def task_of(dataset: str) -> Task:
    """Return what the scores on a data set, by its name, are relative to."""
    return Task(
        micronet.IMAGENET if dataset == "imagenet" else micronet.CIFAR100,
        course.CIFAR100 if dataset == "cifar100" else course.CIFAR10,
    )


def tally(part: Part) -> Tally:
    """Return what a part adds to the scores."""
    stored, left = _stored(part), _nonzero_numbers(part)
    wider = max(part.weight_bits, part.input_bits)
    width = 1 if part.weight_bits == 1 else wider  # a product with ±1 is a change of sign
    inner = part.attention_macs + part.scan_macs
    weighted = part.sparse_macs - inner
    products = micronet.products(part.sparse_macs, part.activations, part.others.bias)
    rest = micronet.elsewhere(part)
    unweighted = inner + rest.multiplications
    coded = part.bits < part.weight_bits * left
    return Tally(
        stored_bits=stored.bits,
        spared_bits=0 if coded else max(part.weight_bits - 16, 0) * stored.numbers,
        multiplied_bits=weighted * width + unweighted * part.input_bits,
        multiplied_bits_at_16=weighted * min(width, 16) + unweighted * min(part.input_bits, 16),
        additions=products.additions + rest.additions,
        below_16_bits=int(coded or min(part.weight_bits, part.input_bits) < 16),
        weight_bits=min(part.bits, part.weight_bits * left),
        mac_bits=part.structured_macs * wider,
        profiled=course.profiled(part),
    )


def scores(total: Tally, task: Task) -> dict[str, float]:
    """Return the scores of a network, by key, from the sum of its parts' tallies."""
    if total.below_16_bits:
        stored, multiplied = total.stored_bits, total.multiplied_bits
    else:
        stored, multiplied = total.stored_bits - total.spared_bits, total.multiplied_bits_at_16
    weights, macs = total.weight_bits / 32, total.mac_bits / 32
    return {
        "micronet_2019": task.micronet.score(stored / 32, multiplied / 32 + total.additions),
        "course_score": course.RESNET18_IN_HALF_PRECISION.score(weights, macs),
        "course_score_2021": task.course.score(weights, macs + total.profiled),
    }


class _Stored(NamedTuple):
    """What a part takes to store, and how many of its parameters are written out in that."""

    bits: int
    numbers: int


def _stored(part: Part) -> _Stored:
    """Zeros that nothing was said about are left out under a mask of one bit a weight, where that saves something."""
    left = _nonzero_numbers(part)
    if left == part.params or part.bits != part.weight_bits * part.params:
        return _Stored(part.bits, left)
    mask = part.params - _biases(part)
    if mask < min(part.weight_bits, 16) * (part.params - left):
        return _Stored(part.weight_bits * left + mask, left)
    return _Stored(part.bits, part.params)


def _nonzero_numbers(part: Part) -> int:
    """Parameters of a part but for weights that are zero."""
    if part.sparse_macs == part.macs:
        return part.params
    return part.params - (part.params - _biases(part)) * (part.macs - part.sparse_macs) // part.macs


def _biases(part: Part) -> int:
    return part.out_shape[-1 if part.type == "linear" else 0] if part.others.bias and part.out_shape else 0
