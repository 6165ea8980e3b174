"""The memory behind what-if: a network is traced once, a layer that steps replace once per shape and step."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

import torch
from torch import nn

from paretoscope.architectures import Architecture
from paretoscope.costs.blocks import Block, block_of, blocks_of
from paretoscope.costs.counting import Part, parts_of
from paretoscope.costs.figures import Figures, exchanged, figures_of, summed
from paretoscope.costs.liveness import Need, Surroundings
from paretoscope.costs.tracing import Shape, Trace, trace
from paretoscope.layers import LayerSelector
from paretoscope.steps import Step
from paretoscope.steps.application import layers_of, put, select
from paretoscope.steps.base import Site

EVERY_LAYER = LayerSelector()
MOST_STAGES = 2048
"""Remembered for one network: more than one longest list of variants, so that it is known when asked again."""


@dataclass(frozen=True, eq=False)
class LayerCost:
    """One layer of the uncompressed network, what it became, and which steps made it so. Shared, equal by identity."""

    original: Part
    parts: tuple[Part, ...]
    steps: tuple[str, ...]
    block: str
    """Name of the building block it is in."""
    receptive_field: int | None
    """Pixels a side that one of its outputs looks at; None is the whole picture."""
    memory: int
    """Activation bytes in use at the worst moment of its calls, those of other layers included."""

    @cached_property
    def figures(self) -> Figures:
        """Everything additive, after the steps."""
        return figures_of(self.parts)

    @property
    def intensity(self) -> float | None:
        """Operations (two a MAC) for each byte that its parts move; None where nothing moves."""
        moved = sum(part.moved for part in self.parts)
        return 2 * self.figures.cost.macs / moved if moved and self.original.in_shapes else None


@dataclass(frozen=True, eq=False)
class Stage:
    """A network after some steps, layer by layer. Shared, equal by identity."""

    rows: tuple["_Row", ...]
    figures: Figures
    """Sums over all layers."""
    blocks: tuple[Block, ...]
    rest_memory: int
    """Activation bytes in use at the worst moment between the layers."""

    @cached_property
    def layers(self) -> tuple[LayerCost, ...]:
        """The layers, in the order they are defined."""
        return tuple(row.layer for row in self.rows)

    @cached_property
    def memory(self) -> int:
        """Peak activation memory for one image, in bytes."""
        return max(self.rest_memory, *(layer.memory for layer in self.layers))

    @cached_property
    def sites(self) -> dict[str, Site]:
        """Where a further step may be applied, by the layer's full name."""
        return dict(chain.from_iterable(row.sites for row in self.rows))

    @cached_property
    def owners(self) -> dict[str, int]:
        """The row that each site is in."""
        return {name: place for place, row in enumerate(self.rows) for name, _ in row.sites}


class Trunk:
    """The uncompressed network, and what steps made of it so far: forgotten together."""

    def __init__(self, plain: Stage) -> None:
        self.plain = plain
        self._stages: dict[tuple[Step, ...], Stage] = {}

    def stage(self, steps: tuple[Step, ...]) -> Stage:
        """Return the network after `steps`. Raises StepError for the last of them; ask for those before it first."""
        if not steps:
            return self.plain
        found = self._stages.get(steps)
        if found is None:
            found = _after(self.stage(steps[:-1]), steps[-1])
            if len(self._stages) >= MOST_STAGES:
                self._stages.pop(next(iter(self._stages)), None)
            self._stages[steps] = found
        return found


@lru_cache(maxsize=64)
def trunk(architecture: Architecture, in_channels: int) -> Trunk:
    """Return a network whose resolution and classes are written out."""
    if architecture.resolution is None or architecture.num_classes is None:
        raise ValueError("resolve the variant before counting it")
    with torch.device("meta"):
        network = architecture.build(in_channels, architecture.num_classes)
    seen = trace(network, [(in_channels, architecture.resolution, architecture.resolution)])
    layers = layers_of(network)
    rows = tuple(_row(network, part, layers.get(part.name), seen) for part in parts_of(network, seen))
    blocks = blocks_of(network, seen, [(row.base.part.name, row.base.block) for row in rows])
    return Trunk(Stage(rows, summed(row.layer.figures for row in rows), blocks, _rest(layers.values(), seen)))


@dataclass(frozen=True, slots=True)
class _Origin:
    """A layer before any step; two with the same geometry and input are the same to the memory."""

    geometry: str
    in_shapes: tuple[Shape, ...]
    batches: tuple[int, ...]
    module: nn.Module = field(compare=False)


@dataclass(frozen=True, eq=False, slots=True)
class _Base:
    """A layer where it stands in the uncompressed network; `origin` is None for what steps do not look at."""

    part: Part
    origin: _Origin | None
    surroundings: tuple[Surroundings, ...]
    """Of each of its calls."""
    block: str
    receptive_field: int | None


