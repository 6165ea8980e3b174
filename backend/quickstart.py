"""The study that a new installation starts with: ten small networks on the bundled digits, trained within a minute."""

import logging
from typing import Any

from backend.settings import Settings
from backend.store import runs, studies
from backend.store.database import Database
from backend.store.tables import Run
from backend.submissions import new_runs
from paretoscope.datasets import DataFolders
from paretoscope.variants import Variant

log = logging.getLogger(__name__)

NAME = "Digits quickstart"

FINE_TUNE: dict[str, Any] = {"epochs": 4}
BUT_FIRST = {"exclude": ["conv1"]}


def variant(*steps: dict[str, Any], width: float = 1.0, recipe: dict[str, Any] | None = None) -> Variant:
    """Return a variant of the quickstart's network, with the recipe that the page opens with unless told otherwise."""
    return Variant.model_validate(
        {
            "dataset": "digits",
            "architecture": {"name": "tinyconv", "width": width},
            "steps": list(steps),
            "recipe": recipe or {},
        }
    )


def from_scratch() -> list[Variant]:
    """Return the baseline, first, and what trains without it."""
    spatial = [
        {"kind": "spatial_separable", "rank": {"rule": "fixed", "value": rank}, "layers": BUT_FIRST}
        for rank in (4, 8, 16)
    ]
    grouped = [{"kind": "grouped", "groups": groups, "layers": BUT_FIRST} for groups in (2, 4, 8)]
    depthwise = {"kind": "depthwise_separable", "layers": BUT_FIRST}
    return [
        variant(),
        variant(depthwise),
        *map(variant, spatial),
        *map(variant, grouped),
        *(variant(width=width) for width in (0.5, 0.75)),
    ]


def from_baseline(run_id: str) -> list[Variant]:
    """Return what compresses the trained baseline."""
    recipe = {**FINE_TUNE, "start": {"from": "run", "id": run_id}}
    return [variant({"kind": "share_weights", "clusters": clusters}, recipe=recipe) for clusters in (4, 16, 64)]


def plant(settings: Settings, database: Database, folders: DataFolders) -> bool:
    """Create the study on the very first start, when nothing has been asked for yet. Returns whether it did."""
    with database.read() as session:
        if runs.find(session, limit=1).total or studies.find(session, limit=1).total:
            return False
    baseline, *others = from_scratch()
    found: list[Run] = []
    with database.write() as session:
        study, _ = studies.find_or_create(session, NAME, baseline.dataset)

        def ask(variants: list[Variant]) -> None:
            new = new_runs(variants, [()] * len(variants), folders, find_run, settings.max_attempts)
            found.extend(one.run for one in runs.submit(session, new, study.id))

        def find_run(run_id: str) -> Run | None:
            return next((run for run in found if run.id == run_id), None)

        ask([baseline])
        ask([*others, *from_baseline(found[0].id)])
    log.info("created the study “%s” with %d runs", NAME, len(found))
    return True
