"""MobileNetV2: table 4 of Sandler et al. 2018, and the checkpoints that TensorFlow published."""

from typing import Any

from paretoscope.costs.references.base import Row, table
from paretoscope.options import Source

PAPER = Source("MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, "https://arxiv.org/abs/1801.04381")
CHECKPOINTS = Source(
    "TensorFlow models, research/slim/nets/mobilenet/README.md",
    2018,
    "https://github.com/tensorflow/models/tree/master/research/slim/nets/mobilenet",
)


def net(**options: Any) -> dict[str, Any]:
    """Return the architecture with options."""
    return {"name": "mobilenet_v2", **options}


TABLE_4 = table(
    "mobilenet_v2_imagenet",
    "MobileNetV2 beside other small networks",
    PAPER,
    "Table 4",
    "imagenet",
    ("top1", "params", "macs", "milliseconds"),
    [
        Row(
            "MobileNetV1",
            ("70.6", "4.2e6", "575e6", "113"),
            {"name": "mobilenet_v1"},
            "V1's own paper prints 569 M, and so do its layers.",
        ),
        Row("ShuffleNet (1.5)", ("71.5", "3.4e6", "292e6", None)),
        Row("ShuffleNet (×2)", ("73.7", "5.4e6", "524e6", None)),
        Row("NasNet-A", ("74.0", "5.3e6", "564e6", "183")),
        Row(
            "MobileNetV2",
            ("72.0", "3.4e6", "300e6", "75"),
            net(),
            "Digits cut off: 300.8 M, and 3.47 M parameters without batch normalisation, 3.50 M with it.",
        ),
        Row(
            "MobileNetV2 (1.4)",
            ("74.7", "6.9e6", "585e6", "143"),
            net(width=1.4),
            "The network as it was released has 6.1 M parameters (TensorFlow says 6.06 M, batch normalisation left "
            "out) and 582 M MACs; MicroNet took 6.9 M for its baseline.",
        ),
    ],
)

# width, params, then resolution, MACs, top-1, top-5, ms
_CHECKPOINTS = (
    ("1.4", "6.06e6", ((224, "582e6", "75.0", "92.5", "138.0"),)),
    ("1.3", "5.34e6", ((224, "509e6", "74.4", "92.1", "123.0"),)),
    (
        "1.0",
        "3.47e6",
        (
            (224, "300e6", "71.8", "91.0", "73.8"),
            (192, "221e6", "70.7", "90.1", "55.1"),
            (160, "154e6", "68.8", "89.0", "40.2"),
            (128, "99e6", "65.3", "86.9", "27.6"),
            (96, "56e6", "60.3", "83.2", "17.6"),
        ),
    ),
    (
        "0.75",
        "2.61e6",
        (
            (224, "209e6", "69.8", "89.6", "55.8"),
            (192, "153e6", "68.7", "88.9", "41.6"),
            (160, "107e6", "66.4", "87.3", "30.4"),
            (128, "69e6", "63.2", "85.3", "21.9"),
            (96, "39e6", "58.8", "81.6", "14.2"),
        ),
    ),
    (
        "0.5",
        "1.95e6",
        (
            (224, "97e6", "65.4", "86.4", "28.7"),
            (192, "71e6", "63.9", "85.4", "21.1"),
            (160, "50e6", "61.0", "83.2", "14.9"),
            (128, "32e6", "57.7", "80.8", "9.9"),
            (96, "18e6", "51.2", "75.8", "6.4"),
        ),
    ),
    (
        "0.35",
        "1.66e6",
        (
            (224, "59e6", "60.3", "82.9", "19.7"),
            (192, "43e6", "58.2", "81.2", "14.6"),
            (160, "30e6", "55.7", "79.1", "10.5"),
            (128, "20e6", "50.8", "75.0", "6.9"),
            (96, "11e6", "45.5", "70.4", "4.5"),
        ),
    ),
)
WITHOUT_NORMS = "TensorFlow's parameters leave out batch normalisation; its MACs are cut, not rounded."

GRID = table(
    "mobilenet_v2_checkpoints",
    "MobileNetV2: width × resolution",
    CHECKPOINTS,
    "MobileNet V2 ImageNet checkpoints",
    "imagenet",
    ("top1", "top5", "macs", "params", "milliseconds"),
    [
        Row(
            f"MobileNet v2 {width}-{resolution}",
            (top1, top5, macs, params, milliseconds),
            net(width=float(width), resolution=resolution),
            WITHOUT_NORMS,
        )
        for width, params, cells in _CHECKPOINTS
        for resolution, macs, top1, top5, milliseconds in cells
    ],
)

TABLES = (TABLE_4, GRID)
