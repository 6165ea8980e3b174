"""Everything there is to choose from, as data: what the page draws its forms from and a script can look up."""

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from paretoscope import __version__
from paretoscope.architectures import ARCHITECTURES, Architecture
from paretoscope.costs.counters import COUNTERS
from paretoscope.costs.devices import Device, devices
from paretoscope.costs.references import Reference, published
from paretoscope.costs.scores import SCORES, Score
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.options import Options
from paretoscope.recipe import Recipe
from paretoscope.steps import STEPS, Step

COSTS = (
    {
        "key": "macs",
        "title": "MACs",
        "unit": "MAC",
        "summary": "Multiply-accumulates for one image: convolutions, linear layers, matrix products. "
        "Bias, normalisation, activation and pooling are excluded.",
    },
    {
        "key": "params",
        "title": "Parameters",
        "unit": "",
        "summary": "Numbers the network is made of; a weight that is stored as an index counts as one.",
    },
    {
        "key": "bits",
        "title": "Stored bits",
        "unit": "bit",
        "summary": "What the parameters take to store: 32 bits each, or codebook and indices where weights are shared.",
    },
    {
        "key": "activations",
        "title": "Activations",
        "unit": "",
        "summary": "Output values of all convolutions, linear layers and matrix products for one image.",
    },
    {
        "key": "memory",
        "title": "Peak memory",
        "unit": "byte",
        "summary": "Activation memory in use at the worst moment for one image: a tensor lives from the operation that "
        "makes it to the last that reads it, and single-value operations write where they read.",
    },
    {
        "key": "attention_macs",
        "title": "Attention MACs",
        "unit": "MAC",
        "summary": "Those of the MACs that multiply two activations, as attention does.",
    },
    {
        "key": "scan_macs",
        "title": "Scan MACs",
        "unit": "MAC",
        "summary": "Those of the MACs that are a selective scan's, 9 a state and step and 1 for the skip.",
    },
    {
        "key": "structured_macs",
        "title": "Structured MACs",
        "unit": "MAC",
        "summary": "MACs without filters and input channels that are wholly zero: what smaller dense layers would do.",
    },
    {
        "key": "sparse_macs",
        "title": "Ideal sparse MACs",
        "unit": "MAC",
        "summary": "MACs of the weights that are not zero: what hardware would do that skips every zero.",
    },
    {
        "key": "excluded",
        "title": "Excluded operations",
        "unit": "operation",
        "summary": "What the convention leaves out, one operation a value: bias, normalisation, activation, softmax, "
        "pooling, additions and gates. Other counters add some of them to the MACs.",
    },
)


def catalog(datasets: list[DatasetSpec]) -> dict[str, Any]:
    """Return data sets, architectures, steps, recipe and cost keys with the JSON Schema of their parameters."""
    return {
        "version": __version__,
        "datasets": [_dataset(spec) for spec in datasets],
        "architectures": [_architecture(kind) for kind in ARCHITECTURES],
        "steps": [_step(kind) for kind in STEPS],
        "recipe": {"schema": schema(Recipe)},
        "costs": list(COSTS),
        "scores": [_score(score) for score in SCORES],
        "devices": [_device(device) for device in devices()],
        "counters": [counter._asdict() | {"source": counter.source._asdict()} for counter in COUNTERS],
    }


def _score(score: Score) -> dict[str, Any]:
    return score._asdict() | {"source": score.source._asdict(), "limits": dict(score.limits)}


def _device(device: Device) -> dict[str, Any]:
    return device._asdict() | {"source": device.source._asdict()}


def schema(options: type[Options]) -> dict[str, Any]:
    """Return the JSON Schema of a person's input, keys as they are written in JSON."""
    return TypeAdapter(options).json_schema(by_alias=True, mode="validation")


def _dataset(spec: DatasetSpec) -> dict[str, Any]:
    return asdict(spec)


def _architecture(kind: type[Architecture]) -> dict[str, Any]:
    return {
        "name": kind.model_fields["name"].default,
        "title": kind.title,
        "family": kind.family,
        "summary": kind.summary,
        "source": kind.source._asdict(),
        "block": kind.block._asdict(),
        "published": [_published(row) for row in published(kind.model_fields["name"].default) if row.top1 is not None],
        "schema": schema(kind),
    }


def _published(row: Reference) -> dict[str, Any]:
    return {
        "label": row.label,
        "dataset": row.dataset,
        "top1": row.top1,
        "source": row.source._asdict(),
        "place": row.place,
        "architecture": None if row.variant is None else dict(row.variant["architecture"]),
    }


def _step(kind: type[Step]) -> dict[str, Any]:
    return {
        "kind": kind.model_fields["kind"].default,
        "title": kind.title,
        "summary": kind.summary,
        "formula": kind.formula,
        "source": kind.source._asdict(),
        "acts_on": kind.acts_on,
        "schema": schema(kind),
    }
