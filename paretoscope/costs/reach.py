"""Receptive fields: how many pixels of the picture, a side, one output value looks at. Araujo et al. 2019, Distill."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from paretoscope.costs.operations import FACTORS, FUSED_ATTENTION, SCAN

aten = torch.ops.aten


class Reach(NamedTuple):
    """Of one value: the pixels a side it looks at, None for the whole picture, and the pixels to its neighbour."""

    size: int | None = 1
    step: float = 1.0

    def through(self, kernel: int, stride: float) -> "Reach":
        """Return the reach after a window of `kernel` values a side that moves by `stride`."""
        size = None if self.size is None else self.size + round((kernel - 1) * self.step)
        return Reach(size, self.step * stride)


WHOLE = Reach(None)


def wider(reaches: Sequence[Reach]) -> Reach:
    """Return the widest of the reaches of an operation's inputs."""
    if not reaches or any(reach.size is None for reach in reaches):
        return WHOLE if reaches else Reach()
    return max(reaches, key=lambda reach: reach.size or 0)


def after(operator: Any, args: Sequence[Any], output: Tensor, inputs: Sequence[Reach]) -> Reach:
    """Return the reach of an operation's output. A product over tokens mixes channels, one over a row all it holds."""
    reach = wider(inputs)
    if operator is aten.convolution:
        window = max((k - 1) * d + 1 for k, d in zip(args[1].shape[2:], args[5], strict=True))
        stride = max(args[3])
        if args[6]:
            return reach.through(1 + (window - 1) // stride, 1 / stride)
        return reach.through(window, stride)
    if operator in (aten.max_pool2d_with_indices, aten.avg_pool2d):
        kernel = max(args[1])
        stride = max(args[2]) if len(args) > 2 and args[2] else kernel
        dilation = max(args[4]) if operator is aten.max_pool2d_with_indices and len(args) > 4 else 1
        return reach.through((kernel - 1) * dilation + 1, stride)
    if operator is aten._adaptive_avg_pool2d:
        side, out = args[0].shape[-1], max(1, output.shape[-1])
        return WHOLE if out == 1 else reach.through(-(-side // out), side / out)
    if operator is aten.mean and args[0].dim() == 4 and output.numel() <= args[0].shape[1]:
        return WHOLE
    if operator is SCAN or operator in FUSED_ATTENTION or (operator in FACTORS and len(inputs) > 1):
        return WHOLE
    if operator in FACTORS and args[FACTORS[operator][0]].shape[-2] == 1:
        return WHOLE
    return reach
