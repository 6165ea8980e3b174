"""LeNet-5 for grey digits of 28×28 or 32×32. LeCun et al. 1998, section II.B."""

from collections import OrderedDict
from typing import Literal

from pydantic import Field
from torch import nn

from paretoscope.architectures.base import Architecture, Block
from paretoscope.options import Source

MNIST = 28


class LeNet5(Architecture):
    """Two 5×5 convolutions with pooling, then linear layers. A small picture is centred in the field of the paper."""

    title = "LeNet-5"
    family = "Small"
    summary = (
        "The first convolutional network in wide use: shared 5×5 kernels and pooling instead of one weight per pixel."
    )
    source = Source(
        "Gradient-Based Learning Applied to Document Recognition",
        1998,
        "http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf",
    )
    block = Block("Convolution and pooling", ("5×5", "2×2 pooling"))

    name: Literal["lenet5"] = "lenet5"
    layout: Literal["1998", "caffe"] = Field(
        default="1998",
        title="Layout",
        description="1998: 6 and 16 kernels, tanh, as in the paper; caffe: 20 and 50, as in Deep Compression.",
    )

    @property
    def smallest(self) -> int:
        """One pixel: smaller pictures than the field are padded to it."""
        return 1

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network for pictures of `resolution` (28 where it is None) with torch's default initialisation.

        The 1998 network looks at a field of 32×32, Caffe's at 28×28: a smaller picture is padded to it, the features
        of a larger one are averaged, so that the linear layers are always the same.
        """
        side = self.resolution or MNIST
        if self.layout == "caffe":
            return self._caffe(in_channels, num_classes, _padding(28, side))
        return self._lecun(in_channels, num_classes, _padding(32, side))

    def _lecun(self, in_channels: int, num_classes: int, padding: int) -> nn.Module:
        first, second, third, fourth = (self.channels(base) for base in (6, 16, 120, 84))
        return nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, first, 5, padding=padding),
                tanh1=nn.Tanh(),
                pool1=nn.AvgPool2d(2),
                conv2=nn.Conv2d(first, second, 5),
                tanh2=nn.Tanh(),
                pool2=nn.AvgPool2d(2),
                average=nn.AdaptiveAvgPool2d(5),
                flatten=nn.Flatten(),
                fc1=nn.Linear(second * 5 * 5, third),
                tanh3=nn.Tanh(),
                fc2=nn.Linear(third, fourth),
                tanh4=nn.Tanh(),
                fc3=nn.Linear(fourth, num_classes),
            )
        )

    def _caffe(self, in_channels: int, num_classes: int, padding: int) -> nn.Module:
        first, second, third = (self.channels(base) for base in (20, 50, 500))
        return nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, first, 5, padding=padding),
                pool1=nn.MaxPool2d(2),
                conv2=nn.Conv2d(first, second, 5),
                pool2=nn.MaxPool2d(2),
                average=nn.AdaptiveAvgPool2d(4),
                flatten=nn.Flatten(),
                ip1=nn.Linear(second * 4 * 4, third),
                relu1=nn.ReLU(inplace=True),
                ip2=nn.Linear(third, num_classes),
            )
        )


def _padding(field: int, side: int) -> int:
    return max(0, field - side + 1) // 2
