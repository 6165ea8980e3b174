"""MobileViT: convolutions that look near, transformers that look far. Mehta & Rastegari 2021, tables 4 and 5."""

from collections import OrderedDict
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F  # noqa: N812 (the field's own abbreviation)
from torch import Tensor, fx, nn

from paretoscope.architectures.base import Architecture, Block
from paretoscope.options import Source

HEADS, PATCH = 4, 2
STEM = 16
DEPTHS = (2, 4, 3)
"""Transformers in each of the three MobileViT blocks."""
LAST = 4
"""How many times wider than the last block the final 1×1 convolution is."""


class MobileViT(Architecture):
    """The family: a convolution, four stages of inverted residuals, the last three with a MobileViT block each."""

    family = "MobileViT"
    source = Source(
        "MobileViT: Light-weight, General-purpose, and Mobile-friendly Vision Transformer",
        2021,
        "https://arxiv.org/abs/2110.02178",
    )
    block = Block("MobileViT block", ("3×3", "1×1", "transformers", "1×1", "with its input: 3×3"), "concatenate")
    expansion: ClassVar[int]
    """How many times the inverted residuals widen."""
    early: ClassVar[tuple[int, int]]
    """Channels of the two stages without a transformer."""
    stages: ClassVar[tuple[tuple[int, int], ...]]
    """Channels, and numbers a token has in the transformers, of the three stages with one."""

    @property
    def smallest(self) -> int:
        """One pixel: strides are padded, and patches are filled by interpolation."""
        return 1

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network: He initialisation for convolutions, deviation 0.02 for linear layers."""
        channels = self.channels(STEM)
        layers: OrderedDict[str, nn.Module] = OrderedDict(conv1=conv_norm(in_channels, channels, 3, 2))

        def residual(out: int, stride: int) -> nn.Module:
            nonlocal channels
            block = InvertedResidual(channels, channels * self.expansion, out, stride)
            channels = out
            return block

        first, second = (self.channels(base) for base in self.early)
        layers["layer1"] = nn.Sequential(residual(first, 1))
        layers["layer2"] = nn.Sequential(residual(second, 2), residual(second, 1), residual(second, 1))
        for index, ((base, tokens), depth) in enumerate(zip(self.stages, DEPTHS, strict=True), start=3):
            out, dim = self.channels(base), HEADS * max(1, round(tokens * self.width / HEADS))
            layers[f"layer{index}"] = nn.Sequential(residual(out, 2), MobileViTBlock(out, dim, depth))
        layers["conv2"] = conv_norm(channels, LAST * channels)
        layers["avgpool"], layers["flatten"] = nn.AdaptiveAvgPool2d(1), nn.Flatten()
        layers["dropout"] = nn.Dropout(0.1)
        layers["fc"] = nn.Linear(LAST * channels, num_classes)
        network = nn.Sequential(layers)
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
        return network


class MobileViTXXS(MobileViT):
    """1.3 million parameters."""

    title = "MobileViT-XXS"
    summary = "The smallest of the MobileViTs: transformers between convolutions, in 1.3 million parameters."
    expansion = 2
    early, stages = (16, 24), ((48, 64), (64, 80), (80, 96))

    name: Literal["mobilevit_xxs"] = "mobilevit_xxs"


class MobileViTXS(MobileViT):
    """2.3 million parameters."""

    title = "MobileViT-XS"
    summary = "The middle MobileViT: transformers between convolutions, in 2.3 million parameters."
    expansion = 4
    early, stages = (32, 48), ((64, 96), (80, 120), (96, 144))

    name: Literal["mobilevit_xs"] = "mobilevit_xs"


class MobileViTS(MobileViT):
    """5.6 million parameters."""

    title = "MobileViT-S"
    summary = "Convolutions for what is near, transformers for what is far: better than MobileNets of its size."
    expansion = 4
    early, stages = (32, 64), ((96, 144), (128, 192), (160, 240))

    name: Literal["mobilevit_s"] = "mobilevit_s"


class InvertedResidual(nn.Module):
    """MobileNetV2's block with SiLU; the input is added where its shape is that of the output."""

    def __init__(self, in_channels: int, inner: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.widen = conv_norm(in_channels, inner)
        self.depthwise = conv_norm(inner, inner, 3, stride, groups=inner)
        self.narrow = conv_norm(inner, out_channels, activation=False)
        self.adds = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H/stride, W/stride)."""
        out: Tensor = self.narrow(self.depthwise(self.widen(x)))
        return x + out if self.adds else out


class MobileViTBlock(nn.Module):
    """Pixels at the same place in each 2×2 patch attend to each other, all over the picture (figure 1b)."""

    def __init__(self, channels: int, dim: int, depth: int) -> None:
        super().__init__()
        self.near = conv_norm(channels, channels, 3)
        self.project_in = nn.Conv2d(channels, dim, 1, bias=False)
        self.transformers = nn.Sequential(*(Transformer(dim) for _ in range(depth)), nn.LayerNorm(dim))
        self.project_out = conv_norm(dim, channels)
        self.fuse = Fusion(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) → the same shape."""
        near = self.project_in(self.near(x))
        far = from_tokens(self.transformers(to_tokens(near)), near)
        out: Tensor = self.fuse(x, self.project_out(far))
        return out


