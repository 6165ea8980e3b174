"""How good a network is on a split, with the interval that many images allow."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from math import sqrt

import torch
import torch.nn.functional as F  # noqa: N812 (the field's own abbreviation)
from torch import nn
from torch.nn.utils import parametrize

from paretoscope.datasets import Split
from paretoscope.training.folding import folded
from paretoscope.training.inputs import Inputs
from paretoscope.training.precision import Precision, compute_dtype

_Z95 = 1.959963984540054  # the normal distribution's 97.5 % quantile
_WORTH_FOLDING = 2**19  # pixels to evaluate; below, tracing the network costs more than folding saves
_BATCH = {"cpu": 256, "cuda": 2048}


@dataclass(frozen=True)
class Interval:
    """A fraction and its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Evaluation:
    """Top-1 accuracy and mean cross-entropy over `count` images, and how fast they were done."""

    top1: Interval
    loss: float
    count: int
    seconds: float

    @property
    def images_per_second(self) -> float:
        """Throughput, wall time."""
        return self.count / max(self.seconds, 1e-9)


def wilson_interval(successes: int, count: int) -> Interval:
    """Wilson's 95 % score interval of a binomial proportion (Wilson 1927); holds near 0 and 1 too."""
    share = successes / count
    centre = share + _Z95**2 / (2 * count)
    spread = _Z95 * sqrt(share * (1 - share) / count + _Z95**2 / (4 * count**2))
    scale = 1 + _Z95**2 / count
    # Rounding must not push an end past the value itself at 0 or 1.
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return Interval(share, max(0.0, min(low, share)), min(1.0, max(high, share)))


def evaluate(
    network: nn.Module,
    split: Split,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    *,
    resolution: int | None = None,
    precision: Precision = "auto",
    device: str | torch.device = "cpu",
    batch_size: int | None = None,
    on_batch: Callable[[int], None] | None = None,
) -> Evaluation:
    """Evaluate `network`, which must be on `device`, and leave it as it was.

    `resolution` is the network's input size (default: the images' own). `on_batch` gets the number of images done
    and may raise to stop.
    """
    device = torch.device(device)
    side = resolution or split.images.shape[-1]
    dtype = compute_dtype(precision, device, side)
    inputs = Inputs(split, mean, std, resolution=side, device=device, dtype=dtype)
    return evaluate_inputs(network, inputs, batch_size=batch_size, on_batch=on_batch)


def evaluate_inputs(
    network: nn.Module,
    inputs: Inputs,
    *,
    batch_size: int | None = None,
    on_batch: Callable[[int], None] | None = None,
) -> Evaluation:
    """`evaluate` on images that are on the device already."""
    device = inputs.labels.device
    size = batch_size or _BATCH.get(device.type, 256)
    started = time.perf_counter()
    was_training = network.training
    network.eval()
    try:
        with torch.inference_mode(), _autocast(device, inputs.dtype):
            ready = folded(network) if len(inputs) * inputs.resolution**2 >= _WORTH_FOLDING else network
            loss, correct = _sums(ready, inputs, size, on_batch)
    finally:
        network.train(was_training)
    seconds = time.perf_counter() - started
    return Evaluation(wilson_interval(correct, len(inputs)), loss / len(inputs), len(inputs), seconds)


def _sums(network: nn.Module, inputs: Inputs, size: int, on_batch: Callable[[int], None] | None) -> tuple[float, int]:
    """Summed loss and correct answers; both stay on the device until the end."""
    loss = torch.zeros((), device=inputs.labels.device, dtype=torch.float64)
    correct = torch.zeros((), device=inputs.labels.device, dtype=torch.int64)
    with parametrize.cached():
        for start in range(0, len(inputs), size):
            if on_batch:
                on_batch(start)
            images, labels = inputs.in_order(start, min(start + size, len(inputs)))
            logits = network(images).float()
            loss += F.cross_entropy(logits, labels, reduction="sum")
            correct += (logits.argmax(1) == labels).sum()
    return loss.item(), int(correct.item())


def _autocast(device: torch.device, dtype: torch.dtype) -> torch.autocast | nullcontext[None]:
    if dtype is torch.float32:
        return nullcontext()
    return torch.autocast(device.type, dtype=dtype)
