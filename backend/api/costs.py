"""What a variant costs, as the API answers it.

Rows are written to JSON once and remembered with the layer they are about: a what-if is mostly rows that were asked for
before, and writing them anew would take longer than counting.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from paretoscope.costs.blocks import Block
from paretoscope.costs.counting import Part
from paretoscope.costs.estimate import Estimate
from paretoscope.costs.formulas import Formula, formula
from paretoscope.costs.quantities import Cost
from paretoscope.costs.remembered import LayerCost
from paretoscope.variants import Variant, canonical_json, fingerprint_of


class Answer(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True)


class CostAnswer(Answer):
    """Exact cost for one image."""

    params: int = Field(examples=[269722])
    macs: int = Field(examples=[40551040])
    bits: int = Field(examples=[8631104])
    activations: int = Field(examples=[188426])
    attention_macs: int = Field(description="Those of `macs` in products of two activations.", examples=[0])
    scan_macs: int = Field(description="Those of `macs` in selective scans.", examples=[0])
    structured_macs: int = Field(description="`macs` without filters and channels that are wholly zero.")
    sparse_macs: int = Field(description="`macs` of weights that are not zero.")
    excluded: int = Field(description="Operations outside the convention: bias, norms, activations, pooling, sums.")
    memory: int = Field(description="Peak activation memory of one image in bytes, by liveness.")


class OthersAnswer(Answer):
    """Operations outside the convention, in values, by kind; `excluded` is their sum without `pooled`."""

    bias: int
    batch_norm: int
    layer_norm: int
    relu: int
    sigmoid: int
    swish: int
    gelu: int
    softmax: int
    pooling: int = Field(description="Values read by pooling.")
    pooled: int = Field(description="Values written by pooling.")
    addition: int
    multiplication: int


class FormulaAnswer(Answer):
    """The formulas of a layer with its own numbers."""

    macs: str | None = Field(examples=["32·32·3·3·16·16 = 2 359 296"])
    params: str | None = Field(examples=["3·3·16·16 = 2 304"])


class PartAnswer(Answer):
    """A module that a layer became."""

    name: str
    type: str
    kernel: tuple[int, ...] | None
    stride: tuple[int, ...] | None
    groups: int | None
    in_shape: tuple[int, ...]
    out_shape: tuple[int, ...]
    params: int
    macs: int
    bits: int
    activations: int
    attention_macs: int
    scan_macs: int
    structured_macs: int
    sparse_macs: int
    excluded: int
    intensity: float | None = Field(description="Operations (two a MAC) for each byte moved.")
    formula: FormulaAnswer = Field(description="null where several parts took the layer's place: theirs say it.")


class BaselineAnswer(Answer):
    """A layer before the steps."""

    params: int
    macs: int
    bits: int
    activations: int
    excluded: int
    intensity: float | None
    formula: FormulaAnswer


class LayerAnswer(PartAnswer):
    """A layer of the uncompressed network: its geometry, its cost after and before the steps, and what it became."""

    receptive_field: int | None = Field(description="Pixels a side that an output looks at; null: the whole picture.")
    block: str
    baseline: BaselineAnswer
    steps: tuple[str, ...]
    parts: tuple[PartAnswer, ...]


class BlockAnswer(Answer):
    """A building block of the network."""

    name: str
    type: str
    join: Literal["add", "concatenate"] | None
    layers: tuple[str, ...]


class WhatIf(Answer):
    """What a variant costs, next to the same network without steps."""

    variant: dict[str, Any] = Field(description="The variant with every default written out.")
    fingerprint: str
    cost: CostAnswer
    baseline: CostAnswer
    scores: dict[str, float] = Field(description="By key; the catalog defines them.", examples=[{"course_score": 0.09}])
    baseline_scores: dict[str, float]
    bounds: dict[str, float] = Field(description="Least seconds for one image on each device of the catalog.")
    baseline_bounds: dict[str, float]
    others: OthersAnswer
    counters: dict[str, int] = Field(description="What other counters print for the variant, by key.")
    blocks: tuple[BlockAnswer, ...] | None = Field(description="null where rows were not asked for.")
    layers: list[LayerAnswer] | None = Field(description="null where rows were not asked for.")


def what_if_json(variant: Variant, found: Estimate, *, layers: bool) -> bytes:
    """Return the answer for a resolved variant, as JSON of a `WhatIf`."""
    text = canonical_json(variant)
    parts = [
        b'{"variant":',
        text.encode(),
        b',"fingerprint":"',
        fingerprint_of(text).encode(),
        b'","cost":',
        orjson.dumps(cost_of(found.cost, found.memory)),
        b',"baseline":',
        orjson.dumps(cost_of(found.baseline, found.baseline_memory)),
        b',"scores":',
        orjson.dumps(found.scores),
        b',"baseline_scores":',
        orjson.dumps(found.baseline_scores),
        b',"bounds":',
        orjson.dumps(found.bounds),
        b',"baseline_bounds":',
        orjson.dumps(found.baseline_bounds),
        b',"others":',
        orjson.dumps(found.others._asdict()),
        b',"counters":',
        orjson.dumps(found.counts._asdict()),
        b',"blocks":',
        _blocks(found.blocks) if layers else b"null",
        b',"layers":',
        b"[" + b",".join(map(_row, found.layers)) + b"]" if layers else b"null",
        b"}",
    ]
    return b"".join(parts)


def items_json(answers: Iterable[bytes]) -> bytes:
    """Return answers as `{"items": […]}`."""
    return b'{"items":[' + b",".join(answers) + b"]}"


def cost_of(cost: Cost, memory: int) -> dict[str, int]:
    """Return a network's cost by key."""
    return cost._asdict() | {"memory": memory}


@lru_cache(maxsize=64)
def _blocks(blocks: tuple[Block, ...]) -> bytes:
    return orjson.dumps([block._asdict() for block in blocks])


@lru_cache(maxsize=8192)
def _row(layer: LayerCost) -> bytes:
    before = _part(layer.original)
    own = formula(layer.parts[0]) if len(layer.parts) == 1 else Formula(None, None)
    return orjson.dumps(
        {
            **before,
            **layer.figures.cost._asdict(),
            "intensity": layer.intensity,
            "formula": own._asdict(),
            "receptive_field": layer.receptive_field,
            "block": layer.block,
            "baseline": {name: before[name] for name in BaselineAnswer.model_fields},
            "steps": layer.steps,
            "parts": [_part(part) for part in layer.parts],
        }
    )


_GEOMETRY = ("name", "type", "kernel", "stride", "groups", "in_shape", "out_shape")


def _part(part: Part) -> dict[str, Any]:
    geometry = {name: getattr(part, name) for name in _GEOMETRY}
    return {**geometry, **part.cost._asdict(), "intensity": part.intensity, "formula": formula(part)._asdict()}
