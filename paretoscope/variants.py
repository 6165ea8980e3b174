"""The variant: what a person asks for, as immutable data. Its fingerprint names it."""

import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from paretoscope.architectures import AnyArchitecture
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.options import Options
from paretoscope.recipe import Recipe
from paretoscope.steps import AnyStep

MOST_STEPS = 32


class Variant(Options):
    """A data set, an architecture, ordered compression steps, a training recipe and a seed."""

    dataset: str = Field(
        min_length=1, max_length=100, title="Data set", description="Name of a data set of the catalog."
    )
    architecture: AnyArchitecture = Field(title="Architecture")
    steps: Annotated[tuple[AnyStep, ...], Field(strict=False, max_length=MOST_STEPS)] = Field(
        default=(), title="Steps", description="Compression steps, applied in order."
    )
    recipe: Recipe = Field(default=Recipe(), title="Recipe", description="How the weights are obtained.")
    seed: int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="Another seed is another run.")

    def resolved(self, spec: DatasetSpec) -> "Variant":
        """Return the variant with everything written out that the data set decides. Idempotent."""
        wanted = self.recipe.augmentation
        architecture = self.architecture.resolved(spec.resolution, spec.num_classes)
        augmentation = wanted.model_copy(
            update={
                "shift": spec.shift if wanted.shift is None else wanted.shift,
                "flip": spec.flip if wanted.flip is None else wanted.flip,
            }
        )
        batch_size = self.recipe.batch_size or spec.batch_size
        recipe = self.recipe.model_copy(update={"augmentation": augmentation, "batch_size": batch_size})
        return self.model_copy(update={"architecture": architecture, "recipe": recipe})


class Problem(NamedTuple):
    """One thing that is wrong with a variant: where, what, for which layer, and what would be legal."""

    loc: tuple[str | int, ...]
    message: str
    layer: str | None = None
    legal: dict[str, Any] | None = None


class VariantError(ValueError):
    """A variant whose parts are each well formed but do not go together."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


def canonical_json(variant: Variant) -> str:
    """Return the variant as JSON with every default written out, keys sorted, no spaces: equal variants, equal text."""
    data = variant.model_dump(mode="json", by_alias=True, serialize_as_any=True)
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def fingerprint(variant: Variant) -> str:
    """Return the SHA-256 of the canonical JSON, in hex. Resolve the variant first."""
    return fingerprint_of(canonical_json(variant))


def fingerprint_of(text: str) -> str:
    """Return the SHA-256, in hex, of a variant's canonical JSON."""
    return hashlib.sha256(text.encode()).hexdigest()


def label(variant: Variant) -> str:
    """Return a short name for a chart: the architecture and what was done to it."""
    width = variant.architecture.width
    options = variant.architecture.unusual()
    network = variant.architecture.title + (f" ×{width:g}" if width != 1 else "") + (f" ({options})" if options else "")
    return ", ".join([network, *(f"{step.title.lower()} ({step.brief}{step.layers.brief})" for step in variant.steps)])
