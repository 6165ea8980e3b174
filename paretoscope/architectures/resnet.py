"""ResNets of four stages: for ImageNet as in torchvision, for CIFAR with a small stem. He et al. 2015, table 1."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Literal, NamedTuple

from torch import Tensor, nn

from paretoscope.architectures.base import Block, TwoForms
from paretoscope.options import Source


class StagedResNet(TwoForms):
    """ImageNet form: 7×7 convolution of stride 2 and a max-pool first. CIFAR form: one 3×3 convolution instead."""

    family = "ResNet"
    source = Source("Deep Residual Learning for Image Recognition", 2015, "https://arxiv.org/abs/1512.03385")

    @property
    def smallest(self) -> int:
        """One pixel: every stride is padded."""
        return 1


class ResNet18(StagedResNet):
    """Two basic blocks a stage."""

    title = "ResNet-18"
    summary = "Each pair of 3×3 convolutions adds to its input what is missing, so depth no longer hurts training."
    block = Block("Basic block", ("3×3", "3×3"), "add")

    name: Literal["resnet18"] = "resnet18"

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network with He initialisation."""
        # channels, blocks, stride
        rows = ((64, 2, 1), (128, 2, 2), (256, 2, 2), (512, 2, 2))
        stages = [Stage(blocks, self.channels(base), stride) for base, blocks, stride in rows]
        return residual_network(in_channels, self.channels(64), stages, num_classes, small=self.is_small)


class ResNet50(StagedResNet):
    """Three, four, six and three bottlenecks; the stride is on the 3×3 convolution ("v1.5"), as in torchvision."""

    title = "ResNet-50"
    summary = "Bottlenecks: 1×1 convolutions narrow the input of each 3×3 convolution and widen its output again."
    block = Block("Bottleneck", ("1×1 narrow", "3×3", "1×1 widen"), "add")

    name: Literal["resnet50"] = "resnet50"

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network with He initialisation."""
        # inner channels, blocks, stride
        rows = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))
        stages = [
            Stage(blocks, self.channels(4 * base), stride, inner=self.channels(base)) for base, blocks, stride in rows
        ]
        return residual_network(in_channels, self.channels(64), stages, num_classes, small=self.is_small)


class Stage(NamedTuple):
    """Blocks with the same output: basic ones, or bottlenecks whose 3×3 convolution has `inner` channels in groups."""

    blocks: int
    out_channels: int
    stride: int
    inner: int | None = None
    groups: int = 1

    def build(self, in_channels: int) -> nn.Sequential:
        """Return the blocks; the first takes `in_channels` and has the stride."""
        rest = (self._block(self.out_channels, 1) for _ in range(self.blocks - 1))
        return nn.Sequential(self._block(in_channels, self.stride), *rest)

    def _block(self, in_channels: int, stride: int) -> nn.Module:
        if self.inner is None:
            return BasicBlock(in_channels, self.out_channels, stride)
        return Bottleneck(in_channels, self.inner, self.out_channels, stride, self.groups)


def residual_network(
    in_channels: int, stem: int, stages: Iterable[Stage], num_classes: int, *, small: bool
) -> nn.Sequential:
    """Return stem, stages and classifier with torchvision's names and He initialisation; `small` is the CIFAR stem."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if small:
        layers["conv1"] = nn.Conv2d(in_channels, stem, 3, padding=1, bias=False)
    else:
        layers["conv1"] = nn.Conv2d(in_channels, stem, 7, stride=2, padding=3, bias=False)
    layers["bn1"] = nn.BatchNorm2d(stem)
    layers["relu"] = nn.ReLU(inplace=True)
    if not small:
        layers["maxpool"] = nn.MaxPool2d(3, stride=2, padding=1)
    channels = stem
    for index, stage in enumerate(stages, start=1):
        layers[f"layer{index}"] = stage.build(channels)
        channels = stage.out_channels
    layers["avgpool"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["fc"] = nn.Linear(channels, num_classes)
    network = nn.Sequential(layers)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network


class BasicBlock(nn.Module):
    """Two 3×3 convolutions beside a shortcut."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Return relu(F(x) + shortcut(x))."""
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        total: Tensor = self.relu(out + self.downsample(x))
        return total


class Bottleneck(nn.Module):
    """A 3×3 convolution between two of 1×1, beside a shortcut; with groups it is the block of ResNeXt (figure 3c)."""

    def __init__(self, in_channels: int, inner: int, out_channels: int, stride: int, groups: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, padding=1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Return relu(F(x) + shortcut(x))."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        total: Tensor = self.relu(out + self.downsample(x))
        return total


def _shortcut(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))
