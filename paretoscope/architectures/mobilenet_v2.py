"""MobileNetV2: inverted residuals with linear bottlenecks. Sandler et al. 2018, table 2."""

from collections import OrderedDict
from typing import Literal

from torch import Tensor, nn

from paretoscope.architectures.base import Block, TwoForms
from paretoscope.options import Source

STEM, LAST = 32, 1280
# expansion, channels, blocks, stride
ROWS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
CIFAR_ROWS = (ROWS[0], (6, 24, 2, 1), *ROWS[2:])


class MobileNetV2(TwoForms):
    """ImageNet form: torchvision's network and names. CIFAR form: that of kuangliu/pytorch-cifar.

    The CIFAR form has stride 1 in the first convolution and the second row, ReLU instead of ReLU6, a widening layer
    even where it widens by 1, and 1×1 convolutions as shortcuts where the stride is 1 and the channels change.
    """

    title = "MobileNetV2"
    family = "MobileNet"
    summary = "Blocks that widen, filter each channel and narrow again, with the shortcut between the narrow ends."
    source = Source("MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, "https://arxiv.org/abs/1801.04381")
    block = Block("Inverted residual", ("1×1 widen", "3×3 depthwise", "1×1 narrow, linear"), "add")

    name: Literal["mobilenet_v2"] = "mobilenet_v2"

    @property
    def smallest(self) -> int:
        """One pixel: every stride is padded."""
        return 1

    def channels(self, base: int) -> int:
        """The multiple of 8 nearest to `base` times the width, and never more than a tenth below it; at least 8."""
        wanted = base * self.width
        rounded = max(8, int(wanted + 4) // 8 * 8)
        return rounded if rounded >= 0.9 * wanted else rounded + 8

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network, initialised as in torchvision: He for convolutions, deviation 0.01 for the classifier."""
        small = self.is_small
        activation = nn.ReLU if small else nn.ReLU6
        channels = self.channels(STEM)
        features: list[nn.Module] = [_conv(in_channels, channels, 3, 1 if small else 2, activation=activation)]
        make = _cifar_block if small else _block
        for expansion, base, blocks, stride in CIFAR_ROWS if small else ROWS:
            for index in range(blocks):
                features.append(make(channels, self.channels(base), expansion, stride if index == 0 else 1))
                channels = self.channels(base)
        last = max(LAST, self.channels(LAST))
        features.append(_conv(channels, last, activation=activation))
        classifier = nn.Linear(last, num_classes)
        network = nn.Sequential(
            OrderedDict(
                features=nn.Sequential(*features),
                avgpool=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
                classifier=classifier if small else nn.Sequential(nn.Dropout(0.2), classifier),
            )
        )
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
        nn.init.normal_(classifier.weight, std=0.01)
        nn.init.zeros_(classifier.bias)
        return network


class InvertedResidual(nn.Module):
    """Convolutions, to whose output a shortcut of the input is added where there is one."""

    def __init__(self, conv: nn.Sequential, shortcut: nn.Module | None) -> None:
        super().__init__()
        self.conv, self.shortcut = conv, shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Return conv(x) + shortcut(x)."""
        out: Tensor = self.conv(x)
        return out if self.shortcut is None else out + self.shortcut(x)


def _block(in_channels: int, out_channels: int, expansion: int, stride: int) -> InvertedResidual:
    inner = in_channels * expansion
    widen = [] if expansion == 1 else [_conv(in_channels, inner, activation=nn.ReLU6)]
    conv = nn.Sequential(*widen, _conv(inner, inner, 3, stride, inner, nn.ReLU6), *_conv(inner, out_channels))
    return InvertedResidual(conv, nn.Identity() if stride == 1 and in_channels == out_channels else None)


def _cifar_block(in_channels: int, out_channels: int, expansion: int, stride: int) -> InvertedResidual:
    inner = in_channels * expansion
    conv = nn.Sequential(
        _conv(in_channels, inner, activation=nn.ReLU),
        _conv(inner, inner, 3, stride, inner, nn.ReLU),
        *_conv(inner, out_channels),
    )
    if stride != 1:
        return InvertedResidual(conv, None)
    return InvertedResidual(conv, nn.Identity() if in_channels == out_channels else _conv(in_channels, out_channels))


def _conv(
    in_channels: int,
    out_channels: int,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
    activation: type[nn.ReLU | nn.ReLU6] | None = None,
) -> nn.Sequential:
    conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, groups=groups, bias=False)
    layers = nn.Sequential(conv, nn.BatchNorm2d(out_channels))
    return layers if activation is None else layers.append(activation(inplace=True))
