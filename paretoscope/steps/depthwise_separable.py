"""A k×k convolution as a depthwise and a pointwise one. Sifre 2014; MobileNet, Howard et al. 2017."""

from typing import Literal, cast

import torch
from pydantic import Field
from torch import nn

from paretoscope.options import Source
from paretoscope.steps.base import Site, Step, Unfit, is_plain_conv
from paretoscope.steps.convolutions import conv_like, copy_bias, initialise, truncated_svd


class DepthwiseSeparable(Step):
    """K filters for each input channel, then a 1×1 convolution. K(k²·S + S·T) parameters instead of S·T·k².

    No batch norm or activation stands between the two: the pair is the sum of K separable kernels that network
    decoupling (Guo et al. 2018) fits to trained weights, and Xception found it no worse to train.
    """

    title = "Depthwise separable"
    summary = "One small filter for each input channel, then a 1×1 convolution that mixes the channels."
    formula = "MACs = H'·W'·K·(k²·S + S·T), a share of K·(1/T + 1/k²)"
    source = Source("MobileNets", 2017, "https://arxiv.org/abs/1704.04861")
    acts_on = "structure"

    kind: Literal["depthwise_separable"] = "depthwise_separable"
    terms: int = Field(
        default=1,
        ge=1,
        le=1_000_000,
        title="Terms",
        description="Filters for each input channel; exact at min(T, k²).",
    )

    @property
    def brief(self) -> str:
        """How many filters each input channel has."""
        return "1 term" if self.terms == 1 else f"{self.terms} terms"

    def accepts(self, layer: nn.Module) -> bool:
        """Ungrouped convolutions larger than 1×1."""
        return is_plain_conv(layer) and max(cast("nn.Conv2d", layer).kernel_size) > 1

    def unfit(self, site: Site) -> Unfit | None:
        """Refuse more terms than the T×k² matrix of an input channel has rank."""
        conv = cast("nn.Conv2d", site.layer)
        height, width = conv.kernel_size
        largest = min(conv.out_channels, height * width)
        if self.terms <= largest:
            return None
        most = f"at most min({conv.out_channels}, {height}·{width}) = {largest}"
        message = f"{self.terms} terms are more than it can use: {most}"
        return Unfit(("terms",), message, {"minimum": 1, "maximum": largest})

    def replace(self, site: Site, *, warm: bool) -> nn.Module:
        """Return `depthwise` then `pointwise`; the SVD of each input channel's T×k² matrix starts them."""
        conv = cast("nn.Conv2d", site.layer)
        inner = conv.in_channels * self.terms
        depthwise = conv_like(conv, conv.in_channels, inner, groups=conv.in_channels)
        pointwise = conv_like(conv, inner, conv.out_channels, axes="", padding=0, bias=conv.bias is not None)
        if warm:
            per_input = conv.weight.detach().flatten(2).transpose(0, 1)  # S, T, k²
            mixing, filters = truncated_svd(per_input, self.terms)
            with torch.no_grad():
                depthwise.weight.copy_(filters.reshape(depthwise.weight.shape))
                pointwise.weight.copy_(mixing.permute(1, 0, 2).reshape(pointwise.weight.shape))
            copy_bias(conv, pointwise)
        else:
            initialise(depthwise, pointwise)
        return DepthwiseSeparableConv(depthwise, pointwise)


class DepthwiseSeparableConv(nn.Sequential):
    """The two convolutions, by name."""

    def __init__(self, depthwise: nn.Conv2d, pointwise: nn.Conv2d) -> None:
        super().__init__()
        self.depthwise, self.pointwise = depthwise, pointwise
