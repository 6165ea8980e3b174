"""A count written out with a person's own numbers, as the lecture does: 5·5·3·3·3·128 = 86 400."""

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from paretoscope.costs.formulas import grouped


class Term(NamedTuple):
    """A product over a divisor."""

    factors: tuple[int, ...]
    divisor: int = 1

    @property
    def value(self) -> int:
        """What it comes to; the divisor always divides one of the factors."""
        return prod(self.factors) // self.divisor

    def __str__(self) -> str:
        product = "·".join(map(grouped, self.factors))
        return f"{product} / {grouped(self.divisor)}" if self.divisor > 1 else product


def equation(terms: Sequence[Term], total: int) -> str:
    """Return the sum of the terms, the values of the terms where there are several, and the counted total."""
    sides = [" + ".join(map(str, terms))]
    if len(terms) > 1:
        sides.append(" + ".join(grouped(term.value) for term in terms))
    return " = ".join([*sides, grouped(total)])
