"""k-means weight sharing: a layer's weights become indices into a small codebook. Deep Compression, Han et al. 2015."""

from math import ceil, log2
from typing import Literal, cast

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils import parametrize

from paretoscope.clustering.scalar import Initialisation, kmeans_1d
from paretoscope.options import Source
from paretoscope.steps.base import Site, Step, Unfit, has_rewritten_weights, is_layer


class ShareWeights(Step):
    """n weights of b bits become n indices of log₂k bits and k centroids of b bits."""

    title = "Weight sharing"
    summary = "Each layer's weights are clustered; only the cluster numbers and a small codebook are stored."
    formula = "bits = n·⌈log₂k⌉ + k·b, a compression rate of r = n·b / (n·⌈log₂k⌉ + k·b)"
    source = Source("Deep Compression", 2015, "https://arxiv.org/abs/1510.00149")
    acts_on = "weights"

    kind: Literal["share_weights"] = "share_weights"
    clusters: int = Field(default=16, ge=2, le=65_536, title="Clusters", description="Shared values of each layer, k.")
    initialisation: Initialisation = Field(
        default="linear",
        title="Initialisation",
        description="First centroids: evenly spaced over the range (linear, best in the paper), over the "
        "distribution (density), or k random weights (random).",
    )

    @property
    def brief(self) -> str:
        """How many clusters."""
        return f"{self.clusters} clusters"

    def accepts(self, layer: nn.Module) -> bool:
        """Convolutions and linear layers."""
        return is_layer(layer)

    def unfit(self, site: Site) -> Unfit | None:
        """Refuse more clusters than weights, and a second codebook."""
        if has_rewritten_weights(site.layer):
            return Unfit(("kind",), "its weights are shared by an earlier step already", {})
        weights = cast("nn.Conv2d | nn.Linear", site.layer).weight.numel()
        if self.clusters <= weights:
            return None
        message = f"{self.clusters} clusters are more than its {weights} weights: at most {weights}"
        return Unfit(("clusters",), message, {"minimum": 2, "maximum": weights})

    def replace(self, site: Site, *, warm: bool) -> nn.Module:  # noqa: ARG002 (whatever the weights are, they are clustered)
        """Return the layer itself, its weight read from a codebook from now on."""
        codebook = Codebook(cast("nn.Conv2d | nn.Linear", site.layer).weight, self.clusters, self.initialisation)
        parametrize.register_parametrization(site.layer, "weight", codebook)
        return site.layer


class Codebook(nn.Module):
    """Parametrization of a weight as `codebook[indices]`; the codebook, shape (k,), is what trains.

    Autograd adds up the gradients of the weights that share a centroid, which is the paper's equation 3, so the
    weights stay shared through fine-tuning. Such a sum grows with the layer, so that no one learning rate fits all
    layers: the product's own training scales the rate of a codebook by k/n.
    """

    indices: Tensor

    def __init__(self, weight: Tensor, clusters: int, initialisation: Initialisation) -> None:
        super().__init__()
        self.clusters, self.initialisation, self.shape = clusters, initialisation, weight.shape
        self.register_buffer("indices", torch.zeros(weight.numel(), dtype=torch.int32, device=weight.device))

    def forward(self, codebook: Tensor) -> Tensor:
        """Return the weight: (k,) → the layer's weight shape."""
        return codebook.index_select(0, self.indices).view(self.shape)

    def right_inverse(self, weight: Tensor) -> Tensor:
        """Cluster the weight, remember each weight's cluster, return the centroids, shape (k,)."""
        if weight.is_meta:
            return weight.new_empty(self.clusters)
        values = weight.detach().double().cpu().numpy().ravel()
        found = kmeans_1d(values, self.clusters, self.initialisation)
        self.indices.copy_(torch.from_numpy(found.labels.astype(np.int32)))
        return torch.from_numpy(found.centroids).to(weight)

    def stored_bits(self) -> int:
        """n·⌈log₂k⌉ bits of indices and k 32-bit centroids."""
        return self.shape.numel() * ceil(log2(self.clusters)) + 32 * self.clusters
