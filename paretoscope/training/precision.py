"""Which number format a network computes in."""

from typing import Literal

import torch

Precision = Literal["auto", "fp32", "bf16"]
_SMALLEST_FOR_BF16 = 16  # pixels a side


def computes_bf16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 natively, not by emulation."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        # Younger than the oldest torch that works here; without it nothing is known, and float32 is always right.
        able = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
        return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
    return False


def compute_dtype(precision: Precision, device: torch.device, resolution: int) -> torch.dtype:
    """The format of convolutions and matrix products; weights, their gradients and statistics stay float32.

    `auto` decides from the device and the input size alone, never from a measurement, so the same variant computes
    the same way on the same kind of machine: bfloat16 where it is native, except for inputs below 16×16 pixels, whose
    layers are so small that converting costs more than it saves (benchmarks/README.md).
    """
    if precision == "auto":
        precision = "bf16" if computes_bf16(device) and resolution >= _SMALLEST_FOR_BF16 else "fp32"
    return torch.bfloat16 if precision == "bf16" else torch.float32


def name_of(dtype: torch.dtype) -> Literal["fp32", "bf16"]:
    """The format's name in metrics."""
    return "bf16" if dtype is torch.bfloat16 else "fp32"
