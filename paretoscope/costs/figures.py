"""Everything additive about a layer or a network, in one place, so that a changed layer changes the sums by itself."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from paretoscope.costs.counters import Counts, counts
from paretoscope.costs.counting import Part
from paretoscope.costs.quantities import Cost, Others
from paretoscope.costs.scores import Tally, tally

Numbers = TypeVar("Numbers", Cost, Others, Counts, Tally)


class Figures(NamedTuple):
    """What parts cost, what they do besides, what other counters print for them, and what they add to the scores."""

    cost: Cost
    others: Others
    counts: Counts
    tally: Tally


def figures_of(parts: Iterable[Part]) -> Figures:
    """Return the sums over parts."""
    return summed(Figures(part.cost, part.others, counts(part), tally(part)) for part in parts)


def summed(figures: Iterable[Figures]) -> Figures:
    """Return the sums of figures."""
    costs, others, printed, tallies = zip(NOTHING, *figures, strict=True)
    return Figures(_sum(costs), _sum(others), _sum(printed), _sum(tallies))


def exchanged(total: Figures, left: Iterable[Figures], right: Iterable[Figures]) -> Figures:
    """Return a sum in which the figures of `left` were exchanged for those of `right`."""
    less, more = summed(left), summed(right)
    return Figures(
        _exchange(total.cost, less.cost, more.cost),
        _exchange(total.others, less.others, more.others),
        _exchange(total.counts, less.counts, more.counts),
        _exchange(total.tally, less.tally, more.tally),
    )


def _sum(numbers: Iterable[Numbers]) -> Numbers:
    first, *rest = numbers
    return type(first)(*map(sum, zip(first, *rest, strict=True)))


def _exchange(total: Numbers, left: Numbers, right: Numbers) -> Numbers:
    return type(total)(*(a - b + c for a, b, c in zip(total, left, right, strict=True)))


NOTHING = Figures(Cost(), Others(), Counts(), Tally())
