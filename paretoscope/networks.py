"""From a variant to a network."""

import torch
from torch import nn

from paretoscope.datasets.spec import DatasetSpec
from paretoscope.steps.application import apply
from paretoscope.variants import Variant


def baseline(variant: Variant, spec: DatasetSpec, device: str | torch.device = "cpu") -> nn.Module:
    """Return the uncompressed network of the variant, freshly initialised from torch's current random state."""
    architecture = variant.architecture.resolved(spec.resolution, spec.num_classes)
    with torch.device(device):
        return architecture.build(spec.channels, architecture.num_classes or spec.num_classes)


def skeleton(variant: Variant, spec: DatasetSpec) -> nn.Module:
    """Return the compressed network on the meta device: shapes and names, no numbers. Raises StepError."""
    return apply(baseline(variant, spec, "meta"), variant.steps, warm=False, in_shape=in_shape(variant, spec))


def in_shape(variant: Variant, spec: DatasetSpec) -> tuple[int, int, int]:
    """Return the shape of one input of the variant's network: channels, height, width."""
    side = variant.architecture.resolution or spec.resolution
    return (spec.channels, side, side)
