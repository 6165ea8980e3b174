"""CIFAR ResNets: the paper's accuracies and those of two much-used repositories, and shift in place of 3×3 kernels."""

from typing import Any

from paretoscope.costs.references.base import Row, accuracy, table
from paretoscope.options import Source

PAPER = Source("Deep Residual Learning for Image Recognition", 2015, "https://arxiv.org/abs/1512.03385")
AKAMASTER = Source("akamaster/pytorch_resnet_cifar10", 2018, "https://github.com/akamaster/pytorch_resnet_cifar10")
CHENYAOFO = Source("chenyaofo/pytorch-cifar-models", 2021, "https://github.com/chenyaofo/pytorch-cifar-models")
SHIFT = Source("alvinwan/shiftresnet-cifar", 2018, "https://github.com/alvinwan/shiftresnet-cifar")
_README = "README"


def net(depth: int, shortcut: str = "A") -> dict[str, Any]:
    """Return the ResNet of this depth."""
    return {"name": f"resnet{depth}", "shortcut": shortcut}


# depth, params, error % of the paper and of akamaster, accuracy % of chenyaofo on CIFAR-10 and CIFAR-100
_RESNETS = (
    (20, "0.27e6", "8.75", "8.27", "92.60", "68.83"),
    (32, "0.46e6", "7.51", "7.37", "93.53", "70.16"),
    (44, "0.66e6", "7.17", "6.90", "94.01", "71.63"),
    (56, "0.85e6", "6.97", "6.61", "94.37", "72.63"),
    (110, "1.7e6", "6.43", "6.32", None, None),
)

PAPER_CIFAR10 = table(
    "resnet_cifar10",
    "CIFAR ResNets as published",
    PAPER,
    "Table 6",
    "cifar10",
    ("top1", "params"),
    [Row(f"ResNet-{depth}", (accuracy(error), params), net(depth)) for depth, params, error, *_ in _RESNETS],
)

AKAMASTER_CIFAR10 = table(
    "resnet_cifar10_akamaster",
    "CIFAR ResNets, retrained by akamaster",
    AKAMASTER,
    _README,
    "cifar10",
    ("top1", "params"),
    [Row(f"ResNet-{depth}", (accuracy(error), params), net(depth)) for depth, params, _, error, *_ in _RESNETS],
)

# name, accuracy %, params, MACs, architecture
_OTHERS: tuple[tuple[str, str, str, str, dict[str, Any] | None], ...] = (
    ("VGG-16 with batch norm", "94.16", "15.25e6", "313.73e6", None),
    ("MobileNetV2 ×0.5", "92.88", "0.70e6", "27.97e6", None),
    ("MobileNetV2 ×0.75", "93.72", "1.37e6", "59.31e6", None),
    ("MobileNetV2 ×1.0", "93.79", "2.24e6", "87.98e6", None),
    ("MobileNetV2 ×1.4", "94.22", "4.33e6", "170.07e6", None),
    ("ShuffleNetV2 ×0.5", "90.13", "0.35e6", "10.90e6", None),
    ("ShuffleNetV2 ×1.0", "92.98", "1.26e6", "45.00e6", None),
    ("ShuffleNetV2 ×1.5", "93.55", "2.49e6", "94.26e6", None),
    ("ShuffleNetV2 ×2.0", "93.81", "5.37e6", "187.81e6", None),
    ("RepVGG-A0", "94.39", "7.84e6", "489e6", None),
)

CHENYAOFO_CIFAR10 = table(
    "chenyaofo_cifar10",
    "CIFAR-10 networks of chenyaofo's zoo",
    CHENYAOFO,
    _README,
    "cifar10",
    ("top1", "params", "macs"),
    [
        *(
            Row(f"ResNet-{depth}", (top1, None, None), net(depth, "B"))
            for depth, *_, top1, _ in _RESNETS
            if top1 is not None
        ),
        *(Row(label, (top1, params, macs), known) for label, top1, params, macs, known in _OTHERS),
    ],
)

CHENYAOFO_CIFAR100 = table(
    "chenyaofo_cifar100",
    "CIFAR-100 networks of chenyaofo's zoo",
    CHENYAOFO,
    _README,
    "cifar100",
    ("top1",),
    [
        *(Row(f"ResNet-{depth}", (top1,), net(depth, "B")) for depth, *_, top1 in _RESNETS if top1 is not None),
        Row("MobileNetV2 ×1.0", ("74.20",)),
    ],
)

# depth, expansion of the shift blocks, accuracy % on CIFAR-10 and CIFAR-100, params in millions (10 classes)
_SHIFT = (
    (20, "1", "85.78", "55.05", None),
    (20, "3", "89.56", "65.83", "0.10e6"),
    (20, "6", "91.07", "69.73", "0.19e6"),
    (20, "9", "91.79", "70.77", "0.28e6"),
    (20, None, "91.35", "66.25", "0.27e6"),
    (56, "1", "89.69", "63.20", None),
    (56, "3", "92.48", "69.77", "0.29e6"),
    (56, "6", "93.49", "72.33", "0.58e6"),
    (56, "9", "93.17", "73.43", "0.87e6"),
    (56, None, "92.01", "69.27", "0.86e6"),
    (110, "1", "90.67", "68.01", None),
    (110, "3", "92.42", "72.10", "0.59e6"),
    (110, "6", "93.03", "73.17", "1.18e6"),
    (110, "9", "93.36", "73.71", "1.76e6"),
    (110, None, "92.46", "72.11", "1.73e6"),
)
_TEN_CLASSES = "The parameters printed are those of 10 classes."


def _shift_row(depth: int, expansion: str | None, top1: str, params: str | None, note: str | None) -> Row:
    if expansion is None:
        return Row(f"ResNet-{depth}", (top1, params), net(depth, "B"), note)
    return Row(f"ShiftResNet-{depth}, expansion {expansion}", (top1, params), note=note)


SHIFT_CIFAR10 = table(
    "shiftresnet_cifar10",
    "Shifts instead of 3×3 kernels, CIFAR-10",
    SHIFT,
    _README,
    "cifar10",
    ("top1", "params"),
    [_shift_row(depth, expansion, top1, params, None) for depth, expansion, top1, _, params in _SHIFT],
)

SHIFT_CIFAR100 = table(
    "shiftresnet_cifar100",
    "Shifts instead of 3×3 kernels, CIFAR-100",
    SHIFT,
    _README,
    "cifar100",
    ("top1", "params"),
    [_shift_row(depth, expansion, top1, params, _TEN_CLASSES) for depth, expansion, _, top1, params in _SHIFT],
)

TABLES = (
    *(PAPER_CIFAR10, AKAMASTER_CIFAR10, CHENYAOFO_CIFAR10, CHENYAOFO_CIFAR100),
    *(SHIFT_CIFAR10, SHIFT_CIFAR100),
)
