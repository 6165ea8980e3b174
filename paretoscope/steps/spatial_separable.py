"""A k×k convolution as a vertical k×1 and a horizontal 1×k one at rank R. Jaderberg et al. 2014, scheme 2."""

from typing import Literal, cast

import torch
from pydantic import Field
from torch import nn

from paretoscope.options import Source
from paretoscope.steps.base import Site, Step, Unfit, is_plain_conv
from paretoscope.steps.convolutions import columns_per_output, conv_like, copy_bias, initialise, truncated_svd
from paretoscope.steps.ranks import FixedRank, RankRule, RatioRank


class SpatialSeparable(Step):
    """S→R by k×1, then R→T by 1×k. R·k·(S+T) parameters instead of S·T·k²."""

    title = "Spatially separable"
    summary = "A tall k×1 convolution into R channels, then a flat 1×k one; started from trained weights by SVD."
    formula = "MACs = H'·W'·R·k·(S·stride + T) instead of H'·W'·S·T·k²"
    source = Source(
        "Speeding up Convolutional Neural Networks with Low Rank Expansions",
        2014,
        "https://arxiv.org/abs/1405.3866",
    )
    acts_on = "structure"

    kind: Literal["spatial_separable"] = "spatial_separable"
    rank: RankRule = Field(
        default=RatioRank(value=0.5), title="Rank", description="Channels between the two convolutions."
    )

    @property
    def brief(self) -> str:
        """The rank, or the rule for it."""
        return self.rank.brief

    def accepts(self, layer: nn.Module) -> bool:
        """Ungrouped convolutions that are taller and wider than one pixel."""
        return is_plain_conv(layer) and min(cast("nn.Conv2d", layer).kernel_size) > 1

    def settled(self, site: Site) -> "SpatialSeparable":
        """Return the step with the rank its rule gives this layer."""
        return self.model_copy(update={"rank": FixedRank(value=self._rank(site))})

    def unfit(self, site: Site) -> Unfit | None:
        """Refuse a rank beyond that of the (S·k)×(T·k) matrix."""
        conv = cast("nn.Conv2d", site.layer)
        rank, largest = self._rank(site), _largest(conv)
        if rank <= largest:
            return None
        height, width = conv.kernel_size
        return Unfit(
            ("rank", "value"),
            f"rank {rank} is more than the layer has: at most min({conv.in_channels}·{height}, "
            f"{conv.out_channels}·{width}) = {largest}",
            {"minimum": 1, "maximum": largest},
        )

    def replace(self, site: Site, *, warm: bool) -> nn.Module:
        """Return `vertical` then `horizontal`; the SVD of the kernel read as a (S·kh)×(kw·T) matrix starts them."""
        conv = cast("nn.Conv2d", site.layer)
        rank = self._rank(site)
        vertical = conv_like(conv, conv.in_channels, rank, axes="h")
        horizontal = conv_like(conv, rank, conv.out_channels, axes="w", bias=conv.bias is not None)
        if warm:
            height, width = conv.kernel_size
            matrix = conv.weight.detach().permute(1, 2, 3, 0).reshape(conv.in_channels * height, -1)
            tall, flat = truncated_svd(matrix, rank)
            with torch.no_grad():
                vertical.weight.copy_(tall.T.reshape(rank, conv.in_channels, height, 1))
                horizontal.weight.copy_(flat.reshape(rank, width, -1).permute(2, 0, 1).unsqueeze(2))
            copy_bias(conv, horizontal)
        else:
            initialise(vertical, horizontal)
        return SpatialSeparableConv(vertical, horizontal)

    def _rank(self, site: Site) -> int:
        conv = cast("nn.Conv2d", site.layer)
        height, width = conv.kernel_size
        # The vertical convolution walks over all columns of its input, the horizontal one over those of the output.
        columns = columns_per_output(conv, site.in_size)
        per_rank = conv.in_channels * height * columns + conv.out_channels * width
        return self.rank.rank(per_rank, conv.in_channels * conv.out_channels * height * width, _largest(conv))


class SpatialSeparableConv(nn.Sequential):
    """The two convolutions, by name."""

    def __init__(self, vertical: nn.Conv2d, horizontal: nn.Conv2d) -> None:
        super().__init__()
        self.vertical, self.horizontal = vertical, horizontal


def _largest(conv: nn.Conv2d) -> int:
    height, width = conv.kernel_size
    return min(conv.in_channels * height, conv.out_channels * width)
