"""The ways to do a convolution that the lecture compares, each counted on the modules that would be trained."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, gcd, log2
from typing import Any, NamedTuple, cast

import torch
from torch import nn

from paretoscope.costs.counting import count
from paretoscope.costs.formulas import grouped
from paretoscope.lecture.convolution import Convolution
from paretoscope.lecture.formulas import Term, equation
from paretoscope.lecture.shift import Shift
from paretoscope.steps.convolutions import conv_like
from paretoscope.steps.depthwise_separable import DepthwiseSeparable, DepthwiseSeparableConv
from paretoscope.steps.grouped import Grouped
from paretoscope.steps.ranks import FixedRank, RatioRank
from paretoscope.steps.spatial_separable import SpatialSeparable, SpatialSeparableConv

Pair = tuple[int, int]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that the convolution became: its cost for one image, and what a drawing of it needs to know."""

    name: str
    title: str
    kernel: Pair
    stride: Pair
    padding: Pair
    groups: int
    in_shape: Shape
    out_shape: Shape
    params: int
    macs: int
    taps: tuple[Pair, ...] | None
    """Row and column of the window that each channel is taken from; null where the layer is a convolution."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A count in the lecture's letters, and with the person's numbers filled in."""

    symbols: str
    numbers: str


@dataclass(frozen=True, slots=True)
class Formulas:
    """How MACs and parameters come about."""

    macs: Formula
    params: Formula


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do the convolution for one image. Its numbers are null where `unavailable` says why it cannot be."""

    kind: str
    title: str
    summary: str
    unavailable: str | None = None
    macs: int | None = None
    params: int | None = None
    ratio: float | None = None
    """MACs over those of the standard convolution."""
    params_ratio: float | None = None
    fraction: str | None = None
    """The ratio as the lecture writes it, where it has such a form: 1/128 + 1/9."""
    formula: Formulas | None = None
    layers: tuple[Layer, ...] = ()
    rank: int | None = None
    """Channels between two spatially separable convolutions."""
    largest_rank: int | None = None
    note: str | None = None
    example: dict[str, Any] | None = None
    """A variant that does the same to a whole network."""


class _Stage(NamedTuple):
    """A module, and what of it the lecture's formula counts: `axes` of the window; `each` channel by itself."""

    name: str
    title: str
    module: nn.Conv2d | Shift
    axes: str = "hw"
    each: bool = False


class _Made(NamedTuple):
    """A way that is possible."""

    stages: tuple[_Stage, ...]
    fraction: str | None = None
    note: str | None = None
    rank: int | None = None


class _Kind(NamedTuple):
    """A kind of way. `make` returns why, in words, where it is not possible."""

    key: str
    title: str
    summary: str
    macs: str
    params: str
    make: Callable[[Convolution], _Made | str]
    steps: tuple[dict[str, Any], ...] | None = None


@lru_cache(maxsize=1024)
def compare(asked: Convolution) -> tuple[Way, ...]:
    """Return what the convolution costs in each of the ways, the standard one first."""
    (standard,) = count(asked.layer(), _in_shape(asked))
    return tuple(_way(kind, asked, standard.macs, standard.params) for kind in KINDS)


def _way(kind: _Kind, asked: Convolution, standard_macs: int, standard_params: int) -> Way:
    made = kind.make(asked)
    if isinstance(made, str):
        return Way(kind.key, kind.title, kind.summary, unavailable=made)
    layers = tuple(_layers(made.stages, _in_shape(asked)))
    macs, params = sum(layer.macs for layer in layers), sum(layer.params for layer in layers)
    terms = [_terms(stage, layer) for stage, layer in zip(made.stages, layers, strict=True) if layer.params]
    return Way(
        kind=kind.key,
        title=kind.title,
        summary=kind.summary,
        macs=macs,
        params=params,
        ratio=macs / standard_macs,
        params_ratio=params / standard_params,
        fraction=made.fraction,
        formula=Formulas(
            macs=Formula(kind.macs, equation([term for term, _ in terms], macs)),
            params=Formula(kind.params, equation([term for _, term in terms], params)),
        ),
        layers=layers,
        rank=made.rank,
        largest_rank=None if made.rank is None else _largest_rank(asked),
        note=made.note,
        example=None if kind.steps is None else {**NETWORK, "steps": list(kind.steps)},
    )


