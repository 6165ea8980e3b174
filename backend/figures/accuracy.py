"""Which accuracies the chart opens on: one bad run must not flatten the others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

REACH = 3
LEAST_REACH = 20  # percentage points
ROOM = 0.05  # of the range, above and below


@dataclass(frozen=True)
class Opening:
    """The range of the accuracy axis in percent, and how many runs are below it."""

    low: float
    high: float
    below: int


def floor(top1: Sequence[float]) -> float:
    """Return the lowest accuracy, in percent, of a run that the chart must open on.

    That is three times as far below the median run as the best one is above it, and at least twenty points. At least
    half of the runs are at the median or above, so as many are shown whatever the others are.
    """
    if not top1:
        return -math.inf
    middle = median(top1)
    return middle - max(LEAST_REACH, REACH * (max(top1) - middle))


def opening(runs: Sequence[tuple[float, float, float]], others: Sequence[float] = ()) -> Opening | None:
    """Return what to open on, or None where all of it can be shown.

    `runs` are (top-1, low, high) and `others` what has to be seen beside them, all in percent.
    """
    lowest = floor([top1 for top1, _, _ in runs])
    shown = [run for run in runs if run[0] >= lowest]
    if len(shown) == len(runs):
        return None
    low = min(*(low for _, low, _ in shown), *others)
    high = max(*(high for _, _, high in shown), *others)
    room = ROOM * max(high - low, 1.0)
    below = sum(top1 < low - room for top1, _, _ in runs)
    return Opening(low - room, high + room, below) if below else None
