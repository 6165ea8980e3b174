"""From variants that somebody wrote to runs that can be stored: resolved, checked, costed and named."""

import json
from collections.abc import Callable, Sequence

from backend.errors import ApiError, Detail, problem_details
from backend.store.runs import NewRun
from backend.store.tables import Run
from paretoscope.costs.estimate import Estimate, estimate
from paretoscope.datasets import DataFolders, DatasetSpec, spec
from paretoscope.errors import DataError
from paretoscope.recipe import FromCheckpoint, FromRun
from paretoscope.variants import Problem, Variant, VariantError, canonical_json, fingerprint, label

Where = tuple[str | int, ...]
FindRun = Callable[[str], Run | None]


class Specs:
    """The data sets that one request is about, each looked up once."""

    def __init__(self, folders: DataFolders) -> None:
        self._folders = folders
        self._known: dict[str, DatasetSpec] = {}

    def __getitem__(self, name: str) -> DatasetSpec:
        """Return what is known about a data set. Raises DataError."""
        if name not in self._known:
            self._known[name] = spec(name, self._folders)
        return self._known[name]


def examine(variant: Variant, specs: Specs, where: Where = ()) -> tuple[Variant, DatasetSpec, Estimate]:
    """Return the variant with everything written out, its data set and its cost.

    Raises ApiError (422) that says what does not go together, `where` being the variant's place in the input.
    """
    try:
        known = specs[variant.dataset]
    except DataError as error:
        raise ApiError(
            422, error.code, error.message, [Detail(loc=[*where, "dataset"], message=error.message)]
        ) from error
    resolved = variant.resolved(known)
    try:
        return resolved, known, estimate(resolved, known)
    except VariantError as error:
        raise refused(error, where) from error


def new_runs(
    variants: Sequence[Variant], places: Sequence[Where], folders: DataFolders, find_run: FindRun, max_attempts: int
) -> list[NewRun]:
    """Return what to store for `variants`. Raises ApiError for the first that cannot be run."""
    specs = Specs(folders)
    return [
        new_run(variant, where, specs, find_run, max_attempts) for variant, where in zip(variants, places, strict=True)
    ]


def new_run(variant: Variant, where: Where, specs: Specs, find_run: FindRun, max_attempts: int) -> NewRun:
    """Return what to store for one variant. Raises ApiError where it cannot be run."""
    resolved, known, found = examine(variant, specs, where)
    if not (known.present or known.downloadable):
        message = f"{known.title} is known for costs only: there are no images here to train on"
        raise ApiError(422, "data_missing", message, [Detail(loc=[*where, "dataset"], message=message)])
    return NewRun(
        fingerprint=fingerprint(resolved),
        variant=json.loads(canonical_json(resolved)),
        dataset=resolved.dataset,
        architecture=resolved.architecture.name,
        label=label(resolved),
        cost={**found.cost._asdict(), "memory": found.memory},
        baseline={**found.baseline._asdict(), "memory": found.baseline_memory},
        scores=found.scores,
        start_run_id=_start_run(resolved, known, where, specs, find_run),
        max_attempts=max_attempts,
    )


def refused(error: VariantError, where: Where = ()) -> ApiError:
    """Return the answer to a variant whose parts do not go together."""
    more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
    return ApiError(422, "validation", error.problems[0].message + more, problem_details(error.problems, where))


def _start_run(variant: Variant, known: DatasetSpec, where: Where, specs: Specs, find_run: FindRun) -> str | None:
    start = variant.recipe.start
    place: Where = (*where, "recipe", "start", "id")
    if isinstance(start, FromCheckpoint):
        raise refused(VariantError([Problem(place, f"there is no checkpoint {start.id!r}")]))
    if not isinstance(start, FromRun):
        return None
    run = find_run(start.id)
    if run is None:
        raise refused(VariantError([Problem(place, f"there is no run {start.id!r} to start from")]))
    if run.state in ("failed", "cancelled"):
        message = (
            f"run {start.id} {'failed' if run.state == 'failed' else 'was cancelled'}: it has no weights to start from"
        )
        raise refused(VariantError([Problem(place, message)]))
    origin = Variant.model_validate(run.variant)
    if origin.architecture != variant.architecture:
        message = f"run {start.id} is a {run.label}: a start needs the same architecture with the same options"
        raise refused(VariantError([Problem(place, message)]))
    if origin.dataset != variant.dataset and specs[origin.dataset].channels != known.channels:
        message = f"run {start.id} was trained on {origin.dataset}, whose pictures have other colour channels"
        raise refused(VariantError([Problem(place, message)]))
    if origin.steps != variant.steps[: len(origin.steps)]:
        message = f"run {start.id} ({run.label}) has steps that are not the first steps of this variant"
        raise refused(VariantError([Problem(place, message)]))
    return run.id
