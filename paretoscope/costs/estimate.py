"""What a variant costs, exactly and at once: counted once per layer shape, remembered, and added up."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import torch
from torch import nn

from paretoscope.architectures import Architecture
from paretoscope.costs.blocks import Block, block_of, blocks_of
from paretoscope.costs.counting import Part, parts_of
from paretoscope.costs.liveness import Need, Surroundings
from paretoscope.costs.quantities import Cost, total
from paretoscope.costs.tracing import Shape, Trace, trace
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.layers import LayerSelector
from paretoscope.steps import Step
from paretoscope.steps.application import StepError, layers_of, put, select
from paretoscope.steps.base import Site
from paretoscope.variants import Problem, Variant, VariantError

EVERY_LAYER = LayerSelector()


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
    def cost(self) -> Cost:
        """What the layer costs after the steps."""
        return total(part.cost for part in self.parts)

    @property
    def intensity(self) -> float | None:
        """Operations (two a MAC) for each byte that its parts move; None where nothing moves."""
        moved = sum(part.moved for part in self.parts)
        return 2 * self.cost.macs / moved if moved and self.original.in_shapes else None


@dataclass(frozen=True, eq=False)
class Estimate:
    """The cost of a variant, layer by layer, and `plain`, the same network without steps."""

    layers: tuple[LayerCost, ...]
    blocks: tuple[Block, ...]
    rest_memory: int = field(repr=False)
    """Activation bytes in use at the worst moment between the layers."""
    _plain: "Estimate | None" = field(default=None, repr=False)

    @property
    def plain(self) -> "Estimate":
        """The network without steps."""
        return self._plain or self

    @cached_property
    def cost(self) -> Cost:
        """Sums over all layers, for one image."""
        return total(layer.cost for layer in self.layers)

    @property
    def baseline(self) -> Cost:
        """The cost of the network without steps."""
        return self.plain.cost

    @cached_property
    def memory(self) -> int:
        """Peak activation memory for one image, in bytes."""
        return max(self.rest_memory, *(layer.memory for layer in self.layers))

    @property
    def baseline_memory(self) -> int:
        """Peak activation memory of the network without steps, in bytes."""
        return self.plain.memory


def estimate(variant: Variant, spec: DatasetSpec) -> Estimate:
    """Return what the variant costs. Raises VariantError where its parts do not go together."""
    architecture = variant.architecture.resolved(spec.resolution, spec.num_classes)
    return _estimate(_checked(architecture, spec), spec.channels, variant.steps)


def _checked(architecture: Architecture, spec: DatasetSpec) -> Architecture:
    problems = []
    resolution, classes = (
        architecture.resolution or spec.resolution,
        architecture.num_classes or spec.num_classes,
    )
    if resolution < architecture.smallest:
        message = f"{architecture.title} needs pictures of at least {architecture.smallest} pixels, not {resolution}"
        problems.append(Problem(("architecture", "resolution"), message, None, {"minimum": architecture.smallest}))
    if classes < spec.num_classes:
        message = (
            f"{spec.name} has {spec.num_classes} classes: the network needs at least as many outputs, not {classes}"
        )
        problems.append(Problem(("architecture", "num_classes"), message, None, {"minimum": spec.num_classes}))
    if problems:
        raise VariantError(problems)
    return architecture


class _Row(NamedTuple):
    """One layer on its way through the steps."""

    base: "_Base"
    history: "History"
    layer: LayerCost

    def sites(self) -> dict[str, Site]:
        """The layers inside, by their full names; none for a part that steps do not look at."""
        if self.base.origin is None:
            return {}
        own = self.base.part.name
        return {_join(own, name): site for name, site in _became(self.base.origin, self.history).sites}


@lru_cache(maxsize=1024)
def _estimate(architecture: Architecture, in_channels: int, steps: tuple[Step, ...]) -> Estimate:
    trunk = _trunk(architecture, in_channels)
    if not steps:
        return trunk.plain
    rows = _rows(architecture, in_channels, steps)
    return Estimate(tuple(row.layer for row in rows), trunk.plain.blocks, trunk.plain.rest_memory, trunk.plain)


@lru_cache(maxsize=256)
def _rows(architecture: Architecture, in_channels: int, steps: tuple[Step, ...]) -> tuple[_Row, ...]:
    if not steps:
        return _trunk(architecture, in_channels).rows
    before = _rows(architecture, in_channels, steps[:-1])
    return _after(before, len(steps) - 1, steps[-1])


@dataclass(frozen=True, slots=True)
class _Trunk:
    """The uncompressed network on the meta device, counted once."""

    rows: tuple[_Row, ...]
    plain: Estimate


@lru_cache(maxsize=64)
def _trunk(architecture: Architecture, in_channels: int) -> _Trunk:
    if architecture.resolution is None or architecture.num_classes is None:
        raise ValueError("resolve the variant before counting it")
    with torch.device("meta"):
        network = architecture.build(in_channels, architecture.num_classes)
    seen = trace(network, [(in_channels, architecture.resolution, architecture.resolution)])
    layers = layers_of(network)
    rows = tuple(_base_row(network, part, layers.get(part.name), seen) for part in parts_of(network, seen))
    blocks = blocks_of(network, seen, [(row.base.part.name, row.base.block) for row in rows])
    return _Trunk(rows, Estimate(tuple(row.layer for row in rows), blocks, _rest(layers.values(), seen)))


def _base_row(network: nn.Module, part: Part, layer: nn.Module | None, seen: Trace) -> _Row:
    reach = seen.tallies[network.get_submodule(part.name)].reach if part.in_shapes else None
    calls = seen.tallies[network.get_submodule(part.name)].calls if layer is not None and part.in_shapes else []
    base = _Base(
        part,
        _Origin(repr(layer), part.in_shapes, layer) if layer is not None else None,
        tuple(seen.timeline.surroundings(call) for call in calls),
        block_of(network, part.name),
        reach.size if reach is not None else None,
    )
    here = max((max(seen.timeline.peaks[call.first : call.last], default=0) for call in calls), default=0)
    plain = LayerCost(part, (part,), (), base.block, base.receptive_field, here)
    return _Row(base, (), plain)


def _rest(layers: Iterable[nn.Module], seen: Trace) -> int:
    """Return the bytes in use at the worst moment that is not within a layer."""
    inside = {
        at
        for layer in layers
        if layer in seen.tallies
        for call in seen.tallies[layer].calls
        for at in range(call.first, call.last)
    }
    return max((peak for at, peak in enumerate(seen.timeline.peaks) if at not in inside), default=0)


@dataclass(frozen=True, slots=True)
class _Origin:
    """A layer before any step; two with the same geometry and input are the same to the memory."""

    geometry: str
    in_shapes: tuple[Shape, ...]
    module: nn.Module = field(compare=False)


@dataclass(frozen=True, eq=False, slots=True)
class _Base:
    """A layer where it stands in the uncompressed network."""

    part: Part
    origin: _Origin | None
    surroundings: tuple[Surroundings, ...]
    """Of each of its calls."""
    block: str
    receptive_field: int | None


History = tuple[tuple[Step, tuple[str, ...]], ...]
"""The settled steps a layer went through, each with the names, relative to the layer, of what it was applied to."""


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
    before = _became(origin, tuple(earlier))
    module = deepcopy(before.module)
    for name in names:
        layer = module.get_submodule(name)
        module = put(module, name, step.replace(Site(layer), warm=False))
    seen = trace(module, origin.in_shapes)
    parts = parts_of(module, seen)
    sizes = {part.name: _size(part.in_shape) for part in parts}
    sites = tuple((name, Site(layer, sizes.get(name))) for name, layer in layers_of(module).items())
    return _Became(module, parts, tuple(map(seen.timeline.need, seen.runs)), sites)


@lru_cache(maxsize=16_384)
def _layer(base: _Base, history: History) -> LayerCost:
    if base.origin is None:
        raise ValueError(f"{base.part.name} is no layer")
    became = _became(base.origin, history)
    memory = max((at.peak(need) for at, need in zip(base.surroundings, became.needs, strict=True)), default=0)
    parts = tuple(replace(part, name=_join(base.part.name, part.name)) for part in became.parts)
    kinds = tuple(step.kind for step, _ in history)
    return LayerCost(base.part, parts, kinds, base.block, base.receptive_field, memory)


def _after(rows: tuple[_Row, ...], index: int, step: Step) -> tuple[_Row, ...]:
    """Return the rows after a step, the `index`-th of its variant."""
    sites: dict[str, Site] = {}
    owners: dict[str, int] = {}
    for place, row in enumerate(rows):
        for name, site in row.sites().items():
            sites[name], owners[name] = site, place
    try:
        chosen = select(step, sites)
    except StepError as error:
        raise VariantError(
            Problem(("steps", index, *unfit.field), sentence, layer, unfit.legal)
            for layer, unfit, sentence in error.problems
        ) from error
    grouped: dict[tuple[int, Step], list[str]] = {}
    general = step.model_copy(update={"layers": EVERY_LAYER})
    for name in chosen:
        grouped.setdefault((owners[name], general.settled(sites[name])), []).append(name)
    changed = list(rows)
    for (place, settled), names in grouped.items():
        changed[place] = _taken(changed[place], settled, names)
    return tuple(changed)


def _taken(row: _Row, step: Step, names: Iterable[str]) -> _Row:
    """Return a row after a settled step was applied to the layers of these full names inside it."""
    own = row.base.part.name
    relative = tuple(name[len(own) :].lstrip(".") for name in names)
    history = (*row.history, (step, relative))
    return _Row(row.base, history, _layer(row.base, history))


def _size(shape: Shape) -> tuple[int, int] | None:
    return (shape[1], shape[2]) if len(shape) == 3 else None


def _join(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if inner else outer
