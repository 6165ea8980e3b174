"""SqueezeNet 1.0 and 1.1: Fire modules, with torchvision's layout and names. Iandola et al. 2016, table 1."""

from collections import OrderedDict
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from paretoscope.architectures.base import Architecture, Block
from paretoscope.options import Source

# output channels of fire2 … fire9: 128 more with every second module
FIRES = (128, 128, 256, 256, 384, 384, 512, 512)


class SqueezeNet(Architecture):
    """One convolution, eight Fire modules, a 1×1 convolution to the classes and a global average."""

    family = "SqueezeNet"
    source = Source(
        "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
        2016,
        "https://arxiv.org/abs/1602.07360",
    )
    block = Block("Fire module", ("1×1 squeeze", "1×1 and 3×3 expand"), "concatenate")
    stem: ClassVar[tuple[int, int]]
    """Channels and kernel size of the first convolution."""
    pooled_before: ClassVar[tuple[int, ...]]
    """Which Fire modules, of 2 … 9, follow a max-pool."""

    squeeze_ratio: float = Field(
        default=0.125,
        gt=0,
        le=1,
        title="Squeeze ratio",
        description="Channels that a Fire module squeezes its input to, as a part of its output channels.",
    )
    pct3x3: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        title="Part of 3×3",
        description="Part of a Fire module's output channels that comes from 3×3 kernels.",
    )

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network, initialised as in torchvision: He, and deviation 0.01 for the classifier."""
        base, kernel = self.stem
        channels = self.channels(base)
        features: list[nn.Module] = [nn.Conv2d(in_channels, channels, kernel, stride=2), nn.ReLU(inplace=True)]
        for number, fire in enumerate(FIRES, start=2):
            if number in self.pooled_before:
                features.append(nn.MaxPool2d(3, stride=2, ceil_mode=True))
            module = self._fire(channels, fire)
            channels = module.out_channels
            features.append(module)
        final = nn.Conv2d(channels, num_classes, 1)
        classifier = nn.Sequential(nn.Dropout(), final, nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1))
        network = nn.Sequential(
            OrderedDict(features=nn.Sequential(*features), classifier=classifier, flatten=nn.Flatten())
        )
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d) and layer.bias is not None:
                if layer is final:
                    nn.init.normal_(layer.weight, std=0.01)
                else:
                    nn.init.kaiming_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)
        return network

    def _fire(self, in_channels: int, base: int) -> "Fire":
        """A module whose output has `base` channels times the width; one at least in each of its three parts."""
        wide = max(2, self.channels(base))
        expand3x3 = min(wide - 1, max(1, round(wide * self.pct3x3)))
        squeeze = max(1, round(wide * self.squeeze_ratio))
        return Fire(in_channels, squeeze, wide - expand3x3, expand3x3)


class SqueezeNet10(SqueezeNet):
    """Version 1.0: 96 kernels of 7×7 first, max-pools late."""

    title = "SqueezeNet 1.0"
    summary = "AlexNet's accuracy with 50 times fewer parameters: few inputs for each 3×3 kernel, and few 3×3 kernels."
    stem = (96, 7)
    pooled_before = (2, 5, 9)

    name: Literal["squeezenet1_0"] = "squeezenet1_0"

    @property
    def smallest(self) -> int:
        """A 7×7 convolution of stride 2 and three 3×3 max-pools of stride 2, none of them padded."""
        return 21


class SqueezeNet11(SqueezeNet):
    """Version 1.1, of the authors' repository: 64 kernels of 3×3 first, max-pools early."""

    title = "SqueezeNet 1.1"
    summary = "SqueezeNet with a smaller first layer and earlier pooling: 2.4 times fewer MACs, the same accuracy."
    stem = (64, 3)
    pooled_before = (2, 4, 6)

    name: Literal["squeezenet1_1"] = "squeezenet1_1"

    @property
    def smallest(self) -> int:
        """A 3×3 convolution of stride 2 and three 3×3 max-pools of stride 2, none of them padded."""
        return 17


class Fire(nn.Module):
    """Squeeze with 1×1, then expand with 1×1 and 3×3 kernels side by side: (N, C, H, W) → (N, out_channels, H, W)."""

    def __init__(self, in_channels: int, squeeze: int, expand1x1: int, expand3x3: int) -> None:
        super().__init__()
        self.out_channels = expand1x1 + expand3x3
        self.squeeze = nn.Conv2d(in_channels, squeeze, 1)
        self.squeeze_activation = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeeze, expand1x1, 1)
        self.expand1x1_activation = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(squeeze, expand3x3, 3, padding=1)
        self.expand3x3_activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Return both expansions, one behind the other along the channels."""
        x = self.squeeze_activation(self.squeeze(x))
        expanded = self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))
        return torch.cat(expanded, 1)
