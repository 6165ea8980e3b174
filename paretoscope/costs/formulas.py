"""The formula of a layer with the layer's own numbers filled in."""

from math import prod
from typing import NamedTuple

from paretoscope.costs.counting import Part

THIN = "\u202f"  # a space that no line is broken at


class Formula(NamedTuple):
    """`32·32·3·3·16·16 = 2 359 296` for the MACs and for the parameters; None where no product says it."""

    macs: str | None
    params: str | None


def formula(part: Part) -> Formula:
    """Return the formulas of a part.

    A convolution makes H'·W' outputs in each of T channels of k_h·k_w·S/groups products each; a linear layer, for each
    of its tokens, out values of `in` products.
    """
    factors = _factors(part)
    if factors is None:
        return Formula(None, None)
    places, weights = factors
    calls = (sum(part.batches),) if sum(part.batches) > 1 else ()
    bias = part.params - prod(weights)
    macs = _equation((*calls, *places, *weights), part.macs) if prod((*calls, *places, *weights)) == part.macs else None
    if bias < 0:
        return Formula(macs, None)
    return Formula(macs, _equation(weights, part.params, bias))


def grouped(number: int) -> str:
    """Return a number with thin spaces between its thousands."""
    return f"{number:,}".replace(",", THIN)


def _factors(part: Part) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Where the weights are applied, and how many they are."""
    if part.type == "conv2d" and part.kernel and part.groups and len(part.out_shape) == 3 and part.in_shape:
        channels, *places = part.out_shape
        return tuple(places), (*part.kernel, part.in_shape[0] // part.groups, channels)
    if part.type == "linear" and part.in_shape and part.out_shape:
        return part.in_shape[:-1], (part.in_shape[-1], part.out_shape[-1])
    return None


def _equation(factors: tuple[int, ...], result: int, added: int = 0) -> str:
    product = "·".join(map(grouped, factors)) + (f" + {grouped(added)}" if added else "")
    return f"{product} = {grouped(result)}"
