"""Building blocks that the factorizing steps share."""

from typing import Any

import torch
from torch import Tensor, nn


def conv_like(conv: nn.Conv2d, in_channels: int, out_channels: int, *, axes: str = "hw", **changes: Any) -> nn.Conv2d:
    """Return a fresh convolution with the geometry of `conv` along `axes` and a trivial one along the others.

    `axes` is "hw" (both), "h" (k×1), "w" (1×k) or "" (1×1). Device, dtype and padding mode follow `conv`.
    """
    keep = ("h" in axes, "w" in axes)
    padding: str | tuple[int, ...] = conv.padding if isinstance(conv.padding, str) else _along(keep, conv.padding, 0)
    arguments: dict[str, Any] = {
        "kernel_size": _along(keep, conv.kernel_size, 1),
        "stride": _along(keep, conv.stride, 1),
        "padding": padding,
        "dilation": _along(keep, conv.dilation, 1),
        "bias": False,
        "padding_mode": conv.padding_mode if axes else "zeros",
        "device": conv.weight.device,
        "dtype": conv.weight.dtype,
    }
    return nn.Conv2d(in_channels, out_channels, **(arguments | changes))


def columns_per_output(conv: nn.Conv2d, in_size: tuple[int, int] | None) -> float:
    """Return how many columns the input of a convolution has for each column of its output.

    That is the stride, and more where the picture is small and not padded to the full; of a picture whose size is
    not known it is the stride.
    """
    if in_size is None or isinstance(conv.padding, str):
        return conv.stride[1]
    width, padding = in_size[1], conv.padding[1]
    out = (width + 2 * padding - conv.dilation[1] * (conv.kernel_size[1] - 1) - 1) // conv.stride[1] + 1
    return width / max(1, out)


def initialise(*convs: nn.Conv2d) -> None:
    """He-initialise a chain of convolutions with no non-linearity between: unit gain for all but the last."""
    for conv in convs[:-1]:
        nn.init.kaiming_normal_(conv.weight, nonlinearity="linear")
    nn.init.kaiming_normal_(convs[-1].weight, nonlinearity="relu")


def copy_bias(source: nn.Conv2d, target: nn.Conv2d) -> None:
    """Give `target` the bias of `source` where there is one."""
    if source.bias is not None and target.bias is not None:
        with torch.no_grad():
            target.bias.copy_(source.bias)


def truncated_svd(matrix: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Return A (…, m, rank) and B (…, rank, n) with A·B the best rank-`rank` approximation of `matrix` (…, m, n).

    The singular values are shared evenly between the two, so that both train at the same speed (Eckart–Young 1936).
    Computed in float64.
    """
    left, values, right = torch.linalg.svd(matrix.double(), full_matrices=False)
    root = values[..., :rank].sqrt()
    a = left[..., :, :rank] * root.unsqueeze(-2)
    b = root.unsqueeze(-1) * right[..., :rank, :]
    return a.to(matrix.dtype), b.to(matrix.dtype)


def _along(keep: tuple[bool, bool], values: tuple[int, ...], trivial: int) -> tuple[int, ...]:
    return tuple(value if kept else trivial for kept, value in zip(keep, values, strict=True))
