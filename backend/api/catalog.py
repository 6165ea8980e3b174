"""`/catalog`: everything there is to choose from."""

from typing import Any

from fastapi import APIRouter

from backend.api.dependencies import TheHouse
from paretoscope.catalog import catalog
from paretoscope.datasets import available

router = APIRouter(tags=["catalog"])


@router.get("/catalog")
def read_catalog(house: TheHouse) -> dict[str, Any]:
    """Data sets, architectures, steps, recipe and costs, with help, source and the JSON Schema of their parameters."""
    return catalog(available(house.folders))
