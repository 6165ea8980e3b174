"""Published tables: what papers and repositories print for known networks, beside what the same networks cost here.

A figure from the literature is only ever data with its source; what is recomputed is counted when it is asked for.
"""

from functools import cache

from paretoscope.costs.estimate import estimate
from paretoscope.costs.quantities import Cost
from paretoscope.costs.references import (
    deep_compression,
    kuangliu,
    mobilenet_v1,
    mobilenet_v2,
    pruned,
    resnet_cifar,
    resnext,
    sal,
    squeezenet,
    transformers,
)
from paretoscope.costs.references.base import COLUMNS, Column, Reference, Status, Table, agrees
from paretoscope.datasets.spec import BUILT_IN
from paretoscope.variants import Variant

TABLES: tuple[Table, ...] = (
    *squeezenet.TABLES,
    *mobilenet_v1.TABLES,
    *mobilenet_v2.TABLES,
    *resnext.TABLES,
    *resnet_cifar.TABLES,
    *kuangliu.TABLES,
    *sal.TABLES,
    *deep_compression.TABLES,
    *pruned.TABLES,
    *transformers.TABLES,
)


@cache
def recomputed(reference: Reference) -> Cost | None:
    """Return what the row's network costs here, None where it cannot be built here."""
    if reference.variant is None:
        return None
    variant = Variant.model_validate(reference.variant)
    return estimate(variant, BUILT_IN[variant.dataset]).cost


@cache
def overlay(dataset: str) -> tuple[Reference, ...]:
    """Return the rows that can be drawn as points beside runs on a data set: an accuracy and its cost; each once.

    Tables of compressed networks without their MACs and parameters are left out: what is recomputed there is the
    network before compression.
    """
    tables = [table for table in TABLES if "original_top1" not in table.columns]
    rows = [row for table in tables for row in table.rows if row.dataset == dataset and row.top1 is not None]
    drawn = [row for row in rows if row.variant is not None or {"params", "macs"} & set(row.published)]
    return tuple({(row.label, row.top1): row for row in reversed(drawn)}.values())[::-1]


@cache
def published(architecture: str) -> tuple[Reference, ...]:
    """Return the rows that an architecture, by its name, recomputes."""
    return tuple(
        row
        for table in TABLES
        for row in table.rows
        if row.variant is not None and row.variant["architecture"]["name"] == architecture
    )


__all__ = [
    "COLUMNS",
    "TABLES",
    "Column",
    "Reference",
    "Status",
    "Table",
    "agrees",
    "overlay",
    "published",
    "recomputed",
]
