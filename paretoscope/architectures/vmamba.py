"""VMamba: state-space blocks that scan a picture along four routes. Liu et al. 2024; the authors' latest networks."""

from collections import OrderedDict
from collections.abc import Sequence
from math import ceil, log
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from paretoscope.architectures.base import Architecture, Block
from paretoscope.architectures.selective_scan import selective_scan
from paretoscope.options import Source

ROUTES, STATES = 4, 1
MLP = 4
SHORTEST_STEP, LONGEST_STEP = 0.001, 0.1
"""Range of Δ before training."""


class VMamba(Architecture):
    """The family: two convolutions of stride 2, four stages of state-space blocks, half the side from each to the next.

    The networks of the authors' code without stochastic depth; one state a channel, no gate.
    """

    family = "VMamba"
    source = Source("VMamba: Visual State Space Model", 2024, "https://arxiv.org/abs/2401.10166")
    block = Block("VSS block", ("linear", "3×3 depthwise", "selective scan in 4 directions", "linear", "MLP"), "add")
    base: ClassVar[int]
    """Channels of the first stage; each further stage has twice as many."""
    depths: ClassVar[tuple[int, int, int, int]]
    ratio: ClassVar[int]
    """Channels that are scanned, as a multiple of the stage's."""

    @property
    def smallest(self) -> int:
        """One pixel: every stride is padded."""
        return 1

    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the network, initialised as in the authors' code: deviation 0.02 for linear layers."""
        channels = self.channels(self.base)
        half = max(1, channels // 2)
        layers: OrderedDict[str, nn.Module] = OrderedDict(
            conv1=nn.Conv2d(in_channels, half, 3, stride=2, padding=1),
            norm1=ChannelNorm(half),
            gelu=nn.GELU(),
            conv2=nn.Conv2d(half, channels, 3, stride=2, padding=1),
            norm2=ChannelNorm(channels),
        )
        for stage, depth in enumerate(self.depths, start=1):
            layers[f"stage{stage}"] = nn.Sequential(*(VSSBlock(channels, self.ratio * channels) for _ in range(depth)))
            if stage < len(self.depths):
                layers[f"down{stage}"] = nn.Sequential(
                    nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1), ChannelNorm(2 * channels)
                )
                channels *= 2
        layers["norm"] = ChannelNorm(channels)
        layers["avgpool"], layers["flatten"] = nn.AdaptiveAvgPool2d(1), nn.Flatten()
        layers["head"] = nn.Linear(channels, num_classes)
        network = nn.Sequential(layers)
        for module in network.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        return network


class VMambaT(VMamba):
    """The authors' VMamba-T[s1l8]: as many channels scanned as the stage has."""

    title = "VMamba-T"
    summary = "Each pixel sees all others through four scans of the picture, at a cost that grows with its area only."
    base, depths, ratio = 96, (2, 2, 8, 2), 1

    name: Literal["vmamba_t"] = "vmamba_t"


class VMambaS(VMamba):
    """The authors' VMamba-S[s2l15]: a deeper third stage, twice the channels scanned."""

    title = "VMamba-S"
    summary = "VMamba with 15 blocks in its third stage and twice as many channels scanned."
    base, depths, ratio = 96, (2, 2, 15, 2), 2

    name: Literal["vmamba_s"] = "vmamba_s"


