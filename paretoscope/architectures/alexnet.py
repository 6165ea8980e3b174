"""AlexNet: the original with its two halves (Krizhevsky et al. 2012), and the one-column form of Krizhevsky 2014."""

from collections import OrderedDict
from typing import Literal

from pydantic import Field
from torch import nn

from paretoscope.architectures.base import Architecture, Block
from paretoscope.options import Source

POOLED = 6


class AlexNet(Architecture):
    """Five convolutions, three of them in groups, and three linear layers; the paper's own input is 227×227."""

    title = "AlexNet"
    family = "AlexNet"
    summary = "The network that won ImageNet in 2012; two groups of channels because one GPU could not hold it."
    source = Source(
        "ImageNet Classification with Deep Convolutional Neural Networks",
        2012,
        "https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html",
    )
    block = Block("Convolution", ("convolution", "ReLU", "response normalisation", "3×3 max-pooling"))

    name: Literal["alexnet"] = "alexnet"
    groups: int = Field(
        default=2,
        ge=1,
        le=32,
        title="Groups",
        description="Of conv2, conv4 and conv5; channels are rounded to multiples of it. 1: every channel sees all.",
    )

    @property
    def smallest(self) -> int:
        """An 11×11 convolution of stride 4 and three 3×3 poolings of stride 2, none of them padded."""
        return 67

    def channels(self, base: int) -> int:
        """The width multiplier applied to `base` channels, rounded to the nearest multiple of the groups but zero."""
        return self.groups * max(1, round(base * self.width / self.groups))

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network with He initialisation: the paper's fixed deviation of 0.01 only suits its own widths."""
        c1, c2, c3, c4, c5 = (self.channels(base) for base in (96, 256, 384, 384, 256))
        wide = super().channels(4096)
        network = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, c1, 11, stride=4),
                relu1=nn.ReLU(inplace=True),
                norm1=_response_norm(),
                pool1=nn.MaxPool2d(3, stride=2),
                conv2=nn.Conv2d(c1, c2, 5, padding=2, groups=self.groups),
                relu2=nn.ReLU(inplace=True),
                norm2=_response_norm(),
                pool2=nn.MaxPool2d(3, stride=2),
                conv3=nn.Conv2d(c2, c3, 3, padding=1),
                relu3=nn.ReLU(inplace=True),
                conv4=nn.Conv2d(c3, c4, 3, padding=1, groups=self.groups),
                relu4=nn.ReLU(inplace=True),
                conv5=nn.Conv2d(c4, c5, 3, padding=1, groups=self.groups),
                relu5=nn.ReLU(inplace=True),
                pool5=nn.MaxPool2d(3, stride=2),
                average=nn.AdaptiveAvgPool2d(POOLED),
                flatten=nn.Flatten(),
                fc6=nn.Linear(c5 * POOLED**2, wide),
                relu6=nn.ReLU(inplace=True),
                drop6=nn.Dropout(),
                fc7=nn.Linear(wide, wide),
                relu7=nn.ReLU(inplace=True),
                drop7=nn.Dropout(),
                fc8=nn.Linear(wide, num_classes),
            )
        )
        for module in network:
            if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)
        return network


class AlexNetTorchvision(Architecture):
    """One column of narrower convolutions without response normalisation, layer by layer as in torchvision."""

    title = "AlexNet (torchvision)"
    family = "AlexNet"
    summary = "AlexNet in one column, without groups and response normalisation: the form most code calls AlexNet."
    source = Source(
        "One weird trick for parallelizing convolutional neural networks", 2014, "https://arxiv.org/abs/1404.5997"
    )
    block = Block("Convolution", ("convolution", "ReLU", "3×3 max-pooling"))

    name: Literal["alexnet_torchvision"] = "alexnet_torchvision"

    @property
    def smallest(self) -> int:
        """An 11×11 convolution of stride 4 padded by 2, and three 3×3 poolings of stride 2 without padding."""
        return 63

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network with torch's default initialisation, as torchvision has it."""
        c1, c2, c3, c4, c5 = (self.channels(base) for base in (64, 192, 384, 256, 256))
        wide = self.channels(4096)
        features = nn.Sequential(
            nn.Conv2d(in_channels, c1, 11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(c1, c2, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(c2, c3, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(c3, c4, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(c4, c5, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
        )
        classifier = nn.Sequential(
            nn.Dropout(),
            nn.Linear(c5 * POOLED**2, wide),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(wide, wide),
            nn.ReLU(inplace=True),
            nn.Linear(wide, num_classes),
        )
        return nn.Sequential(
            OrderedDict(
                features=features,
                avgpool=nn.AdaptiveAvgPool2d(POOLED),
                flatten=nn.Flatten(),
                classifier=classifier,
            )
        )


def _response_norm() -> nn.LocalResponseNorm:
    # The paper adds up α = 1e-4 over five channels where torch averages.
    return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)