def _layers(stages: tuple[_Stage, ...], shape: Shape) -> Iterator[Layer]:
    """Send a shape through the modules and yield what each makes of it and costs."""
    for name, title, module, *_ in stages:
        parts = count(module, shape)
        out_shape = tuple(module(torch.empty((1, *shape), device="meta")).shape[1:])
        yield Layer(
            name=name,
            title=title,
            kernel=cast("Pair", module.kernel_size),
            stride=cast("Pair", module.stride),
            padding=cast("Pair", module.padding),
            groups=module.groups,
            in_shape=shape,
            out_shape=out_shape,
            params=sum(part.params for part in parts),
            macs=sum(part.macs for part in parts),
            taps=module.taps() if isinstance(module, Shift) else None,
        )
        shape = out_shape


def _terms(stage: _Stage, layer: Layer) -> tuple[Term, Term]:
    """Return the factors of a convolution's MACs and of its parameters."""
    window = [side for axis, side in zip("hw", layer.kernel, strict=True) if axis in stage.axes]
    channels = [layer.in_shape[0]] if stage.each else [layer.in_shape[0], layer.out_shape[0]]
    weights = (*window, *channels)
    divisor = 1 if stage.each else layer.groups
    return Term((*layer.out_shape[1:], *weights), divisor), Term(weights, divisor)


def _in_shape(asked: Convolution) -> Shape:
    return (asked.in_channels, asked.height, asked.width)


def _window(asked: Convolution) -> str:
    return "{}×{}".format(*asked.kernel)


def _standard(asked: Convolution) -> _Made:
    return _Made((_Stage("conv", f"{_window(asked)} convolution", asked.layer()),), "1")


def _grouped(asked: Convolution) -> _Made | str:
    common = gcd(asked.in_channels, asked.out_channels)
    if common % asked.groups:
        sides = f"{asked.in_channels} → {asked.out_channels} channels"
        legal = [str(groups) for groups in range(2, common + 1) if common % groups == 0]
        instead = f"they can be {', '.join(legal)}" if legal else "these two have no common divisor but 1"
        return f"{asked.groups} groups do not divide {sides} on both sides: {instead}."
    conv = asked.layer()
    if asked.groups > 1:
        conv = cast("nn.Conv2d", Grouped(groups=asked.groups).replace(asked.site(), warm=False))
    title = f"{_window(asked)} in {asked.groups} groups" if asked.groups > 1 else f"{_window(asked)} convolution"
    return _Made(
        (_Stage("conv", title, conv),),
        f"1/{asked.groups}" if asked.groups > 1 else "1",
        note=None if asked.groups > 1 else "One group is the standard convolution.",
    )


def _depthwise_separable(asked: Convolution) -> _Made | str:
    if max(asked.kernel) == 1:
        return "A 1×1 convolution is pointwise already: there is no window to take out of it."
    made = cast("DepthwiseSeparableConv", DepthwiseSeparable().replace(asked.site(), warm=False))
    return _Made(
        (
            _Stage("depthwise", f"{_window(asked)} depthwise", made.depthwise, each=True),
            _Stage("pointwise", "1×1 pointwise", made.pointwise, axes=""),
        ),
        f"1/{asked.out_channels} + 1/{asked.kernel[0] * asked.kernel[1]}",
    )


def _spatially_separable(asked: Convolution) -> _Made | str:
    if min(asked.kernel) == 1:
        return f"A {_window(asked)} kernel has one dimension already."
    step = SpatialSeparable(rank=RatioRank(value=0.5) if asked.rank is None else FixedRank(value=asked.rank))
    site = asked.site()
    if unfit := step.unfit(site):
        return f"{unfit.message[0].upper()}{unfit.message[1:]}."
    made = cast("SpatialSeparableConv", step.replace(site, warm=False))
    rank = made.vertical.out_channels
    chosen = "as many as keep half of the MACs" if asked.rank is None else "your choice"
    largest = grouped(_largest_rank(asked))
    return _Made(
        (
            _Stage("vertical", f"{asked.kernel[0]}×1 vertical", made.vertical, axes="h"),
            _Stage("horizontal", f"1×{asked.kernel[1]} horizontal", made.horizontal, axes="w"),
        ),
        note=f"R = {grouped(rank)} channels between the two: {chosen}. At R = {largest} nothing is lost.",
        rank=rank,
    )


