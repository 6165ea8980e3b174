"""Everything additive about a layer or a network, in one place, so that a changed layer changes the sums by itself."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, TypeVar

from paretoscope.costs.counters import Counts, counts
from paretoscope.costs.counting import Part
from paretoscope.costs.devices import bound, devices
from paretoscope.costs.quantities import Cost, Others
from paretoscope.costs.scores import Tally, tally

PICOSECOND = 1e-12

Numbers = TypeVar("Numbers", Cost, Others, Counts, Tally)


class Figures(NamedTuple):
    """What parts cost, what they do besides, what other counters print for them, and what they add to the scores.

    `bounds` are the least times on each of `devices()`, in whole picoseconds, which add up the same in any order.
    """

    cost: Cost
    others: Others
    counts: Counts
    tally: Tally
    bounds: tuple[int, ...]


def figures_of(parts: Iterable[Part]) -> Figures:
    """Return the sums over parts."""
    return summed(Figures(part.cost, part.others, counts(part), tally(part), _bounds(part)) for part in parts)


def summed(figures: Iterable[Figures]) -> Figures:
    """Return the sums of figures."""
    costs, others, printed, tallies, bounds = zip(_nothing(), *figures, strict=True)
    return Figures(_sum(costs), _sum(others), _sum(printed), _sum(tallies), tuple(map(sum, zip(*bounds, strict=True))))


def exchanged(total: Figures, left: Iterable[Figures], right: Iterable[Figures]) -> Figures:
    """Return a sum in which the figures of `left` were exchanged for those of `right`."""
    less, more = summed(left), summed(right)
    return Figures(
        _exchange(total.cost, less.cost, more.cost),
        _exchange(total.others, less.others, more.others),
        _exchange(total.counts, less.counts, more.counts),
        _exchange(total.tally, less.tally, more.tally),
        tuple(a - b + c for a, b, c in zip(total.bounds, less.bounds, more.bounds, strict=True)),
    )


def _sum(numbers: Iterable[Numbers]) -> Numbers:
    first, *rest = numbers
    return type(first)(*map(sum, zip(first, *rest, strict=True)))


def _exchange(total: Numbers, left: Numbers, right: Numbers) -> Numbers:
    return type(total)(*(a - b + c for a, b, c in zip(total, left, right, strict=True)))


def _bounds(part: Part) -> tuple[int, ...]:
    return tuple(round(bound(part, device) / PICOSECOND) for device in devices())


@cache
def _nothing() -> Figures:
    return Figures(Cost(), Others(), Counts(), Tally(), (0,) * len(devices()))
