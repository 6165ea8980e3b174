"""VGG-16: thirteen 3×3 convolutions in five stages. Simonyan & Zisserman 2014, table 1, column D."""

from collections import OrderedDict
from typing import Literal

from pydantic import Field
from torch import nn

from paretoscope.architectures.base import Block, TwoForms
from paretoscope.options import Source

# channels, convolutions; each stage ends in a 2×2 max-pool
STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
POOLED = 7


class VGG16(TwoForms):
    """ImageNet form: three linear layers, as in torchvision. CIFAR form: batch norm and one linear layer."""

    title = "VGG-16"
    family = "VGG"
    summary = "Nothing but 3×3 convolutions, stacked deep: simple, accurate and heavy."
    source = Source(
        "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014, "https://arxiv.org/abs/1409.1556"
    )
    block = Block("Stage", ("3×3", "3×3", "2×2 max-pooling"))

    name: Literal["vgg16"] = "vgg16"
    batch_norm: bool | None = Field(
        default=None,
        title="Batch norm",
        description="After every convolution. Empty: only in the CIFAR form, as is usual.",
    )

    @property
    def smallest(self) -> int:
        """Five max-pools of 2×2."""
        return 32

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network, initialised as in torchvision: He for convolutions, deviation 0.01 for linear layers."""
        features = self._features(in_channels)
        last = self.channels(STAGES[-1][0])
        pooled = 1 if self.is_small else POOLED
        network = nn.Sequential(
            OrderedDict(
                features=features,
                avgpool=nn.AdaptiveAvgPool2d(pooled),
                flatten=nn.Flatten(),
                classifier=nn.Linear(last, num_classes) if self.is_small else self._classifier(last, num_classes),
            )
        )
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
            if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
        return network

    def _features(self, in_channels: int) -> nn.Sequential:
        normalised = self.is_small if self.batch_norm is None else self.batch_norm
        layers: list[nn.Module] = []
        for base, convolutions in STAGES:
            out_channels = self.channels(base)
            for _ in range(convolutions):
                layers.append(nn.Conv2d(in_channels, out_channels, 3, padding=1))
                if normalised:
                    layers.append(nn.BatchNorm2d(out_channels))
                layers.append(nn.ReLU(inplace=True))
                in_channels = out_channels
            layers.append(nn.MaxPool2d(2))
        return nn.Sequential(*layers)

    def _classifier(self, last: int, num_classes: int) -> nn.Sequential:
        wide = self.channels(4096)
        return nn.Sequential(
            nn.Linear(last * POOLED**2, wide),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(wide, wide),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(wide, num_classes),
        )
