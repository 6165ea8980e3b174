"""How fast a device could run a network at best: a roofline bound. Williams et al. 2009, CACM 52(4).

A layer takes at least as long as its arithmetic at the device's peak, and at least as long as its bytes at the peak
bandwidth. The bound is the sum over layers of the larger of both, for one image in 32-bit numbers.
"""

import math
import time
from collections.abc import Callable
from functools import lru_cache
from itertools import cycle
from typing import NamedTuple

import torch

from paretoscope.costs.counting import Part
from paretoscope.options import Source

BOUND = (
    "The least time one image could take, not a prediction: each layer at the device's peak arithmetic or peak "
    "bandwidth, whichever takes longer. Every layer reads its inputs and weights and writes its output once in 32-bit "
    "numbers; normalisation, activation and pooling are taken as fused. Launch overheads are left out, so that small "
    "networks are far slower. Products are counted as written: Winograd's way with 3×3 kernels needs fewer, and what "
    "stays in a cache between two layers need not be moved, so that either can be faster than this."
)


class Device(NamedTuple):
    """Peak 32-bit arithmetic in FLOP/s (two a MAC) and peak memory bandwidth in bytes/s."""

    key: str
    title: str
    peak_flops: float
    bandwidth: float
    precision: str
    source: Source

    @property
    def balance(self) -> float:
        """FLOP for each byte above which arithmetic is the limit."""
        return self.peak_flops / self.bandwidth


_JETSON_ORIN = "https://www.nvidia.com/en-us/autonomous-machines/embedded-systems/jetson-orin/"

DEVICES = (
    Device(
        "raspberry_pi_4",
        "Raspberry Pi 4 (CPU)",
        4 * 1.8e9 * 8,  # cores, clock, one 128-bit fused multiply-add a cycle
        12.8e9,  # LPDDR4-3200, 32 bits wide
        "fp32",
        Source(
            "Raspberry Pi 4 product brief; Arm Cortex-A72 optimization guide",
            2019,
            "https://www.raspberrypi.com/products/raspberry-pi-4-model-b/",
        ),
    ),
    Device(
        "raspberry_pi_5",
        "Raspberry Pi 5 (CPU)",
        4 * 2.4e9 * 16,  # cores, clock, two 128-bit fused multiply-adds a cycle
        17.07e9,  # LPDDR4X-4267, 32 bits wide
        "fp32",
        Source(
            "Raspberry Pi 5 product brief; Arm Cortex-A76 optimization guide",
            2023,
            "https://www.raspberrypi.com/products/raspberry-pi-5/",
        ),
    ),
    Device(
        "jetson_nano",
        "NVIDIA Jetson Nano",
        2 * 128 * 0.9216e9,  # multiply-add, CUDA cores, clock: half of the 472 GFLOP/s stated for fp16
        25.6e9,
        "fp32",
        Source(
            "NVIDIA Jetson Nano System-on-Module data sheet", 2019, "https://developer.nvidia.com/embedded/jetson-nano"
        ),
    ),
    Device(
        "jetson_orin_nano",
        "NVIDIA Jetson Orin Nano 8 GB",
        2 * 1024 * 0.625e9,  # multiply-add, CUDA cores, clock in the 15 W mode
        68e9,
        "fp32",
        Source("NVIDIA Jetson Orin Nano Series data sheet", 2022, _JETSON_ORIN),
    ),
    Device(
        "jetson_agx_orin",
        "NVIDIA Jetson AGX Orin 64 GB",
        2 * 2048 * 1.3e9,  # multiply-add, CUDA cores, clock
        204.8e9,
        "fp32",
        Source("NVIDIA Jetson AGX Orin Series technical brief", 2022, _JETSON_ORIN),
    ),
    Device(
        "laptop_tiger_lake",
        "Laptop: Intel Core i7-1165G7 (CPU)",
        4 * 4.7e9 * 32,  # cores, highest clock, one 512-bit fused multiply-add a cycle
        68.3e9,  # LPDDR4x-4267, 128 bits wide
        "fp32",
        Source(
            "Intel Core i7-1165G7 specifications",
            2020,
            "https://ark.intel.com/content/www/us/en/ark/products/208662.html",
        ),
    ),
    Device(
        "rtx_3060",
        "NVIDIA GeForce RTX 3060 12 GB",
        2 * 3584 * 1.777e9,  # multiply-add, CUDA cores, boost clock
        360e9,
        "fp32",
        Source(
            "NVIDIA GeForce RTX 3060 specifications",
            2021,
            "https://www.nvidia.com/en-us/geforce/graphics-cards/30-series/rtx-3060-3060ti/",
        ),
    ),
    Device(
        "rtx_4090",
        "NVIDIA GeForce RTX 4090",
        82.6e12,
        1008e9,
        "fp32",
        Source(
            "NVIDIA Ada GPU architecture whitepaper",
            2022,
            "https://www.nvidia.com/en-us/geforce/graphics-cards/40-series/rtx-4090/",
        ),
    ),
    Device(
        "v100",
        "NVIDIA V100 SXM2",
        15.7e12,
        900e9,
        "fp32",
        Source("NVIDIA V100 Tensor Core GPU data sheet", 2020, "https://www.nvidia.com/en-us/data-center/v100/"),
    ),
    Device(
        "a100",
        "NVIDIA A100 80 GB SXM",
        156e12,
        2039e9,
        "tf32, dense",
        Source("NVIDIA A100 Tensor Core GPU data sheet", 2021, "https://www.nvidia.com/en-us/data-center/a100/"),
    ),
    Device(
        "h100",
        "NVIDIA H100 80 GB SXM",
        494.7e12,
        3.35e12,
        "tf32, dense",
        Source(
            "NVIDIA H100 Tensor Core GPU architecture whitepaper",
            2022,
            "https://www.nvidia.com/en-us/data-center/h100/",
        ),
    ),
    Device(
        "h200",
        "NVIDIA H200 141 GB SXM",
        494.7e12,  # the same chip as H100
        4.8e12,
        "tf32, dense",
        Source("NVIDIA H200 Tensor Core GPU data sheet", 2023, "https://www.nvidia.com/en-us/data-center/h200/"),
    ),
)
"""Data-centre cards from A100 on are bounded by TF32, which PyTorch's convolutions use by default; GeForce cards are as
fast in fp32, and nothing is stated for Jetson."""

