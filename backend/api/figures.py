"""`/figures`: Plotly figures of studies; a notebook opens them with `plotly.io.from_json`."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from backend.api.dependencies import TheHouse
from backend.api.runs import PRINTABLE
from backend.errors import documented
from backend.figures.style import Theme
from backend.figures.tradeoff import CostKey, Point, tradeoff
from backend.store import runs, studies
from backend.store.runs import RunFilter
from backend.store.tables import Run
from paretoscope.steps import STEPS

router = APIRouter(tags=["figures"])

TITLES = {kind.model_fields["kind"].default: kind.title for kind in STEPS}


@router.get("/figures/tradeoff", responses=documented(404, 422))
def read_tradeoff(
    house: TheHouse,
    study: Annotated[str, Query(max_length=64, pattern=PRINTABLE, description="Id of a study.")],
    x: CostKey = "macs",
    log: bool = False,
    theme: Theme = "light",
) -> dict[str, Any]:
    """Top-1 against a cost for the finished runs of a study, with 95 % intervals and the Pareto front."""
    points: list[Point] = []
    cursor: str | None = None
    where = RunFilter(states=("succeeded",), study_id=study)
    with house.database.read() as session:
        studies.get(session, study)
        while True:
            page = runs.find(session, where, sort="created_at", limit=1000, cursor=cursor)
            points += [_point(run, x) for run in page.items if run.metrics is not None]
            cursor = page.next
            if cursor is None:
                break
    return tradeoff(points, x, theme, log=log)


def _point(run: Run, x: CostKey) -> Point:
    top1 = (run.metrics or {})["top1"]
    kinds = list(dict.fromkeys(step["kind"] for step in run.variant["steps"]))
    family = " + ".join(TITLES.get(kind, kind) for kind in kinds) or "No steps"
    return Point(run.id, run.label, family, run.cost[x], top1["value"], top1["low"], top1["high"])
