"""ResNeXt: cardinality against width, complexity against depth, and CIFAR. Xie et al. 2016."""

from typing import Any

from paretoscope.costs.references.base import Row, accuracy, table
from paretoscope.options import Source

PAPER = Source("Aggregated Residual Transformations for Deep Neural Networks", 2016, "https://arxiv.org/abs/1611.05431")
_WIDTHS = {1: 64, 2: 40, 4: 24, 8: 14, 32: 4}
_ABOUT = "The paper gives about 25 M parameters and 4.1 G for all five; exactly, each differs a little."


def net50(cardinality: int) -> dict[str, Any]:
    """Return ResNeXt-50 with this cardinality and the group width that keeps its complexity; with one, ResNet-50."""
    if cardinality == 1:
        return {"name": "resnet50"}
    return {"name": "resnext50_32x4d", "cardinality": cardinality, "group_width": _WIDTHS[cardinality]}


def net29(cardinality: int) -> dict[str, Any]:
    """Return ResNeXt-29 with so many groups of 64 channels."""
    return {"name": "resnext29_8x64d", "cardinality": cardinality, "group_width": 64}


_ERRORS_50 = {1: "23.9", 2: "23.0", 4: "22.6", 8: "22.3", 32: "22.2"}
_ERRORS_101 = {1: "22.0", 2: "21.7", 4: "21.4", 8: "21.3", 32: "21.2"}

CARDINALITY = table(
    "resnext_cardinality",
    "ResNeXt: cardinality at equal complexity",
    PAPER,
    "Table 3",
    "imagenet",
    ("top1", "macs", "params"),
    [
        *(
            Row(
                f"{'ResNet' if cardinality == 1 else 'ResNeXt'}-50, {cardinality}×{_WIDTHS[cardinality]}d",
                (accuracy(error), "4.1e9", "25e6"),
                net50(cardinality),
                _ABOUT,
            )
            for cardinality, error in _ERRORS_50.items()
        ),
        *(
            Row(
                f"{'ResNet' if cardinality == 1 else 'ResNeXt'}-101, {cardinality}×{_WIDTHS[cardinality]}d",
                (accuracy(error), "7.8e9", "44e6"),
                note="About 44 M parameters and 7.8 G for all five.",
            )
            for cardinality, error in _ERRORS_101.items()
        ),
    ],
)

COMPLEXITY = table(
    "resnext_complexity",
    "ResNeXt: twice the complexity, spent on depth, width or cardinality",
    PAPER,
    "Table 4",
    "imagenet",
    ("top1", "top5"),
    [
        Row(label, (accuracy(top1), accuracy(top5)))
        for label, top1, top5 in (
            ("ResNet-200", "21.7", "5.8"),
            ("ResNet-101, wider (1×100d)", "21.3", "5.7"),
            ("ResNeXt-101, 2×64d", "20.7", "5.5"),
            ("ResNeXt-101, 64×4d", "20.4", "5.3"),
        )
    ],
)

_CUT = "68.1 M is 68.16 M with its digits cut off."
_SIZES_OF_CIFAR10 = "The paper prints the size for CIFAR-10; 100 classes need 92 250 parameters more."
_WIDE: dict[str, Any] = {"name": "wide_resnet28_10"}

CIFAR10 = table(
    "resnext_cifar10",
    "ResNeXt-29 on CIFAR-10",
    PAPER,
    "Table 7",
    "cifar10",
    ("top1", "params"),
    [
        Row("Wide ResNet-28-10", (accuracy("4.17"), "36.5e6"), _WIDE),
        Row("ResNeXt-29, 8×64d", (accuracy("3.65"), "34.4e6"), net29(8)),
        Row("ResNeXt-29, 16×64d", (accuracy("3.58"), "68.1e6"), net29(16), _CUT),
    ],
)

CIFAR100 = table(
    "resnext_cifar100",
    "ResNeXt-29 on CIFAR-100",
    PAPER,
    "Table 7",
    "cifar100",
    ("top1", "params"),
    [
        Row("Wide ResNet-28-10", (accuracy("20.50"), "36.5e6"), _WIDE),
        Row("ResNeXt-29, 8×64d", (accuracy("17.77"), "34.4e6"), net29(8), _SIZES_OF_CIFAR10),
        Row("ResNeXt-29, 16×64d", (accuracy("17.31"), "68.1e6"), net29(16), _SIZES_OF_CIFAR10),
    ],
)

TABLES = (CARDINALITY, COMPLEXITY, CIFAR10, CIFAR100)
