"""How much of a layer's weight is not zero: for hardware that skips zeros, and for layers made smaller."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Kept(NamedTuple):
    """Weights of a layer: all of them, those in filters and input channels that are not wholly zero, those not zero."""

    numbers: int
    structured: int
    nonzero: int


def kept(module: nn.Module) -> Kept | None:
    """Return what is kept of a module's weight (out, in/groups, …), None where it has none with at least two axes.

    On the meta device there are no numbers, so that nothing is known to be zero.
    """
    weight = getattr(module, "weight", None)
    if not isinstance(weight, Tensor) or weight.dim() < 2:
        return None
    numbers = weight.numel()
    if weight.is_meta:
        return Kept(numbers, numbers, numbers)
    alive = weight.detach() != 0
    groups = getattr(module, "groups", 1)
    filters = alive.flatten(2).any(2) if alive.dim() > 2 else alive  # out, in/groups
    by_group = filters.reshape(groups, -1, filters.shape[1])
    rows, columns = by_group.any(2).sum(1), by_group.any(1).sum(1)
    taps = numbers // filters.numel() if filters.numel() else 0
    return Kept(numbers, int((rows * columns).sum()) * taps, int(torch.count_nonzero(alive)))
