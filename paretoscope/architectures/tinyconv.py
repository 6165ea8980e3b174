"""TinyConv: four 3×3 convolutions for pictures of 8×8 to 32×32, small enough to train in seconds."""

from typing import Literal

from torch import Tensor, nn

from paretoscope.architectures.base import Architecture, Block
from paretoscope.options import Source


class TinyConv(Architecture):
    """Two convolutions, a max-pool, two convolutions, global average, one linear layer."""

    title = "TinyConv"
    family = "Small"
    summary = "Four 3×3 convolutions; trains in seconds on small pictures, so that ideas can be tried first."
    source = Source("Very Deep Convolutional Networks (the plain 3×3 stack)", 2014, "https://arxiv.org/abs/1409.1556")
    block = Block("Plain stack", ("3×3", "batch norm", "ReLU"))

    name: Literal["tinyconv"] = "tinyconv"

    @property
    def smallest(self) -> int:
        """One max-pool of 2×2, with room for a 3×3 convolution before and after it."""
        return 4

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network with 24, 24, 48 and 48 channels times the width."""
        return TinyConvNetwork(in_channels, self.channels(24), self.channels(48), num_classes)


class TinyConvNetwork(nn.Module):
    """The module of `TinyConv`: (N, in_channels, H, W) → (N, num_classes)."""

    def __init__(self, in_channels: int, narrow: int, wide: int, num_classes: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = _conv(in_channels, narrow), nn.BatchNorm2d(narrow)
        self.conv2, self.bn2 = _conv(narrow, narrow), nn.BatchNorm2d(narrow)
        self.conv3, self.bn3 = _conv(narrow, wide), nn.BatchNorm2d(wide)
        self.conv4, self.bn4 = _conv(wide, wide), nn.BatchNorm2d(wide)
        self.relu, self.pool = nn.ReLU(inplace=True), nn.MaxPool2d(2)
        self.average, self.flatten = nn.AdaptiveAvgPool2d(1), nn.Flatten()
        self.fc = nn.Linear(wide, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.pool(self.relu(self.bn2(self.conv2(x))))
        x = self.relu(self.bn3(self.conv3(x)))
        x = self.relu(self.bn4(self.conv4(x)))
        logits: Tensor = self.fc(self.flatten(self.average(x)))
        return logits


def _conv(in_channels: int, out_channels: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
