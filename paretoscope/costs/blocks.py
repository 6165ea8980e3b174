"""The building blocks of a network, as its modules nest: what a drawing of it is made of."""

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from torch import nn

from paretoscope.costs.tracing import Join, Trace


class Block(NamedTuple):
    """One building block: a residual block, a Fire module, or a single layer that stands alone."""

    name: str
    type: str
    join: Join | None
    """How it brings its input, or its branches, together again."""
    layers: tuple[str, ...]


def block_of(network: nn.Module, name: str) -> str:
    """Return the name of the outermost module around `name` that is not a mere list of others, else the name itself."""
    module, path = network, ""
    for step in name.split("."):
        path = f"{path}.{step}" if path else step
        module = module.get_submodule(step) if step else module
        if type(module) not in (nn.Sequential, nn.ModuleList):
            return path
    return name


def blocks_of(network: nn.Module, seen: Trace, layers: Iterable[tuple[str, str]]) -> tuple[Block, ...]:
    """Return the blocks of (layer name, block name) pairs, in order."""
    return tuple(
        Block(name, type(network.get_submodule(name)).__name__, _join(network.get_submodule(name), seen), tuple(inside))
        for name, inside in (
            (name, [layer for layer, _ in members]) for name, members in groupby(layers, lambda pair: pair[1])
        )
    )


def _join(block: nn.Module, seen: Trace) -> Join | None:
    joins = [tally.join for module in block.modules() if (tally := seen.tallies.get(module)) and tally.join]
    return joins[-1] if joins else None
