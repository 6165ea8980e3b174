"""Wide ResNet: few layers, many channels, activation before convolution. Zagoruyko & Komodakis 2016, table 1."""

from collections import OrderedDict
from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from paretoscope.architectures.base import Architecture, Block
from paretoscope.options import Source

DEPTH, WIDEN = 28, 10


class WideResNet28x10(Architecture):
    """Three stages of four blocks with 160, 320 and 640 channels, for CIFAR."""

    title = "Wide ResNet-28-10"
    family = "ResNet"
    summary = "A ResNet ten times as wide and a fraction as deep: faster to train than a thin one of its accuracy."
    source = Source("Wide Residual Networks", 2016, "https://arxiv.org/abs/1605.07146")
    block = Block("Pre-activation block", ("BN, ReLU, 3×3", "dropout", "BN, ReLU, 3×3"), "add")

    name: Literal["wide_resnet28_10"] = "wide_resnet28_10"
    dropout: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        title="Dropout",
        description="Between the two convolutions of each block; the paper tries 0.3.",
    )

    @property
    def smallest(self) -> int:
        """One pixel: every stride is padded."""
        return 1

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network with He initialisation."""
        stem, *stages = (self.channels(base) for base in (16, 16 * WIDEN, 32 * WIDEN, 64 * WIDEN))
        layers: OrderedDict[str, nn.Module] = OrderedDict(conv1=nn.Conv2d(in_channels, stem, 3, padding=1, bias=False))
        channels = stem
        for index, out_channels in enumerate(stages, start=1):
            layers[f"layer{index}"] = self._stage(channels, out_channels, 1 if index == 1 else 2)
            channels = out_channels
        layers["bn"] = nn.BatchNorm2d(channels)
        layers["relu"] = nn.ReLU(inplace=True)
        layers["avgpool"] = nn.AdaptiveAvgPool2d(1)
        layers["flatten"] = nn.Flatten()
        layers["fc"] = nn.Linear(channels, num_classes)
        network = nn.Sequential(layers)
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        return network

    def _stage(self, in_channels: int, out_channels: int, stride: int) -> nn.Sequential:
        first = PreActivationBlock(in_channels, out_channels, stride, self.dropout)
        blocks = (DEPTH - 4) // 6
        rest = (PreActivationBlock(out_channels, out_channels, 1, self.dropout) for _ in range(blocks - 1))
        return nn.Sequential(first, *rest)


class PreActivationBlock(nn.Module):
    """Two 3×3 convolutions, each after its own normalisation and ReLU, beside a shortcut."""

    def __init__(self, in_channels: int, out_channels: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.dropout = nn.Dropout(dropout) if dropout else nn.Identity()
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.shortcut = (
            nn.Identity()
            if stride == 1 and in_channels == out_channels
            else nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
        )
        self.changes_shape = not isinstance(self.shortcut, nn.Identity)

    def forward(self, x: Tensor) -> Tensor:
        """Return F(x) + shortcut(x); where the shape changes, the shortcut too starts from the activated input."""
        active = self.relu(self.bn1(x))
        out = self.dropout(self.relu(self.bn2(self.conv1(active))))
        total: Tensor = self.conv2(out) + self.shortcut(active if self.changes_shape else x)
        return total
