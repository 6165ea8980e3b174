"""`/runs`: submit, list, read, cancel, delete; and the files a run left."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse
from pydantic import Field, model_validator

from backend.api.dependencies import House, TheHouse
from backend.api.models import Items, ListPage, RunAnswer, RunWithHistory
from backend.api.whatif import EXAMPLE, MOST_VARIANTS
from backend.errors import ApiError, Detail, documented
from backend.figures.curves import learning_curves
from backend.figures.style import Theme
from backend.store import artifacts, runs, studies
from backend.store.errors import ConflictError, NotFoundError
from backend.store.runs import RunFilter
from backend.store.tables import Run, State
from backend.submissions import Where, new_runs
from paretoscope.options import Options
from paretoscope.variants import Variant

router = APIRouter(tags=["runs"])

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
"""PostgreSQL keeps no NUL, and no name holds a control character."""

RunId = Annotated[str, Path(max_length=64, pattern=PRINTABLE, examples=["run_0123456789abcdef"])]
SORT_PATTERN = f"^-?({'|'.join(runs.SORT_KEYS)})$"
StudyName = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")]


class Submission(Options):
    """One variant or several, and the study they belong to."""

    variant: Variant | None = Field(default=None, examples=[EXAMPLE])
    variants: Annotated[list[Variant], Field(min_length=1, max_length=MOST_VARIANTS)] | None = None
    study: StudyName | None = Field(default=None, description="Name of a study; it is made where there is none.")

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.variant is None) == (self.variants is None):
            raise ValueError("give either `variant` or `variants`")
        return self


@router.post(
    "/runs",
    status_code=202,
    responses={200: {"description": "All of them were there already"}, **documented(409, 413, 422)},
)
def submit_runs(house: TheHouse, body: Submission, response: Response) -> RunAnswer | Items[RunAnswer]:
    """Ask for runs. A variant has one run: the same variant again answers that run (200), a new one 202."""
    if body.variant is not None:
        asked: list[Variant] = [body.variant]
        places: list[Where] = [("variant",)]
    else:
        asked = body.variants or []
        places = [("variants", place) for place in range(len(asked))]
    found, created = submit(house, asked, places, body.study)
    response.status_code = 202 if created else 200
    return found[0] if body.variant is not None else Items(items=found)


def submit(
    house: House, asked: Sequence[Variant], places: Sequence[Where], study: str | None
) -> tuple[list[RunAnswer], int]:
    """Store runs in one transaction, wake workers after it, and return the runs and how many of them are new."""

    def find_run(run_id: str) -> Run | None:
        try:
            return runs.get(session, run_id)
        except NotFoundError:
            return None

    with house.database.read() as session:
        new = new_runs(asked, places, house.folders, find_run, house.settings.max_attempts)
    try:
        with house.database.write() as session:
            study_id = studies.find_or_create(session, study, new[0].dataset)[0].id if study else None
            submitted = runs.submit(session, new, study_id)
    except ConflictError as error:
        raise ApiError(409, "conflict", str(error), [Detail(loc=["study"], message=str(error))]) from error
    created = sum(one.created for one in submitted)
    if created:
        house.sweeper.nudge()
    return present(house, [one.run for one in submitted]), created


def present(house: House, found: Sequence[Run]) -> list[RunAnswer]:
    """Return runs as the API answers them, with their studies and artifacts."""
    ids = [run.id for run in found]
    with house.database.read() as session:
        in_studies, files = studies.of_runs(session, ids), artifacts.of_jobs(session, ids)
    return [RunAnswer.of(run, in_studies[run.id], files[run.id]) for run in found]


@router.get("/runs", responses=documented(422))
def list_runs(
    house: TheHouse,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="`next` of the page before.")] = None,
    sort: Annotated[
        str, Query(pattern=SORT_PATTERN, description="`-` in front: descending. Without a value come last.")
    ] = "-created_at",
    state: Annotated[list[State] | None, Query(max_length=6, description="May be repeated.")] = None,
    dataset: Annotated[str | None, Query(max_length=100, pattern=PRINTABLE)] = None,
    architecture: Annotated[str | None, Query(max_length=100, pattern=PRINTABLE)] = None,
    study: Annotated[str | None, Query(max_length=64, pattern=PRINTABLE, description="Id of a study.")] = None,
    q: Annotated[str, Query(max_length=200, pattern=PRINTABLE, description="Words of the label, or an id.")] = "",
) -> ListPage[RunAnswer]:
    """List runs, newest first unless sorted otherwise."""
    where = RunFilter(states=state or (), dataset=dataset, architecture=architecture, study_id=study, text=q)
    with house.database.read() as session:
        page = runs.find(session, where, sort=sort, limit=limit, cursor=cursor)
    return ListPage(items=present(house, page.items), total=page.total, next=page.next)


@router.get("/runs/{run_id}", responses=documented(404))
def read_run(house: TheHouse, run_id: RunId) -> RunWithHistory:
    """Read a run and the metrics of its epochs."""
    with house.database.read() as session:
        run, history = runs.get(session, run_id), runs.history(session, run_id)
    return RunWithHistory(**dict(present(house, [run])[0]), history=history)


@router.post("/runs/{run_id}/cancel", status_code=202, responses=documented(404))
def cancel_run(house: TheHouse, run_id: RunId) -> RunAnswer:
    """Cancel a run: at once while it waits, at the next batch while it runs. One that is over stays as it is."""
    with house.database.write() as session:
        run = runs.cancel(session, run_id)
    return present(house, [run])[0]


@router.delete("/runs/{run_id}", status_code=204, responses=documented(404, 409))
def delete_run(house: TheHouse, run_id: RunId) -> None:
    """Delete a run that is over, and its files."""
    with house.database.write() as session:
        hashes = runs.delete_run(session, run_id)
    with house.database.write() as session:
        artifacts.collect(session, house.files, hashes)


@router.get("/runs/{run_id}/artifacts/{name}", response_class=FileResponse, responses=documented(404, 410))
def read_artifact(
    house: TheHouse, run_id: RunId, name: Annotated[str, Path(max_length=128, pattern=PRINTABLE)]
) -> FileResponse:
    """Download a file that the run left: weights (safetensors), metrics (JSON, CSV)."""
    with house.database.read() as session:
        artifact = artifacts.get(session, run_id, name)
    path = house.files.path(artifact.sha256)
    if not path.is_file():
        raise ApiError(410, "gone", f"The file {name} of {run_id} was taken from the artifacts folder.")
    headers = {"ETag": f'"{artifact.sha256}"', "Cache-Control": "private, max-age=31536000, immutable"}
    return FileResponse(path, media_type=artifact.media_type, filename=f"{run_id}-{name}", headers=headers)


@router.get("/runs/{run_id}/figures/curves", responses=documented(404))
def read_curves(house: TheHouse, run_id: RunId, theme: Theme = "light") -> dict[str, Any]:
    """Learning curves as a Plotly figure."""
    with house.database.read() as session:
        run, history = runs.get(session, run_id), runs.history(session, run_id)
    return learning_curves(run.label, history, theme)
