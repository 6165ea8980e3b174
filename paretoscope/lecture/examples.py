"""Convolutions and kernels worth a look."""

from dataclasses import dataclass

from paretoscope.lecture.convolution import Convolution
from paretoscope.lecture.kernel import Kernel


@dataclass(frozen=True, slots=True)
class ConvolutionExample:
    """A convolution with a name."""

    title: str
    remark: str
    values: Convolution


@dataclass(frozen=True, slots=True)
class KernelExample:
    """A kernel with a name."""

    title: str
    remark: str
    values: tuple[tuple[float, ...], ...]


CONVOLUTIONS = (
    ConvolutionExample("The lecture's", "5×5 outputs, 3 → 128 channels", Convolution()),
    ConvolutionExample(
        "AlexNet conv2",
        "two groups, one for each of its GPUs",
        Convolution(height=27, width=27, padding="same", kernel=(5, 5), in_channels=96, out_channels=256, groups=2),
    ),
    ConvolutionExample(
        "MobileNet body",
        "five of its layers look like this",
        Convolution(height=14, width=14, padding="same", in_channels=512, out_channels=512, groups=8),
    ),
    ConvolutionExample(
        "ResNeXt-50 block",
        "cardinality 32",
        Convolution(height=56, width=56, padding="same", in_channels=128, out_channels=128, groups=32),
    ),
    ConvolutionExample(
        "Small enough to see",
        "every channel is drawn",
        Convolution(height=6, width=6, padding="same", in_channels=4, out_channels=4, groups=2),
    ),
)


def _example(title: str, remark: str, values: list[list[float]]) -> KernelExample:
    return KernelExample(title, remark, Kernel(values=values).values)  # type: ignore[arg-type]


KERNELS = (
    _example("Sobel x", "Smooths down, differentiates across.", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    _example("Sobel y", "The same, turned by 90°.", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    _example("Prewitt", "Sobel with a box instead of the small Gaussian.", [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
    _example(
        "Gaussian",
        "The classic that can be divided: binomials both ways.",
        [[i * j for i in (1, 4, 6, 4, 1)] for j in (1, 4, 6, 4, 1)],
    ),
    _example("Box", "A mean; divided, it is a running sum both ways.", [[1] * 3] * 3),
    _example(
        "Laplacian", "Looks alike in both directions, and still needs two terms.", [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    ),
    _example("Identity", "Leaves the picture as it is.", [[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    _example("Diagonal", "All terms are equally important: the worst case.", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
)
