"""What a variant costs, exactly and at once: counted once per layer shape, remembered, and added up."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache

import torch
from torch import nn

from paretoscope.architectures import Architecture
from paretoscope.costs.counting import Part, Shape, count
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.layers import LayerSelector
from paretoscope.steps import Step
from paretoscope.steps.application import StepError, layers_of, put, select
from paretoscope.variants import Problem, Variant, VariantError

EVERY_LAYER = LayerSelector()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a network costs for one image. Exact, and known without training."""

    params: int
    macs: int
    bits: int
    activations: int


@dataclass(frozen=True, slots=True)
class LayerCost:
    """One layer of the uncompressed network, what it became, and which steps made it so."""

    original: Part
    parts: tuple[Part, ...]
    steps: tuple[str, ...]

    @property
    def cost(self) -> Cost:
        """What the layer costs after the steps."""
        return total(self.parts)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The cost of a variant, of the same network without steps, and layer by layer."""

    cost: Cost
    baseline: Cost
    layers: tuple[LayerCost, ...]


def total(parts: Iterable[Part]) -> Cost:
    """Return the sum over parts."""
    params = macs = bits = activations = 0
    for part in parts:
        params += part.params
        macs += part.macs
        bits += part.bits
        activations += part.activations
    return Cost(params, macs, bits, activations)


def estimate(variant: Variant, spec: DatasetSpec) -> Estimate:
    """Return what the variant costs. Raises VariantError where its parts do not go together."""
    resolved = variant.resolved(spec)
    trunk = _trunk(_checked(resolved.architecture, spec), spec.channels)
    fates = {name: _Fate(part, trunk.layers.get(name)) for name, part in trunk.parts.items()}
    for index, step in enumerate(resolved.steps):
        _apply(index, step, fates)
    layers = tuple(
        LayerCost(fate.part, fate.parts, tuple(done.kind for done, _ in fate.history)) for fate in fates.values()
    )
    cost = total(part for layer in layers for part in layer.parts)
    return Estimate(cost, trunk.cost, layers)


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


@dataclass(frozen=True, slots=True)
class _Trunk:
    """The uncompressed network on the meta device, counted once."""

    parts: dict[str, Part]
    layers: dict[str, nn.Module]
    cost: Cost


@lru_cache(maxsize=64)
def _trunk(architecture: Architecture, in_channels: int) -> _Trunk:
    if architecture.resolution is None or architecture.num_classes is None:
        raise ValueError("resolve the variant before counting it")
    with torch.device("meta"):
        network = architecture.build(in_channels, architecture.num_classes)
    parts = count(network, (in_channels, architecture.resolution, architecture.resolution))
    return _Trunk({part.name: part for part in parts}, layers_of(network), total(parts))


@dataclass(frozen=True, slots=True)
class _Origin:
    """A layer before any step; two with the same geometry and input are the same to the memory."""

    geometry: str
    in_shapes: tuple[Shape, ...]
    module: nn.Module = field(compare=False)


History = tuple[tuple[Step, tuple[str, ...]], ...]
"""The steps a layer went through, each with the names, relative to the layer, of what it was applied to."""


@lru_cache(maxsize=2048)
def _became(origin: _Origin, history: History) -> tuple[nn.Module, tuple[Part, ...]]:
    """Return the meta module that `history` makes of a layer, and its parts. The module is shared: never change it."""
    if not history:
        return origin.module, ()
    *earlier, (step, names) = history
    module = deepcopy(_became(origin, tuple(earlier))[0])
    for name in names:
        module = put(module, name, step.replace(module.get_submodule(name), warm=False))
    return module, count(module, *origin.in_shapes)


class _Fate:
    """What has become of one layer so far."""

    def __init__(self, part: Part, layer: nn.Module | None) -> None:
        self.part, self.layer = part, layer
        self.origin = _Origin(repr(layer), part.in_shapes, layer) if layer is not None else None
        self.history: History = ()
        self.parts: tuple[Part, ...] = (part,)

    def layers(self) -> dict[str, nn.Module]:
        """The layers inside by their full names; none for a part that steps do not look at."""
        if self.layer is None:
            return {}
        return {_join(self.part.name, inner): layer for inner, layer in layers_of(self.layer).items()}

    def take(self, step: Step, names: list[str]) -> None:
        """Remember that `step` was applied to the layers of these full names."""
        if self.origin is None:
            raise ValueError(f"{self.part.name} is no layer")
        relative = tuple(name[len(self.part.name) :].lstrip(".") for name in names)
        self.history = (*self.history, (step.model_copy(update={"layers": EVERY_LAYER}), relative))
        self.layer, parts = _became(self.origin, self.history)
        self.parts = tuple(replace(part, name=_join(self.part.name, part.name)) for part in parts)


def _apply(index: int, step: Step, fates: dict[str, _Fate]) -> None:
    owners: dict[str, _Fate] = {}
    layers: dict[str, nn.Module] = {}
    for fate in fates.values():
        for name, layer in fate.layers().items():
            owners[name], layers[name] = fate, layer
    try:
        chosen = select(step, layers)
    except StepError as error:
        raise VariantError(
            Problem(("steps", index, *unfit.field), sentence, layer, unfit.legal)
            for layer, unfit, sentence in error.problems
        ) from error
    grouped: dict[str, list[str]] = {}
    for name in chosen:
        grouped.setdefault(owners[name].part.name, []).append(name)
    for owner, names in grouped.items():
        fates[owner].take(step, names)


def _join(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if inner else outer
