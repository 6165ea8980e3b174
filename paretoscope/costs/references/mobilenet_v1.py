"""MobileNetV1: tables 4 to 10 of Howard et al. 2017, and the 16 checkpoints that TensorFlow published in 2018."""

from typing import Any

from paretoscope.costs.references.base import Printed, Row, table
from paretoscope.options import Source

PAPER = Source(
    "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
    2017,
    "https://arxiv.org/abs/1704.04861",
)
CHECKPOINTS = Source(
    "TensorFlow models, research/slim/nets/mobilenet_v1.md",
    2018,
    "https://github.com/tensorflow/models/blob/master/research/slim/nets/mobilenet_v1.md",
)
COLUMNS = ("top1", "macs", "params")

FULL = ("70.6", "569e6", "4.2e6")
_WITHOUT_NORMS = (
    "1.32 M leaves out batch normalisation; with it, the network has 1.33 M parameters. 76 M is 76.5 M cut off."
)


def net(**options: Any) -> dict[str, Any]:
    """Return the architecture with options."""
    return {"name": "mobilenet_v1", **options}


TABLE_4 = table(
    "mobilenet_v1_separable",
    "MobileNetV1: depthwise separable against full convolutions",
    PAPER,
    "Table 4",
    "imagenet",
    COLUMNS,
    [
        Row(
            "Conv MobileNet",
            ("71.7", "4866e6", "29.3e6"),
            net(separable=False),
            "The layers sum to 4\u202f867.3 M; the paper prints one million less.",
        ),
        Row("MobileNet", FULL, net()),
    ],
)

TABLE_5 = table(
    "mobilenet_v1_shallow",
    "MobileNetV1: narrow against shallow",
    PAPER,
    "Table 5",
    "imagenet",
    COLUMNS,
    [
        Row("0.75 MobileNet", ("68.4", "325e6", "2.6e6"), net(width=0.75)),
        Row("Shallow MobileNet", ("65.3", "307e6", "2.9e6"), net(shallow=True)),
    ],
)

TABLE_6 = table(
    "mobilenet_v1_width",
    "MobileNetV1: width multiplier",
    PAPER,
    "Table 6",
    "imagenet",
    COLUMNS,
    [
        Row("1.0 MobileNet-224", FULL, net()),
        Row("0.75 MobileNet-224", ("68.4", "325e6", "2.6e6"), net(width=0.75)),
        Row("0.5 MobileNet-224", ("63.7", "149e6", "1.3e6"), net(width=0.5)),
        Row("0.25 MobileNet-224", ("50.6", "41e6", "0.5e6"), net(width=0.25)),
    ],
)

TABLE_7 = table(
    "mobilenet_v1_resolution",
    "MobileNetV1: resolution",
    PAPER,
    "Table 7",
    "imagenet",
    COLUMNS,
    [
        Row("1.0 MobileNet-224", FULL, net()),
        Row("1.0 MobileNet-192", ("69.1", "418e6", "4.2e6"), net(resolution=192)),
        Row(
            "1.0 MobileNet-160",
            ("67.2", "290e6", "4.2e6"),
            net(resolution=160),
            "The layers sum to 290.7 M: the paper cut the digits off, TensorFlow's own table has 291.",
        ),
        Row("1.0 MobileNet-128", ("64.4", "186e6", "4.2e6"), net(resolution=128)),
    ],
)

TABLE_8 = table(
    "mobilenet_v1_popular",
    "MobileNetV1 beside popular networks",
    PAPER,
    "Table 8",
    "imagenet",
    COLUMNS,
    [
        Row("1.0 MobileNet-224", FULL, net()),
        Row("GoogleNet", ("69.8", "1550e6", "6.8e6")),
        Row(
            "VGG-16",
            ("71.5", "15300e6", "138e6"),
            {"name": "vgg16"},
            "15 300 M are its convolutions alone; the three linear layers add 124 M.",
        ),
    ],
)