THIS_CPU = "this_cpu"


def bound(part: Part, device: Device) -> float:
    """Return the least seconds that a part takes for one image; a part without MACs is fused with its neighbour."""
    if not part.macs:
        return 0.0
    return max(2 * part.macs / device.peak_flops, part.moved / device.bandwidth)


@lru_cache(maxsize=1)
def this_cpu() -> Device:
    """Return the processor of this process, measured once in about 0.15 s: matrix products and copies.

    Other work must not make the roof look lower than it is, so the fastest of many counts, and as peak what one
    thread reaches times the threads, where that is more than what all reach together.
    """
    threads = torch.get_num_threads()
    together = _measured()
    try:
        torch.set_num_threads(1)
        alone = _measured()
    finally:
        torch.set_num_threads(threads)
    return Device(
        THIS_CPU,
        f"This computer (CPU, {threads} thread{'s' if threads > 1 else ''})",
        max(together[0], threads * alone[0]),
        max(together[1], alone[1]),
        "fp32, measured",
        Source("Measured here as in the roofline model", 2009, "https://doi.org/10.1145/1498765.1498785"),
    )


def _measured(size: int = 256, chunks: int = 32) -> tuple[float, float]:
    """Return FLOP/s of a small matrix product and bytes/s of copying 2 MiB that no cache holds any more."""
    left, right, result = torch.rand(size, size), torch.rand(size, size), torch.empty(size, size)
    source = torch.zeros(chunks, 2**19)
    target = torch.zeros_like(source)
    place = cycle(range(chunks))

    def copy_next() -> None:
        chunk = next(place)
        target[chunk].copy_(source[chunk])

    with torch.inference_mode():
        product = _fastest(lambda: torch.mm(left, right, out=result))
        copy = _fastest(copy_next)
    return 2 * size**3 / product, 2 * source[0].nbytes / copy


def devices() -> tuple[Device, ...]:
    """Return this computer and the devices of the table."""
    return (this_cpu(), *DEVICES)


def _fastest(work: Callable[[], object], budget: float = 0.03, least: int = 64) -> float:
    """Return seconds of the fastest run within a budget of seconds."""
    fastest, runs, began = math.inf, 0, time.perf_counter()
    while runs < least or time.perf_counter() - began < budget:
        start = time.perf_counter()
        work()
        fastest, runs = min(fastest, time.perf_counter() - start), runs + 1
    return fastest
