"""`/figures`: Plotly figures of studies; a notebook opens them with `plotly.io.from_json`."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Response

from backend.api.dependencies import TheHouse
from backend.api.runs import PRINTABLE
from backend.errors import documented
from backend.figures.axes import AXES
from backend.figures.published import published
from backend.figures.style import Theme
from backend.figures.tradeoff import Point, tradeoff
from backend.store import runs, studies
from backend.store.database import Database
from backend.store.runs import RunFilter
from backend.store.tables import Run
from paretoscope.steps import STEPS
from paretoscope.training.latency import MEASURED

router = APIRouter(tags=["figures"])

TITLES = {kind.model_fields["kind"].default: kind.title for kind in STEPS}

AxisKey = Annotated[
    str,
    Query(
        pattern=f"^({'|'.join(AXES)})$",
        description="A cost, a score, or `latency`, which was measured. Runs without it are left out.",
        examples=["macs"],
    ),
]


@router.get("/figures/tradeoff", response_model=dict[str, Any], responses=documented(404, 422))
def read_tradeoff(
    house: TheHouse,
    study: Annotated[str, Query(max_length=64, pattern=PRINTABLE, description="Id of a study.")],
    x: AxisKey = "macs",
    log: bool = False,
    theme: Theme = "light",
    references: Annotated[
        Literal["none", "imagenet", "cifar10", "cifar100"],
        Query(description="Published results on this data set as open symbols; they have MACs and parameters only."),
    ] = "none",
) -> Response:
    """Top-1 against a cost for the finished runs of a study, with 95 % intervals and the Pareto front.

    `layout.meta` tells how many runs are `without` a place on the axis and how many are `below` the accuracies that
    the figure opens on.
    """
    dataset, found = _finished(house.database, study)
    axis = AXES[x]
    figure = tradeoff(
        [_point(run, x) for run in found],
        axis,
        theme,
        log=log,
        references=published(references, x),
        limit=axis.limit(dataset),
    )
    return Response(orjson.dumps(figure), media_type="application/json")


def _finished(database: Database, study_id: str) -> tuple[str, list[Run]]:
    """Return a study's data set and its finished runs, first asked first. Raises NotFoundError."""
    found: list[Run] = []
    cursor: str | None = None
    where = RunFilter(states=("succeeded",), study_id=study_id)
    with database.read() as session:
        dataset = studies.get(session, study_id).dataset
        while True:
            page = runs.find(session, where, sort="created_at", limit=1000, cursor=cursor)
            found += page.items
            cursor = page.next
            if cursor is None:
                return dataset, found


def _point(run: Run, x: str) -> Point:
    metrics: dict[str, Any] = run.metrics or {}
    top1 = metrics["top1"]
    kinds = list(dict.fromkeys(step["kind"] for step in run.variant["steps"]))
    family = " + ".join(TITLES.get(kind, kind) for kind in kinds) or "No steps"
    accuracy = top1["value"], top1["low"], top1["high"]
    if x != MEASURED["key"]:
        return Point(run.id, run.label, family, (run.cost | (run.scores or {})).get(x), *accuracy)
    latency = metrics.get("latency")
    if latency is None:
        return Point(run.id, run.label, family, None, *accuracy)
    threads = f"{latency['threads']} thread{'' if latency['threads'] == 1 else 's'}"
    setting = f"{latency['device']}, {threads}, {latency['precision']}"
    spread = latency["low_ms"], latency["high_ms"]
    return Point(run.id, run.label, family, latency["median_ms"], *accuracy, spread, setting)