TABLE_9 = table(
    "mobilenet_v1_small",
    "MobileNetV1 beside small networks",
    PAPER,
    "Table 9",
    "imagenet",
    COLUMNS,
    [
        Row("0.50 MobileNet-160", ("60.2", "76e6", "1.32e6"), net(width=0.5, resolution=160), _WITHOUT_NORMS),
        Row(
            "SqueezeNet",
            ("57.5", "1700e6", "1.25e6"),
            {"name": "squeezenet1_0"},
            "1 700 M counts two operations a MAC, as SqueezeNet's authors do; the other rows of the table count MACs.",
        ),
        Row(
            "AlexNet",
            ("57.2", "72e7", "60e6"),
            {"name": "alexnet", "resolution": 227},
            "60 M is 60.97 M with its digits cut off.",
        ),
    ],
)

_DOGS = "The MACs printed are those of 1 000 classes, the parameters those of Stanford Dogs' 120."

TABLE_10 = table(
    "mobilenet_v1_dogs",
    "MobileNetV1 on Stanford Dogs (120 classes)",
    PAPER,
    "Table 10",
    "stanford_dogs",
    COLUMNS,
    [
        Row("Inception V3", ("84", "5000e6", "23.2e6")),
        *(
            Row(
                f"{width} MobileNet-{resolution}",
                printed,
                net(width=float(width), resolution=resolution, num_classes=120, form="imagenet"),
                _DOGS,
            )
            for width, resolution, printed in (
                ("1.0", 224, ("83.3", "569e6", "3.3e6")),
                ("0.75", 224, ("81.9", "325e6", "1.9e6")),
                ("1.0", 192, ("81.9", "418e6", "3.3e6")),
                ("0.75", 192, ("80.5", "239e6", "1.9e6")),
            )
        ),
    ],
    counted_on="cifar100",
)

# width, params, then for 224, 192, 160, 128 pixels: MACs, top-1, top-5
_GRID: tuple[tuple[str, str, tuple[Printed, ...]], ...] = (
    (
        "1.0",
        "4.24e6",
        (("569e6", "70.9", "89.9"), ("418e6", "70.0", "89.2"), ("291e6", "68.0", "87.7"), ("186e6", "65.2", "85.8")),
    ),
    (
        "0.75",
        "2.59e6",
        (("317e6", "68.4", "88.2"), ("233e6", "67.2", "87.3"), ("162e6", "65.3", "86.0"), ("104e6", "62.1", "83.9")),
    ),
    (
        "0.5",
        "1.34e6",
        (("150e6", "63.3", "84.9"), ("110e6", "61.7", "83.6"), ("77e6", "59.1", "81.9"), ("49e6", "56.3", "79.4")),
    ),
    (
        "0.25",
        "0.47e6",
        (("41e6", "49.8", "74.2"), ("34e6", "47.7", "72.3"), ("21e6", "45.5", "70.3"), ("14e6", "41.5", "66.3")),
    ),
)
_WHY = {
    "1.0": "The layers have 4.23 M parameters; where 4.24 M comes from is not said.",
    "0.75": "TensorFlow prints fewer MACs for width 0.75 than the layers have; the paper's 325 M and 239 M do agree.",
    "0.5": "The layers have 1.33 M parameters; where 1.34 M comes from is not said.",
}
_ODD = {
    ("0.25", 192): "34 M is out of line with its neighbours: the layers sum to 30.2 M.",
    ("0.5", 224): "The layers have 149.5 M MACs and 1.33 M parameters; where 150 M and 1.34 M come from is not said.",
}

GRID = table(
    "mobilenet_v1_checkpoints",
    "MobileNetV1: width × resolution",
    CHECKPOINTS,
    "Pre-trained models",
    "imagenet",
    ("top1", "top5", "macs", "params"),
    [
        Row(
            f"MobileNet v1 {width}-{resolution}",
            (top1, top5, macs, params),
            net(width=float(width), resolution=resolution),
            _ODD.get((width, resolution), _WHY.get(width)),
        )
        for width, params, cells in _GRID
        for resolution, (macs, top1, top5) in zip((224, 192, 160, 128), cells, strict=True)
    ],
)

TABLES = (TABLE_4, TABLE_5, TABLE_6, TABLE_7, TABLE_8, TABLE_9, TABLE_10, GRID)
