"""Shift Attention Layers: figure 7 of Hacene et al. 2019, measured in the figure."""

from typing import Any

from paretoscope.costs.references.base import Row, table
from paretoscope.options import Source

PAPER = Source("Attention Based Pruning for Shift Networks", 2019, "https://arxiv.org/abs/1905.12300")
_DIGITISED = (
    "Measured in the figure to 0.05 points. Its axis has no labels in the lecture; parameters plus activations, in "
    "numbers of 32 bits, fit it, so the size is inferred."
)

# series, then memory in millions of values and accuracy %
_SERIES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "SAL",
        (
            *(("0.849e6", "92.66"), ("1.189e6", "93.65"), ("2.377e6", "94.98")),
            *(("2.969e6", "95.31"), ("3.818e6", "95.64"), ("4.922e6", "95.81")),
        ),
    ),
    (
        "SAL2",
        (
            *(("0.964e6", "93.32"), ("1.882e6", "95.00"), ("2.417e6", "95.24")),
            *(("4.361e6", "95.87"), ("5.937e6", "95.88")),
        ),
    ),
    (
        "BWN",
        (
            *(("0.830e6", "92.52"), ("1.046e6", "93.42"), ("1.610e6", "94.28")),
            *(("2.201e6", "95.01"), ("4.844e6", "95.69")),
        ),
    ),
    ("BinaryConnect", (("1.729e6", "92.98"), ("2.201e6", "93.49"), ("2.822e6", "94.33"))),
)
_PLAIN: tuple[tuple[str, str, str, dict[str, Any] | None], ...] = (
    ("ResNet-20, 16 channels", "0.665e6", "92.50", {"name": "resnet20", "shortcut": "B"}),
    ("ResNet-20, 32 channels", "1.866e6", "94.41", {"name": "resnet20", "shortcut": "B", "width": 2.0}),
    ("ResNet-20, 64 channels", "5.888e6", "95.23", {"name": "resnet20", "shortcut": "B", "width": 4.0}),
    ("SqueezeNet", "1.449e6", "92.24", None),
    ("MobileNetV2", "5.848e6", "94.01", {"name": "mobilenet_v2", "form": "cifar"}),
)

FIGURE_7 = table(
    "sal_cifar10",
    "Shift attention beside other compressed ResNet-20s",
    PAPER,
    "Figure 7",
    "cifar10",
    ("top1", "values"),
    [
        *(Row(label, (top1, values), known, _DIGITISED) for label, values, top1, known in _PLAIN),
        *(
            Row(f"ResNet-20 with {method}", (top1, values), note=_DIGITISED)
            for method, points in _SERIES
            for values, top1 in points
        ),
    ],
    status="digitised from the figure",
)

TABLES = (FIGURE_7,)
