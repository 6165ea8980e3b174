"""`/whatif`: what variants cost, at once, without a job or a row."""

from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import Discriminator, Tag

from backend.api.dependencies import TheHouse
from backend.api.models import Items, WhatIf
from backend.errors import documented
from backend.submissions import examine
from paretoscope.variants import Variant

router = APIRouter(tags=["what-if"])

MOST_VARIANTS = 1000

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


@router.post("/whatif", responses=documented(413, 422))
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
) -> WhatIf | Items[WhatIf]:
    """Cost, baseline and per-layer rows of a variant, or of each of a list in the same order."""
    if isinstance(body, Variant):
        resolved, _, found = examine(body, house.folders)
        return WhatIf.of(resolved, found)
    examined = [examine(variant, house.folders, (place,)) for place, variant in enumerate(body)]
    return Items(items=[WhatIf.of(resolved, found) for resolved, _, found in examined])