class VMambaB(VMamba):
    """The authors' VMamba-B[s2l15]: VMamba-S with a third more channels."""

    title = "VMamba-B"
    summary = "VMamba-S with a third more channels."
    base, depths, ratio = 128, (2, 2, 15, 2), 2

    name: Literal["vmamba_b"] = "vmamba_b"


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of each pixel: (N, C, H, W) → the same."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (torch's own name)
        """Return the normalised picture, its channels side by side in memory."""
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class VSSBlock(nn.Module):
    """A scan of the picture, then two linear layers for each pixel, each added to its normalised input."""

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.norm1, self.scan = nn.LayerNorm(channels), Scan2d(channels, inner)
        self.norm2 = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(nn.Linear(channels, MLP * channels), nn.GELU(), nn.Linear(MLP * channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) → the same."""
        x = x.permute(0, 2, 3, 1)
        x = x + self.scan(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        return x.permute(0, 3, 1, 2)


class Scan2d(nn.Module):
    """The paper's SS2D: each pixel's channels go along four routes through the picture and are added up again.

    The numbers that steer the scan (step size Δ, what is written, what is read) come from the pixel itself. They are
    made before the picture is laid out along the routes, one 1×1 convolution for all four.
    """

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.rank = ceil(channels / 16)
        self.in_proj = nn.Linear(channels, inner, bias=False)
        self.conv = nn.Conv2d(inner, inner, 3, padding=1, groups=inner, bias=False)
        self.act = nn.SiLU()
        self.x_proj = nn.Conv2d(inner, ROUTES * (self.rank + 2 * STATES), 1, bias=False)
        self.dt_proj = nn.Conv2d(ROUTES * self.rank, ROUTES * inner, 1, groups=ROUTES, bias=False)
        nn.init.uniform_(self.dt_proj.weight, -(self.rank**-0.5), self.rank**-0.5)
        step = torch.empty(ROUTES * inner).uniform_(log(SHORTEST_STEP), log(LONGEST_STEP)).exp()
        self.dt_bias = nn.Parameter(step + torch.log(-torch.expm1(-step)))  # softplus of it is the step
        self.A_log = nn.Parameter(torch.arange(1.0, STATES + 1).log().repeat(ROUTES * inner, 1))
        self.D = nn.Parameter(torch.ones(ROUTES * inner))
        self.out_norm = nn.LayerNorm(inner)
        self.out_proj = nn.Linear(inner, channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, H, W, channels) → the same."""
        x = self.act(self.conv(self.in_proj(x).permute(0, 3, 1, 2)))
        steering = torch.unflatten(self.x_proj(x).permute(0, 2, 3, 1), -1, (ROUTES, -1))
        x = x.permute(0, 2, 3, 1)
        u = along_routes([x] * ROUTES).flatten(2).transpose(1, 2)
        step, write, read = along_routes(steering.unbind(3)).split_with_sizes([self.rank, STATES, STATES], -1)
        delta = self.dt_proj(step.flatten(2).transpose(1, 2).unsqueeze(2)).squeeze(2)
        write, read = write.permute(0, 2, 3, 1), read.permute(0, 2, 3, 1)
        y = selective_scan(u, delta, -torch.exp(self.A_log), write, read, self.D, self.dt_bias)
        picture = from_routes(torch.unflatten(y.transpose(1, 2), -1, (ROUTES, -1)), x.shape[1], x.shape[2])
        out: Tensor = self.out_proj(self.out_norm(picture))
        return out


def along_routes(pictures: Sequence[Tensor]) -> Tensor:
    """Lay four pictures (N, H, W, C) out as sequences (N, H·W, 4, C), one each for its route.

    The routes: row by row, column by column, and both from the end.
    """
    rows, columns, rows_back, columns_back = pictures
    sequences = (
        rows.flatten(1, 2),
        columns.transpose(1, 2).flatten(1, 2),
        rows_back.flatten(1, 2).flip(1),
        columns_back.transpose(1, 2).flatten(1, 2).flip(1),
    )
    return torch.stack(sequences, 2)


def from_routes(sequences: Tensor, height: int, width: int) -> Tensor:
    """Add up four sequences (N, H·W, 4, C) as a picture (N, H, W, C), each taken back to where it came from."""
    rows, columns, rows_back, columns_back = sequences.unbind(2)
    by_rows = torch.unflatten(rows + rows_back.flip(1), 1, (height, width))
    by_columns = torch.unflatten(columns + columns_back.flip(1), 1, (width, height))
    return by_rows + by_columns.transpose(1, 2)
