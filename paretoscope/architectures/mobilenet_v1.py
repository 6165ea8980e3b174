"""MobileNet, version 1: depthwise separable convolutions throughout. Howard et al. 2017, table 1."""

from collections import OrderedDict
from typing import Literal

from pydantic import Field
from torch import nn

from paretoscope.architectures.base import Block, TwoForms
from paretoscope.options import Source

STEM = 32
# channels, stride
ROWS = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1), (512, 1), (512, 1), (512, 1), (512, 1)),
    *((1024, 2), (1024, 1)),  # the paper prints stride 2 for the last one too, and an output that has stride 1
)
REPEATED = slice(6, 11)
"""The five blocks in a row that the paper's shallow network does without (table 5)."""


class MobileNetV1(TwoForms):
    """ImageNet form: stride 2 in the first convolution. CIFAR form: stride 1, as in kuangliu/pytorch-cifar."""

    title = "MobileNet"
    family = "MobileNet"
    summary = (
        "One filter for each channel, then a 1×1 convolution: about 9 times fewer MACs than full 3×3 convolutions."
    )
    source = Source(
        "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
        2017,
        "https://arxiv.org/abs/1704.04861",
    )
    block = Block("Depthwise separable", ("3×3 depthwise", "1×1"))

    name: Literal["mobilenet_v1"] = "mobilenet_v1"
    separable: bool = Field(
        default=True,
        title="Depthwise separable",
        description="Off: full 3×3 convolutions instead, the paper's Conv MobileNet.",
    )
    shallow: bool = Field(
        default=False,
        title="Shallow",
        description="Without the five blocks in a row that have 512 channels, as in the paper's table 5.",
    )

    @property
    def smallest(self) -> int:
        """One pixel: every stride is padded."""
        return 1

    def channels(self, base: int) -> int:
        """The width multiplier applied to `base` channels, rounded down as in the authors' code, at least 1."""
        return max(1, int(base * self.width))

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network with He initialisation."""
        rows = [*ROWS]
        if self.shallow:
            del rows[REPEATED]
        channels = self.channels(STEM)
        layers: OrderedDict[str, nn.Module] = OrderedDict(
            conv1=nn.Conv2d(in_channels, channels, 3, 1 if self.is_small else 2, padding=1, bias=False),
            bn1=nn.BatchNorm2d(channels),
            relu=nn.ReLU(inplace=True),
        )
        for index, (base, stride) in enumerate(rows, start=1):
            block = SeparableBlock if self.separable else FullBlock
            layers[f"block{index}"] = block(channels, self.channels(base), stride)
            channels = self.channels(base)
        layers["avgpool"], layers["flatten"] = nn.AdaptiveAvgPool2d(1), nn.Flatten()
        layers["fc"] = nn.Linear(channels, num_classes)
        network = nn.Sequential(layers)
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        return network


class SeparableBlock(nn.Sequential):
    """A 3×3 filter for each channel, then a 1×1 convolution; batch norm and ReLU after both."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        depthwise = nn.Conv2d(in_channels, in_channels, 3, stride, padding=1, groups=in_channels, bias=False)
        super().__init__(
            OrderedDict(
                depthwise=depthwise,
                bn1=nn.BatchNorm2d(in_channels),
                relu1=nn.ReLU(inplace=True),
                pointwise=nn.Conv2d(in_channels, out_channels, 1, bias=False),
                bn2=nn.BatchNorm2d(out_channels),
                relu2=nn.ReLU(inplace=True),
            )
        )


class FullBlock(nn.Sequential):
    """The full 3×3 convolution that a separable block stands for, with batch norm and ReLU."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__(
            OrderedDict(
                conv=nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False),
                bn=nn.BatchNorm2d(out_channels),
                relu=nn.ReLU(inplace=True),
            )
        )
