"""ResNeXt: bottlenecks whose 3×3 convolution works in groups. Xie et al. 2016, sections 3 and 5.3."""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field
from torch import nn

from paretoscope.architectures.base import Architecture, Block, TwoForms
from paretoscope.architectures.resnet import Stage, residual_network
from paretoscope.options import Source

MOST_GROUPS, WIDEST_GROUP = 128, 256
_PAPER = Source(
    "Aggregated Residual Transformations for Deep Neural Networks", 2016, "https://arxiv.org/abs/1611.05431"
)
_BLOCK = Block("ResNeXt block", ("1×1 narrow", "3×3 in groups", "1×1 widen"), "add")
_CARDINALITY = "Groups of every 3×3 convolution."
_GROUP_WIDTH = "Channels a group has in the first stage; they double with every stage."


class ResNeXt50(TwoForms):
    """ResNet-50 with grouped bottlenecks; cardinality 1 and group width 64 is ResNet-50 itself."""

    title = "ResNeXt-50 32×4d"
    family = "ResNeXt"
    summary = "Many narrow paths in parallel, as groups of one convolution: more accurate than wider or deeper."
    source = _PAPER
    block = _BLOCK

    name: Literal["resnext50_32x4d"] = "resnext50_32x4d"
    cardinality: int = Field(default=32, ge=1, le=MOST_GROUPS, title="Cardinality", description=_CARDINALITY)
    group_width: int = Field(default=4, ge=1, le=WIDEST_GROUP, title="Group width", description=_GROUP_WIDTH)

    @property
    def smallest(self) -> int:
        """One pixel: every stride is padded."""
        return 1

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network with He initialisation; its names are torchvision's."""
        stages = grouped_stages(self, (3, 4, 6, 3), self.cardinality, self.group_width)
        return residual_network(in_channels, self.channels(64), list(stages), num_classes, small=self.is_small)


class ResNeXt29(Architecture):
    """Three stages of three blocks for CIFAR."""

    title = "ResNeXt-29 8×64d"
    family = "ResNeXt"
    summary = "The ResNeXt for CIFAR: eight groups of 64 channels beat a Wide ResNet of the same size."
    source = _PAPER
    block = _BLOCK

    name: Literal["resnext29_8x64d"] = "resnext29_8x64d"
    cardinality: int = Field(default=8, ge=1, le=MOST_GROUPS, title="Cardinality", description=_CARDINALITY)
    group_width: int = Field(default=64, ge=1, le=WIDEST_GROUP, title="Group width", description=_GROUP_WIDTH)

    @property
    def smallest(self) -> int:
        """One pixel: every stride is padded."""
        return 1

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network with He initialisation."""
        stages = grouped_stages(self, (3, 3, 3), self.cardinality, self.group_width)
        return residual_network(in_channels, self.channels(64), list(stages), num_classes, small=True)


def grouped_stages(
    architecture: Architecture, depths: Sequence[int], cardinality: int, group_width: int
) -> Iterator[Stage]:
    """Yield stages of the given depths: 256 channels at first, twice as many and half the pixels in each that follows.

    The width multiplies the channels of a group, so that they divide evenly whatever it is.
    """
    for index, blocks in enumerate(depths):
        yield Stage(
            blocks,
            architecture.channels(256 * 2**index),
            1 if index == 0 else 2,
            inner=cardinality * architecture.channels(group_width * 2**index),
            groups=cardinality,
        )
