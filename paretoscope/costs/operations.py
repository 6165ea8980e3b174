"""What one operation costs, from the shapes of its arguments: pure functions, and the tables of torch's operators."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from paretoscope.architectures.selective_scan import scan_macs
from paretoscope.costs.quantities import Others

aten = torch.ops.aten

Arguments = Sequence[Any]


def conv_macs(out_shape: Sequence[int], in_channels: int, kernel: Sequence[int], groups: int = 1) -> int:
    """Return N·T·H'·W'·(S/groups)·k_h·k_w for an output of shape (N, T, H', W'). A bias is added, not multiplied."""
    return prod(out_shape) * (in_channels // groups) * prod(kernel)


def transposed_conv_macs(in_shape: Sequence[int], out_channels: int, kernel: Sequence[int], groups: int = 1) -> int:
    """Return N·S·H·W·(T/groups)·k_h·k_w for an input of shape (N, S, H, W)."""
    return prod(in_shape) * (out_channels // groups) * prod(kernel)


def matmul_macs(left: Sequence[int], right: Sequence[int]) -> int:
    """Return the products of (…, m, n) @ (…, n, p), batch dimensions of the left operand: …·m·n·p."""
    return prod(left) * right[-1]


def attention_macs(query: Sequence[int], key: Sequence[int], value: Sequence[int]) -> int:
    """Return B·h·L·S·(E + E_v): query (B, h, L, E), key (B, h, S, E), value (B, h, S, E_v)."""
    return prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _batch_length_channels(tensor: Tensor) -> tuple[int, int, int]:
    batch, channels, length = tensor.shape
    return batch, length, channels


def _convolution(args: Arguments, output: Tensor) -> int:
    inputs, weight, transposed, groups = args[0], args[1], args[6], args[8]
    if transposed:
        return transposed_conv_macs(inputs.shape, weight.shape[1] * groups, weight.shape[2:], groups)
    return conv_macs(output.shape, inputs.shape[1], weight.shape[2:], groups)


MACS: dict[Any, Callable[[Arguments, Tensor], int]] = {
    aten.convolution: _convolution,
    aten.mm: lambda args, _: matmul_macs(args[0].shape, args[1].shape),
    aten.bmm: lambda args, _: matmul_macs(args[0].shape, args[1].shape),
    aten.addmm: lambda args, _: matmul_macs(args[1].shape, args[2].shape),
    aten.baddbmm: lambda args, _: matmul_macs(args[1].shape, args[2].shape),
}
"""MACs by operator, from its arguments and its (first) output."""

FACTORS = {aten.mm: (0, 1), aten.bmm: (0, 1), aten.addmm: (1, 2), aten.baddbmm: (1, 2)}
"""Which arguments a matrix product multiplies: where both come from the picture, it is attention."""

# On the meta device attention falls apart into matrix products, unless a build of torch prefers a fused operator.
FUSED_ATTENTION = (
    aten._scaled_dot_product_efficient_attention,
    aten._scaled_dot_product_flash_attention,
    aten._scaled_dot_product_flash_attention_for_cpu,
    aten._scaled_dot_product_cudnn_attention,
    aten._scaled_dot_product_fused_attention_overrideable,
)
MACS |= dict.fromkeys(FUSED_ATTENTION, lambda args, _: attention_macs(args[0].shape, args[1].shape, args[2].shape))

SCAN = torch.ops.paretoscope.selective_scan
MACS[SCAN] = lambda args, _: scan_macs(*_batch_length_channels(args[0]), states=args[2].shape[1])

BIASED = {aten.convolution: 2, aten.addmm: 0, aten.baddbmm: 0}
"""Which argument is added to the product, where it is not None."""

_KINDS: dict[str, tuple[Any, ...]] = {
    "batch_norm": (aten.native_batch_norm, aten._native_batch_norm_legit_no_training),
    "layer_norm": (aten.native_layer_norm, aten.native_group_norm),
    "relu": (
        *(aten.relu, aten.relu_, aten.hardtanh, aten.hardtanh_, aten.leaky_relu, aten.leaky_relu_),
        *(aten.clamp, aten.clamp_, aten.clamp_min, aten.clamp_min_, aten.elu, aten.elu_),
    ),
    "sigmoid": (
        *(aten.sigmoid, aten.sigmoid_, aten.hardsigmoid, aten.hardsigmoid_, aten.tanh, aten.tanh_),
        *(aten.exp, aten.exp_, aten.softplus),
    ),
    "swish": (aten.silu, aten.silu_, aten.hardswish, aten.hardswish_, aten.mish, aten.mish_),
    "gelu": (aten.gelu, aten.gelu_),
    "softmax": (aten._softmax, aten._safe_softmax, aten._log_softmax),
    "addition": (aten.add, aten.add_, aten.sub, aten.sub_),
    "multiplication": (aten.mul, aten.mul_, aten.div, aten.div_, aten.pow, aten.rsqrt, aten.sqrt),
}
ELEMENTWISE = {operator: kind for kind, operators in _KINDS.items() for operator in operators}
"""Operators that turn each value into one, by the kind of `Others` they count as. They may write where they read."""

POOLING = frozenset(
    {
        *(aten.max_pool2d_with_indices, aten.avg_pool2d, aten._adaptive_avg_pool2d, aten.mean),
        *(aten.max_pool3d_with_indices, aten.avg_pool3d, aten._adaptive_avg_pool3d, aten.adaptive_max_pool2d),
    }
)
"""Operators that read more values than they write."""


def others_of(operator: Any, args: Arguments, output: Tensor) -> Others | None:
    """Return what an operator does outside the MAC convention, None where that is nothing."""
    kind = ELEMENTWISE.get(operator)
    if kind is not None:
        return Others(**{kind: output.numel()})
    if operator in POOLING:
        return Others(pooling=args[0].numel(), pooled=output.numel())
    place = BIASED.get(operator)
    if place is not None and args[place] is not None:
        return Others(bias=output.numel())
    return None
