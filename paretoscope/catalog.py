"""Everything there is to choose from, as data: what the page draws its forms from and a script can look up."""

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from paretoscope import __version__
from paretoscope.architectures import ARCHITECTURES, Architecture
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
        "scores": [],
    }


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
        "schema": schema(kind),
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
