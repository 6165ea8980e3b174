"""`/whatif`: what variants cost, at once, without a job or a row."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from pydantic import Discriminator, Tag

from backend.api.costs import WhatIf, items_json, what_if_json
from backend.api.dependencies import TheHouse
from backend.api.models import Items
from backend.errors import documented
from backend.submissions import Specs, examine
from paretoscope.variants import Variant

router = APIRouter(tags=["what-if"])

MOST_VARIANTS = 1000
MOST_WITH_ROWS = 50
"""A longer list is answered without rows unless they are asked for: they would be a thousand times the costs."""

EXAMPLE = {
    "dataset": "cifar10",
    "architecture": {"name": "resnet20"},
    "steps": [{"kind": "spatial_separable", "rank": {"rule": "ratio", "value": 0.5}, "layers": {"exclude": ["conv1"]}}],
}


def _one_or_many(body: Any) -> str:
    return "many" if isinstance(body, list) else "one"


Variants = Annotated[
    Annotated[Variant, Tag("one")]
    | Annotated[list[Variant], Tag("many"), Body(min_length=1, max_length=MOST_VARIANTS)],
    Discriminator(_one_or_many),
]


@router.post("/whatif", response_model=WhatIf | Items[WhatIf], responses=documented(413, 422))
def what_if(
    house: TheHouse,
    body: Annotated[
        Variants,
        Body(
            openapi_examples={
                "one": {"summary": "One variant; the recipe may be left out", "value": EXAMPLE},
                "many": {"summary": "Up to 1,000 variants", "value": [EXAMPLE, {**EXAMPLE, "steps": []}]},
            }
        ),
    ],
    layers: Annotated[
        bool | None,
        Query(description=f"Whether to answer rows; by default for one variant and lists of up to {MOST_WITH_ROWS}."),
    ] = None,
) -> Response:
    """Cost, baseline and per-layer rows of a variant, or of each of a list in the same order."""
    specs = Specs(house.folders)
    if isinstance(body, Variant):
        resolved, _, found = examine(body, specs)
        return _json(what_if_json(resolved, found, layers=layers is not False))
    rows = len(body) <= MOST_WITH_ROWS if layers is None else layers
    examined = [examine(variant, specs, (place,)) for place, variant in enumerate(body)]
    return _json(items_json([what_if_json(resolved, found, layers=rows) for resolved, _, found in examined]))


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")
