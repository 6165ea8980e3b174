"""How long a trained network takes for one image, measured where it was trained."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

import torch
from torch import nn
from torch.nn.utils import parametrize

from paretoscope.training.folding import folded
from paretoscope.training.inputs import Inputs
from paretoscope.training.precision import name_of

MEASURED = {
    "key": "latency",
    "title": "Measured latency",
    "unit": "ms",
    "summary": "Median time of the trained network for one image on the worker that trained it, with its threads and "
    "its precision. Times of different machines cannot be compared.",
}

# fewest and most forwards, and the seconds that are enough where they are more than the fewest
_WARM_UP = 3, 1000, 0.03
_COUNTED = 10, 100, 0.2


@dataclass(frozen=True)
class Latency:
    """Milliseconds of `n` forwards of a batch: the median, the 10th and the 90th percentile, and what they ran on."""

    median_ms: float
    low_ms: float
    high_ms: float
    n: int
    batch: int
    threads: int
    device: str
    precision: str


def measure_latency(network: nn.Module, inputs: Inputs, *, device_name: str, on_forward: Callable[[], None]) -> Latency:
    """Time `network` on the first of the images, one at a time, as it would be deployed; it is left as it was.

    The clock is on the network alone: batch norms folded, weights in the format they are multiplied in, the image
    normalised and on the device. Each forward is waited for. `on_forward` is called before each and may raise to stop.
    """
    device, dtype = inputs.labels.device, inputs.dtype
    autocast = torch.autocast(device.type, dtype, enabled=dtype is not torch.float32)
    was_training = network.training
    network.eval()
    try:
        with torch.inference_mode(), autocast, parametrize.cached():
            ready = _weights_cast(folded(network), dtype, keep=network)
            image, _ = inputs.in_order(0, 1)

            def forward() -> float:
                on_forward()
                started = time.perf_counter()
                ready(image)
                if device.type == "cuda":
                    torch.cuda.synchronize(device)
                return time.perf_counter() - started

            _timed(forward, *_WARM_UP)
            times = _timed(forward, *_COUNTED)
    finally:
        network.train(was_training)
    deciles = quantiles(times, n=10, method="inclusive")
    return Latency(
        median_ms=round(1e3 * median(times), 4),
        low_ms=round(1e3 * deciles[0], 4),
        high_ms=round(1e3 * deciles[-1], 4),
        n=len(times),
        batch=1,
        threads=torch.get_num_threads(),
        device=device_name,
        precision=name_of(dtype),
    )


def _weights_cast(network: nn.Module, dtype: torch.dtype, *, keep: nn.Module) -> nn.Module:
    """Cast the weights that are multiplied ahead of time: in inference mode autocast would do it at every forward."""
    if dtype is torch.float32:
        return network
    ready = copy.deepcopy(network) if network is keep else network
    for module in ready.modules():
        if type(module) in (nn.Conv2d, nn.Linear):
            module.to(dtype)
    return ready


def _timed(forward: Callable[[], float], fewest: int, most: int, seconds: float) -> list[float]:
    """Seconds of each of `fewest` forwards, and of more until they took `seconds` or are `most`."""
    times: list[float] = []
    while len(times) < fewest or (len(times) < most and sum(times) < seconds):
        times.append(forward())
    return times
