"""`/studies`: named sets of runs on one data set, and the grids that fill them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from backend.api.dependencies import TheHouse
from backend.api.models import Items, ListPage, RunAnswer, StudyAnswer, SweepAxis
from backend.api.runs import PRINTABLE, StudyName, submit
from backend.errors import ApiError, Detail, documented
from backend.store import studies
from backend.sweeps import expand
from paretoscope.datasets import spec
from paretoscope.options import Options
from paretoscope.variants import Variant

router = APIRouter(tags=["studies"])

StudyId = Annotated[str, Path(max_length=64, pattern=PRINTABLE, examples=["study_0123456789abcdef"])]


class NewStudy(Options):
    """A study to make."""

    name: StudyName
    dataset: str = Field(min_length=1, max_length=100, examples=["cifar10"])


class Sweep(Options):
    """A variant, and the values that parts of it take: every combination becomes a run."""

    variant: Variant
    axes: Annotated[list[SweepAxis], Field(min_length=1, max_length=8)]


@router.post(
    "/studies", status_code=201, responses={200: {"description": "It was there already"}, **documented(409, 422)}
)
def create_study(house: TheHouse, body: NewStudy, response: Response) -> StudyAnswer:
    """Make a study; one of that name on the same data set is answered as it is (200)."""
    spec(body.dataset, house.folders)
    with house.database.write() as session:
        study, created = studies.find_or_create(session, body.name, body.dataset)
        counts = studies.counts(session, [study.id])[study.id]
    response.status_code = 201 if created else 200
    return StudyAnswer.of(study, counts)


@router.get("/studies", responses=documented(422))
def list_studies(
    house: TheHouse,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    sort: Annotated[str, Query(pattern="^-?(created_at|name)$")] = "-created_at",
) -> ListPage[StudyAnswer]:
    """List studies, newest first unless sorted otherwise."""
    with house.database.read() as session:
        page = studies.find(session, sort=sort, limit=limit, cursor=cursor)
        counts = studies.counts(session, [study.id for study in page.items])
    items = [StudyAnswer.of(study, counts[study.id]) for study in page.items]
    return ListPage(items=items, total=page.total, next=page.next)


@router.get("/studies/{study_id}", responses=documented(404))
def read_study(house: TheHouse, study_id: StudyId) -> StudyAnswer:
    """Read a study and how many of its runs are in which state."""
    with house.database.read() as session:
        study = studies.get(session, study_id)
        return StudyAnswer.of(study, studies.counts(session, [study_id])[study_id])


@router.delete("/studies/{study_id}", status_code=204, responses=documented(404))
def delete_study(house: TheHouse, study_id: StudyId) -> None:
    """Delete a study; its runs stay."""
    with house.database.write() as session:
        studies.delete_study(session, study_id)


@router.post(
    "/studies/{study_id}/sweeps",
    status_code=202,
    responses={200: {"description": "All of them were there already"}, **documented(404, 409)},
)
def sweep(house: TheHouse, study_id: StudyId, body: Sweep, response: Response) -> Items[RunAnswer]:
    """Fill a study from a grid: every combination of the axes' values becomes a run of it."""
    with house.database.read() as session:
        study = studies.get(session, study_id)
    if body.variant.dataset != study.dataset:
        message = f"the study “{study.name}” holds runs on {study.dataset}, not on {body.variant.dataset}"
        raise ApiError(409, "conflict", message, [Detail(loc=["variant", "dataset"], message=message)])
    grid = expand(body.variant, [(axis.path, axis.values) for axis in body.axes])
    try:
        found, created = submit(house, list(grid.values()), [("axes", words) for words in grid], study.name)
    except ApiError as error:
        words = next((str(detail.loc[1]) for detail in error.details if len(detail.loc) > 1), "the grid")
        raise ApiError(error.status, error.code, f"{words}: {error.message}", error.details) from error
    response.status_code = 202 if created else 200
    return Items(items=found)