def _largest_rank(asked: Convolution) -> int:
    return min(asked.in_channels * asked.kernel[0], asked.out_channels * asked.kernel[1])


def _spatially_separable_each(asked: Convolution) -> _Made | str:
    if min(asked.kernel) == 1:
        return f"A {_window(asked)} kernel has one dimension already."
    conv, channels = asked.layer(), asked.in_channels
    sides = {"in_channels": channels, "out_channels": channels, "groups": channels}
    slip = f"({asked.kernel[0]} + {asked.kernel[1]})·{channels} = {grouped(sum(asked.kernel) * channels)}"
    return _Made(
        (
            _Stage("vertical", f"{asked.kernel[0]}×1 each", conv_like(conv, axes="h", **sides), axes="h", each=True),
            _Stage("horizontal", f"1×{asked.kernel[1]} each", conv_like(conv, axes="w", **sides), axes="w", each=True),
        ),
        note=f"The slide's (h + w)·Din = {slip} are its parameters. It does not mix channels: "
        f"{channels} come in and {channels} go out, not {asked.out_channels}.",
    )


def _shift(asked: Convolution) -> _Made:
    conv = asked.layer()
    area = asked.kernel[0] * asked.kernel[1]
    bits = ceil(log2(area))
    shift = Shift(asked.in_channels, asked.kernel, cast("Pair", conv.stride), cast("Pair", conv.padding))
    note = (
        f"A shift has nothing to learn and nothing to multiply. Where each weight learns its own shift, as in shift "
        f"attention, a tap index of ⌈log2 {area}⌉ = {bits} bits is kept with it: "
        f"{grouped(asked.in_channels * asked.out_channels * bits)} bits here."
    )
    return _Made(
        (
            _Stage("shift", f"{_window(asked)} shift", shift),
            _Stage(
                "pointwise",
                "1×1 pointwise",
                conv_like(conv, asked.in_channels, asked.out_channels, axes="", padding=0),
                axes="",
            ),
        ),
        f"1/{area}",
        note,
    )


NETWORK = {"dataset": "cifar10", "architecture": {"name": "resnet20"}}
BLOCKS = {"layers": {"exclude": ["conv1"]}}

KINDS = (
    _Kind(
        "standard",
        "Standard",
        "Every output looks at the whole window in every input channel.",
        "Hout·Wout·h·w·Din·Dout",
        "h·w·Din·Dout",
        _standard,
        (),
    ),
    _Kind(
        "grouped",
        "Grouped",
        "The channels are split into G groups that do not see each other.",
        "Hout·Wout·h·w·Din·Dout / G",
        "h·w·Din·Dout / G",
        _grouped,
        ({"kind": "grouped", "groups": 2, **BLOCKS},),
    ),
    _Kind(
        "depthwise_separable",
        "Depthwise separable",
        "One window for each input channel, then a 1×1 convolution mixes the channels.",
        "Hout·Wout·h·w·Din + Hout·Wout·Din·Dout",
        "h·w·Din + Din·Dout",
        _depthwise_separable,
        ({"kind": "depthwise_separable", **BLOCKS},),
    ),
    _Kind(
        "spatially_separable",
        "Spatially separable",
        "A tall convolution into R channels, then a flat one: both mix channels.",
        "Hout·W·h·Din·R + Hout·Wout·w·R·Dout",
        "h·Din·R + w·R·Dout",
        _spatially_separable,
        ({"kind": "spatial_separable", **BLOCKS},),
    ),
    _Kind(
        "spatially_separable_each",
        "Spatially separable, channel by channel",
        "What the slide counts: a tall and a flat kernel for each input channel, which never meet.",
        "Hout·W·h·Din + Hout·Wout·w·Din",
        "h·Din + w·Din",
        _spatially_separable_each,
    ),
    _Kind(
        "shift",
        "Shift",
        "Each channel is moved by one position of the window, then a 1×1 convolution mixes the channels.",
        "Hout·Wout·Din·Dout",
        "Din·Dout",
        _shift,
    ),
)
