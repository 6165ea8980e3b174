"""Deep Compression: four networks pruned, quantized and coded. Han et al. 2015, table 1."""

from paretoscope.costs.references.base import Row, accuracy, table
from paretoscope.costs.references.squeezenet import ALEXNET
from paretoscope.options import Source

PAPER = Source(
    "Deep Compression: Compressing Deep Neural Networks with Pruning, Trained Quantization and Huffman Coding",
    2015,
    "https://arxiv.org/abs/1510.00149",
)
_COLUMNS = ("original_top1", "top1", "original_megabytes", "megabytes", "ratio")

MNIST = table(
    "deep_compression_mnist",
    "Deep Compression on MNIST",
    PAPER,
    "Table 1",
    "mnist",
    _COLUMNS,
    [
        Row("LeNet-300-100", (accuracy("1.64"), accuracy("1.58"), "1.070", "0.027", "40")),
        Row(
            "LeNet-5",
            (accuracy("0.80"), accuracy("0.74"), "1.720", "0.044", "39"),
            {"name": "lenet5", "layout": "caffe"},
            "Recomputed: the network before compression, with 431 080 numbers of 32 bits.",
        ),
    ],
)

IMAGENET = table(
    "deep_compression_imagenet",
    "Deep Compression on ImageNet",
    PAPER,
    "Table 1",
    "imagenet",
    _COLUMNS,
    [
        Row(
            "AlexNet",
            (accuracy("42.78"), accuracy("42.78"), "240", "6.9", "35"),
            ALEXNET,
            "Recomputed: the network before compression.",
        ),
        Row(
            "VGG-16",
            (accuracy("31.50"), accuracy("31.17"), "552", "11.3", "49"),
            {"name": "vgg16"},
            "Recomputed: the network before compression.",
        ),
    ],
)

TABLES = (MNIST, IMAGENET)
