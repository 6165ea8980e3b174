"""A convolution whose channels are split into G groups that do not see each other. AlexNet, Krizhevsky et al. 2012."""

from math import gcd
from typing import Literal, cast

import torch
from pydantic import Field
from torch import nn

from paretoscope.options import Source
from paretoscope.steps.base import Site, Step, Unfit, is_plain_conv
from paretoscope.steps.convolutions import conv_like, copy_bias, initialise


class Grouped(Step):
    """Each group of outputs sees S/G inputs: parameters and MACs divided by G."""

    title = "Grouped"
    summary = "The channels are split into groups that do not see each other, as AlexNet did for its two GPUs."
    formula = "MACs = H'·W'·S·T·k² / G"
    source = Source(
        "ImageNet Classification with Deep Convolutional Neural Networks",
        2012,
        "https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
    )
    acts_on = "structure"

    kind: Literal["grouped"] = "grouped"
    groups: int = Field(default=2, ge=2, le=65_536, title="Groups", description="Must divide the layer's channels.")

    @property
    def brief(self) -> str:
        """How many groups."""
        return f"{self.groups} groups"

    def accepts(self, layer: nn.Module) -> bool:
        """Ungrouped convolutions."""
        return is_plain_conv(layer)

    def unfit(self, site: Site) -> Unfit | None:
        """Refuse groups that do not divide the channels on both sides."""
        conv = cast("nn.Conv2d", site.layer)
        common = gcd(conv.in_channels, conv.out_channels)
        if common % self.groups == 0:
            return None
        legal = [g for g in range(2, common + 1) if common % g == 0]
        instead = f"its groups can be {', '.join(map(str, legal))}" if legal else "it cannot be grouped, so exclude it"
        return Unfit(
            ("groups",),
            f"{self.groups} groups do not divide its {conv.in_channels} → {conv.out_channels} channels: {instead}",
            {"enum": legal},
        )

    def replace(self, site: Site, *, warm: bool) -> nn.Module:
        """Return the grouped convolution; from trained weights it keeps the diagonal blocks."""
        conv = cast("nn.Conv2d", site.layer)
        bias = conv.bias is not None
        grouped = conv_like(conv, conv.in_channels, conv.out_channels, groups=self.groups, bias=bias)
        if warm:
            blocks = zip(conv.weight.detach().chunk(self.groups, dim=0), range(self.groups), strict=True)
            kept = [rows.chunk(self.groups, dim=1)[group] for rows, group in blocks]
            with torch.no_grad():
                grouped.weight.copy_(torch.cat(kept))
            copy_bias(conv, grouped)
        else:
            initialise(grouped)
        return grouped
