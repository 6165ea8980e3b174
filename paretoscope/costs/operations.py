"""Multiply-accumulates (MACs) of one operation, from its shapes. A bias is added, not multiplied: it is not counted."""

from collections.abc import Sequence
from math import prod


def conv_macs(out_shape: Sequence[int], in_channels: int, kernel: Sequence[int], groups: int = 1) -> int:
    """Return N·T·H'·W'·(S/groups)·k_h·k_w for an output of shape (N, T, H', W')."""
    return prod(out_shape) * (in_channels // groups) * prod(kernel)


def transposed_conv_macs(in_shape: Sequence[int], out_channels: int, kernel: Sequence[int], groups: int = 1) -> int:
    """Return N·S·H·W·(T/groups)·k_h·k_w for an input of shape (N, S, H, W)."""
    return prod(in_shape) * (out_channels // groups) * prod(kernel)


def matmul_macs(left: Sequence[int], right: Sequence[int]) -> int:
    """Return the products of (…, m, n) @ (…, n, p), batch dimensions of the left operand: …·m·n·p."""
    return prod(left) * right[-1]
