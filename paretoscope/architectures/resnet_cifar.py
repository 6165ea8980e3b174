"""ResNets for CIFAR: three stages of n basic blocks, depth 6n + 2. He et al. 2015, section 4.2."""

from typing import ClassVar, Literal

import torch.nn.functional as F  # noqa: N812 (the field's own abbreviation)
from pydantic import Field
from torch import Tensor, nn

from paretoscope.architectures.base import Architecture, Block
from paretoscope.options import Source


class CifarResNet(Architecture):
    """The family: 16, 32 and 64 channels times the width, stride 2 between the stages."""

    family = "ResNet"
    source = Source("Deep Residual Learning for Image Recognition", 2015, "https://arxiv.org/abs/1512.03385")
    block = Block("Basic block", ("3×3", "3×3"), "add")
    blocks: ClassVar[int]

    shortcut: Literal["A", "B"] = Field(
        default="A",
        title="Shortcut",
        description="Where the shape changes: A subsamples and pads with zero channels, B is a 1×1 convolution.",
    )

    @property
    def smallest(self) -> int:
        """One pixel: every stride is padded."""
        return 1

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network with He initialisation."""
        stages = [self.channels(base) for base in (16, 32, 64)]
        return CifarResNetNetwork(in_channels, stages, self.blocks, self.shortcut, num_classes)


class ResNet20(CifarResNet):
    """Depth 20: three blocks a stage."""

    title = "ResNet-20"
    summary = "The CIFAR ResNet with 0.27 M parameters: residual blocks make a thin 20-layer network trainable."
    blocks = 3

    name: Literal["resnet20"] = "resnet20"


class ResNet32(CifarResNet):
    """Depth 32: five blocks a stage."""

    title = "ResNet-32"
    summary = "The CIFAR ResNet with five blocks a stage: 0.46 M parameters."
    blocks = 5

    name: Literal["resnet32"] = "resnet32"


class ResNet44(CifarResNet):
    """Depth 44: seven blocks a stage."""

    title = "ResNet-44"
    summary = "The CIFAR ResNet with seven blocks a stage: 0.66 M parameters."
    blocks = 7

    name: Literal["resnet44"] = "resnet44"


class ResNet56(CifarResNet):
    """Depth 56: nine blocks a stage."""

    title = "ResNet-56"
    summary = "The CIFAR ResNet with nine blocks a stage, 0.85 M parameters: what pruning papers compare themselves on."
    blocks = 9

    name: Literal["resnet56"] = "resnet56"


class ResNet110(CifarResNet):
    """Depth 110: eighteen blocks a stage."""

    title = "ResNet-110"
    summary = "The CIFAR ResNet with eighteen blocks a stage, 1.7 M parameters: deep, thin, and slow to run."
    blocks = 18

    name: Literal["resnet110"] = "resnet110"


class CifarResNetNetwork(nn.Module):
    """The module of the family: (N, in_channels, H, W) → (N, num_classes)."""

    def __init__(self, in_channels: int, stages: list[int], blocks: int, shortcut: str, num_classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, stages[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(stages[0])
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = _stage(stages[0], stages[0], 1, blocks, shortcut)
        self.layer2 = _stage(stages[0], stages[1], 2, blocks, shortcut)
        self.layer3 = _stage(stages[1], stages[2], 2, blocks, shortcut)
        self.average, self.flatten = nn.AdaptiveAvgPool2d(1), nn.Flatten()
        self.fc = nn.Linear(stages[2], num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        logits: Tensor = self.fc(self.flatten(self.average(x)))
        return logits


class BasicBlock(nn.Module):
    """Two 3×3 convolutions beside a shortcut."""

    def __init__(self, in_channels: int, out_channels: int, stride: int, shortcut: str) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = (
                PaddedShortcut(out_channels - in_channels, stride)
                if shortcut == "A"
                else nn.Sequential(
                    nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
                )
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return relu(F(x) + shortcut(x))."""
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        total: Tensor = self.relu(out + self.shortcut(x))
        return total


class PaddedShortcut(nn.Module):
    """Option A of the paper: every stride-th pixel, zero channels before and behind to reach the new width."""

    def __init__(self, added: int, stride: int) -> None:
        super().__init__()
        self.added, self.stride = added, stride

    def forward(self, x: Tensor) -> Tensor:
        """Return x subsampled and padded along the channels."""
        before = self.added // 2
        # The same pixels as x[:, :, ::stride, ::stride], whose gradient would not be channels-last: a tenth of a step.
        subsampled = F.avg_pool2d(x, 1, self.stride)
        return F.pad(subsampled, (0, 0, 0, 0, before, self.added - before))


def _stage(in_channels: int, out_channels: int, stride: int, blocks: int, shortcut: str) -> nn.Sequential:
    first = BasicBlock(in_channels, out_channels, stride, shortcut)
    return nn.Sequential(first, *(BasicBlock(out_channels, out_channels, 1, shortcut) for _ in range(blocks - 1)))