class Fusion(nn.Module):
    """A 3×3 convolution of two maps, one behind the other along the channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = conv_norm(2 * channels, channels, 3)

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        """Two of (N, channels, H, W) → one."""
        out: Tensor = self.conv(torch.cat((before, after), 1))
        return out


class Transformer(nn.Module):
    """Self-attention, then two linear layers, each added to its normalised input: (N, tokens, dim) → the same."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(dim), Attention(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.feed_forward = nn.Sequential(nn.Linear(dim, 2 * dim), nn.SiLU(inplace=True), nn.Linear(2 * dim, dim))

    def forward(self, x: Tensor) -> Tensor:
        """Return the tokens, each having seen the others."""
        x = x + self.attention(self.norm1(x))
        out: Tensor = x + self.feed_forward(self.norm2(x))
        return out


class Attention(nn.Module):
    """Softmax attention with `HEADS` heads: (N, tokens, dim) → the same."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Return softmax(q·kᵀ/√(dim/heads))·v, the heads side by side, through a linear layer."""
        q, k, v = self.qkv(x).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        seen = F.scaled_dot_product_attention(q, k, v)
        out: Tensor = self.out(seen.transpose(1, 2).flatten(2))
        return out


def to_tokens(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N·4, H·W/4, C): one sequence for each place in a patch of 2×2.

    A map that patches do not cover is enlarged to the next multiple of two by interpolation, as in the authors' code.
    """
    images, channels, *size = x.shape
    height, width = (-(-side // PATCH) for side in size)
    if size != [height * PATCH, width * PATCH]:
        x = F.interpolate(x, (height * PATCH, width * PATCH), mode="bilinear", align_corners=False)
    x = x.reshape(images, channels, height, PATCH, width, PATCH).permute(0, 3, 5, 2, 4, 1)
    return x.reshape(images * PATCH**2, height * width, channels)


def from_tokens(tokens: Tensor, like: Tensor) -> Tensor:
    """Undo `to_tokens`: (N·4, tokens, C) → the shape of `like`, (N, C, H, W)."""
    images, channels, *size = like.shape
    height, width = (-(-side // PATCH) for side in size)
    x = tokens.reshape(images, PATCH, PATCH, height, width, channels).permute(0, 5, 3, 1, 4, 2)
    x = x.reshape(images, channels, height * PATCH, width * PATCH)
    if size != [height * PATCH, width * PATCH]:
        x = F.interpolate(x, size, mode="bilinear", align_corners=False)
    return x


# They ask for sizes, so that torch.fx must take each of them as one operation.
fx.wrap("to_tokens")
fx.wrap("from_tokens")


def conv_norm(
    in_channels: int, out_channels: int, kernel: int = 1, stride: int = 1, groups: int = 1, *, activation: bool = True
) -> nn.Sequential:
    """Return a convolution without bias, batch norm and, with `activation`, SiLU."""
    conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, groups=groups, bias=False)
    layers = nn.Sequential(conv, nn.BatchNorm2d(out_channels))
    return layers.append(nn.SiLU(inplace=True)) if activation else layers
