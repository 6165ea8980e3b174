"""SqueezeNet against compressed AlexNets (Iandola et al. 2016), and its two versions as its authors released them."""

from typing import Any

from paretoscope.costs.references.base import Row, table
from paretoscope.options import Source

PAPER = Source(
    "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
    2016,
    "https://arxiv.org/abs/1602.07360",
)
REPOSITORY = Source("DeepScale/SqueezeNet, SqueezeNet_v1.1/README.md", 2016, "https://github.com/DeepScale/SqueezeNet")
ALEXNET: dict[str, Any] = {"name": "alexnet", "resolution": 227}
_SQUEEZENET: dict[str, Any] = {"name": "squeezenet1_0"}
_TWO = "The authors count two operations a MAC:"
_PRUNED = "421 098 of the 1 248 424 weights are left."

COMPRESSION = table(
    "squeezenet_compression",
    "SqueezeNet against compressed AlexNets",
    PAPER,
    "Table 2",
    "imagenet",
    ("top1", "top5", "megabytes", "ratio"),
    [
        Row("AlexNet", ("57.2", "80.3", "240", "1"), ALEXNET, "60 965 224 numbers of 32 bits are 244 MB."),
        Row("AlexNet, SVD", ("56.0", None, None, "5")),
        Row("AlexNet, network pruning", ("57.2", "80.3", None, "9")),
        Row("AlexNet, Deep Compression", ("57.2", "80.3", "6.9", "35")),
        Row(
            "SqueezeNet",
            ("57.5", "80.3", "4.8", "50"),
            _SQUEEZENET,
            "1 248 424 numbers of 32 bits are 4.8 MB of 2²⁰ bytes; the paper compares it with AlexNet's 240 MB.",
        ),
        Row("SqueezeNet, Deep Compression, 8 bit", ("57.5", "80.3", "0.66", "363"), note=_PRUNED),
        Row("SqueezeNet, Deep Compression, 6 bit", ("57.5", "80.3", "0.47", "510"), note=_PRUNED),
    ],
)

VERSIONS = table(
    "squeezenet_versions",
    "SqueezeNet 1.0 and 1.1",
    REPOSITORY,
    "README",
    "imagenet",
    ("top5", "flops"),
    [
        Row(
            "SqueezeNet 1.0",
            ("80.3", "1.72e9"),
            _SQUEEZENET,
            f"{_TWO} 0.819 G MACs or 1.64 G operations in torchvision's geometry, built here, and 0.888 G MACs in the "
            "paper's, whose first convolution gives 111×111 values.",
        ),
        Row(
            "SqueezeNet 1.1",
            ("80.3", "0.72e9"),
            {"name": "squeezenet1_1"},
            f"{_TWO} 0.349 G MACs or 0.70 G operations.",
        ),
    ],
)

TABLES = (COMPRESSION, VERSIONS)