History = tuple[tuple[Step, tuple[str, ...]], ...]
"""The settled steps a layer went through, each with the names, relative to the layer, of what it was applied to."""


@dataclass(frozen=True, eq=False)
class _Row:
    """One layer on its way through the steps."""

    base: _Base
    history: History
    layer: LayerCost

    @cached_property
    def sites(self) -> list[tuple[str, Site]]:
        """The layers inside, with their full names; none for a part that steps do not look at."""
        if self.base.origin is None:
            return []
        own = self.base.part.name
        return [(_join(own, name), site) for name, site in _became(self.base.origin, self.history).sites]


def _row(network: nn.Module, part: Part, layer: nn.Module | None, seen: Trace) -> _Row:
    tally = seen.tallies.get(network.get_submodule(part.name))
    calls = tally.calls if tally is not None and layer is not None else []
    base = _Base(
        part,
        None if layer is None else _Origin(repr(layer), part.in_shapes, part.batches, layer),
        tuple(map(seen.timeline.surroundings, calls)),
        block_of(network, part.name),
        tally.reach.size if tally is not None and tally.reach is not None else None,
    )
    memory = max((max(seen.timeline.peaks[call.first : call.last], default=0) for call in calls), default=0)
    return _Row(base, (), LayerCost(part, (part,), (), base.block, base.receptive_field, memory))


def _rest(layers: Iterable[nn.Module], seen: Trace) -> int:
    """Return the bytes in use at the worst moment that is not within a layer."""
    calls = [call for layer in layers if layer in seen.tallies for call in seen.tallies[layer].calls]
    inside = {at for call in calls for at in range(call.first, call.last)}
    return max((peak for at, peak in enumerate(seen.timeline.peaks) if at not in inside), default=0)


class _Became(NamedTuple):
    """What a history makes of a layer: a module on the meta device, shared and never changed, and what it costs."""

    module: nn.Module
    parts: tuple[Part, ...]
    needs: tuple[Need, ...]
    """Activation bytes of each call."""
    sites: tuple[tuple[str, Site], ...]
    """The layers inside, by their names relative to the layer."""


@lru_cache(maxsize=4096)
def _became(origin: _Origin, history: History) -> _Became:
    if not history:
        size = _size(origin.in_shapes[0]) if origin.in_shapes else None
        return _Became(origin.module, (), (), (("", Site(origin.module, size)),))
    *earlier, (step, names) = history
    module = deepcopy(_became(origin, tuple(earlier)).module)
    for name in names:
        # A settled step has no rule left that would ask for the size of the picture.
        module = put(module, name, step.replace(Site(module.get_submodule(name)), warm=False))
    seen = trace(module, origin.in_shapes, origin.batches)
    parts = parts_of(module, seen)
    sizes = {part.name: _size(part.in_shape) for part in parts}
    sites = tuple((name, Site(layer, sizes.get(name))) for name, layer in layers_of(module).items())
    return _Became(module, parts, tuple(map(seen.timeline.need, seen.runs)), sites)


@lru_cache(maxsize=8192)
def _layer(base: _Base, origin: _Origin, history: History) -> LayerCost:
    became = _became(origin, history)
    memory = max((at.peak(need) for at, need in zip(base.surroundings, became.needs, strict=True)), default=0)
    parts = tuple(replace(part, name=_join(base.part.name, part.name)) for part in became.parts)
    kinds = tuple(step.kind for step, _ in history)
    return LayerCost(base.part, parts, kinds, base.block, base.receptive_field, memory)


def _after(before: Stage, step: Step) -> Stage:
    general = step.model_copy(update={"layers": EVERY_LAYER})
    taken: dict[tuple[int, Step], list[str]] = {}
    for name in select(step, before.sites):
        taken.setdefault((before.owners[name], general.settled(before.sites[name])), []).append(name)
    rows = list(before.rows)
    for (place, settled), names in taken.items():
        rows[place] = _taken(rows[place], settled, names)
    places = dict.fromkeys(place for place, _ in taken)
    left, right = ([side[place].layer.figures for place in places] for side in (before.rows, rows))
    return Stage(tuple(rows), exchanged(before.figures, left, right), before.blocks, before.rest_memory)


def _taken(row: _Row, step: Step, names: Iterable[str]) -> _Row:
    """Return a row after a settled step was applied to the layers of these full names inside it."""
    own, origin = row.base.part.name, row.base.origin
    if origin is None:
        raise ValueError(f"{own} is no layer")
    history = (*row.history, (step, tuple(name[len(own) :].lstrip(".") for name in names)))
    return _Row(row.base, history, _layer(row.base, origin, history))


def _size(shape: Shape) -> tuple[int, int] | None:
    return (shape[1], shape[2]) if len(shape) == 3 else None


def _join(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if inner else outer
