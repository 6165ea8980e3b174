"""`/references`: published tables, and what the same networks cost here."""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from backend.api.costs import Answer
from backend.errors import documented
from paretoscope.costs.references import COLUMNS, TABLES, Reference, Table, recomputed

router = APIRouter(tags=["references"])

_TABLES = {table.key: table for table in TABLES}

if TYPE_CHECKING:
    TableKey = str
else:
    TableKey = Literal[tuple(_TABLES)]


class SourceAnswer(Answer):
    """Where something was published."""

    title: str
    year: int
    url: str


class ColumnAnswer(Answer):
    """A published quantity."""

    key: str = Field(examples=["macs"])
    title: str
    unit: str


class RecomputedAnswer(Answer):
    """What the row's network costs here."""

    macs: int
    params: int


class ReferenceAnswer(Answer):
    """A row."""

    label: str
    dataset: str = Field(description="That the accuracy was measured on.")
    published: dict[str, float] = Field(description="By column; accuracies are fractions.")
    recomputed: RecomputedAnswer | None = Field(description="Null where the network cannot be built here.")
    variant: dict[str, Any] | None = Field(description="What recomputes the row, for `/whatif` or `/runs`.")
    note: str | None = Field(description="Why the two differ, or what else there is to know.")

    @classmethod
    def of(cls, reference: Reference) -> "ReferenceAnswer":
        """From the science's own; counts the network where nobody asked for it before."""
        found = recomputed(reference)
        return cls(
            label=reference.label,
            dataset=reference.dataset,
            published={name: float(value) for name, value in reference.published.items()},
            recomputed=None if found is None else RecomputedAnswer(macs=found.macs, params=found.params),
            variant=None if reference.variant is None else dict(reference.variant),
            note=reference.note,
        )


class TableAnswer(Answer):
    """A published table."""

    key: str = Field(examples=["mobilenet_v1_width"])
    title: str
    source: SourceAnswer
    place: str = Field(description="Where in the source it stands.", examples=["Table 6"])
    status: Literal["read in the source", "digitised from the figure"]
    columns: list[ColumnAnswer]
    rows: list[ReferenceAnswer]

    @classmethod
    def of(cls, table: Table) -> "TableAnswer":
        """From the science's own."""
        return cls(
            key=table.key,
            title=table.title,
            source=SourceAnswer(**table.source._asdict()),
            place=table.place,
            status=table.status,
            columns=[ColumnAnswer(key=key, **COLUMNS[key]._asdict()) for key in table.columns],
            rows=[ReferenceAnswer.of(row) for row in table.rows],
        )


class References(Answer):
    """Published tables, in the lecture's order."""

    tables: list[TableAnswer]


@router.get("/references", response_model=References, responses=documented(422))
def read_references(
    table: Annotated[
        list[TableKey] | None, Query(max_length=len(TABLES), description="Tables that are wanted; left out: all.")
    ] = None,
) -> Response:
    """What papers and repositories print for known networks, beside what the same networks cost here.

    A table is counted when it is first asked for and remembered.
    """
    wanted = dict.fromkeys(_TABLES if table is None else table)
    return Response(b'{"tables":[%s]}' % b",".join(map(_json, wanted)), media_type="application/json")


@cache
def _json(key: str) -> bytes:
    return TableAnswer.of(_TABLES[key]).model_dump_json().encode()
