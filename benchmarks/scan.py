"""The selective scan in pieces against the recurrence as written; the protocol is in benchmarks/README.md.

python -m benchmarks.scan             # VMamba-T's first two stages
python -m benchmarks.scan --images 8  # more than one image at a time
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor

from paretoscope.architectures.selective_scan import selective_scan, selective_scan_reference

GROUPS = 4
Scan = Callable[..., Tensor]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1)
    parser.add_argument("--channels", type=int, default=GROUPS * 192, help="of all four directions together")
    parser.add_argument("--states", type=int, default=1)
    parser.add_argument("--lengths", type=int, nargs="+", default=[3136, 784])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--backward-rounds", type=int, default=3, help="the recurrence's own takes seconds")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    for length in options.lengths:
        values = _inputs(options.images, options.channels, length, options.states, options.device)
        _compare(f"L = {length}, forward", _forward, values, options.rounds)
        _compare(f"L = {length}, forward and backward", _backward, values, options.backward_rounds)


def _inputs(images: int, channels: int, length: int, states: int, device: str) -> list[Tensor]:
    """Random inputs with channels side by side in memory, as VMamba hands them over."""
    torch.manual_seed(0)
    u, delta = (torch.randn(images, length, channels).transpose(1, 2) for _ in range(2))
    write, read = (torch.randn(images, GROUPS, states, length) for _ in range(2))
    rates = -torch.arange(1.0, states + 1).repeat(channels, 1)
    values = u, delta - 3, rates, write, read, torch.ones(channels), torch.zeros(channels)
    return [value.to(device).requires_grad_() for value in values]


def _forward(scan: Scan, values: list[Tensor]) -> None:
    with torch.no_grad():
        scan(*values)


def _backward(scan: Scan, values: list[Tensor]) -> None:
    torch.autograd.grad(scan(*values).sum(), values)


def _compare(title: str, work: Callable[[Scan, list[Tensor]], None], values: list[Tensor], rounds: int) -> None:
    """One of each in every round, so that what else the machine does falls on both alike; one round uncounted."""
    found: dict[Scan, list[float]] = {selective_scan: [], selective_scan_reference: []}
    for _ in range(rounds + 1):
        for scan, seconds in found.items():
            started = time.perf_counter()
            work(scan, values)
            if values[0].is_cuda:
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - started)
    ours, theirs = (seconds[1:] for seconds in found.values())
    ratio = f"ratio {median(theirs) / median(ours):.1f}, of the best rounds {min(theirs) / min(ours):.1f}"
    print(f"{title:32} ours {_spread(ours)}   recurrence {_spread(theirs)}   {ratio}   n = {rounds}", flush=True)


def _spread(seconds: list[float]) -> str:
    low, middle, high = (1000 * value for value in (min(seconds), median(seconds), max(seconds)))
    return f"{middle:.1f} ms ({low:.1f}–{high:.1f})"


if __name__ == "__main__":
    main()
