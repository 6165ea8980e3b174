"""Published results as open symbols over a trade-off: to look at, never on the front."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from backend.figures.axes import Axis
from backend.figures.style import MUTED, SYMBOLS, Figure, Theme, scatter, wrapped
from paretoscope.costs import references

COSTS = ("macs", "params")
_TABLES = {table.key: table for table in references.TABLES}
_NOT_IN_A_LEGEND = re.compile(r"^CIFAR-\d+ networks of |(?::|, | (?:beside|against|as|at|on) ).*")


@dataclass(frozen=True)
class Reference:
    """A published result: top-1 as a fraction, its cost on the axis, the family it is drawn in, and who says so."""

    label: str
    family: str
    cost: float
    top1: float
    source: str


@cache
def published(dataset: str, key: str) -> tuple[Reference, ...]:
    """Return the published results on a data set that have a cost of that key: MACs or parameters, and no other.

    The cost is the published one. Where none was printed but the network is known here, it is counted here, and the
    source says so; a compressed network's is not, since its table tells of the network before compression.
    """
    if key not in COSTS:
        return ()
    found = []
    for row in references.overlay(dataset):
        table = _TABLES[row.table]
        source = f"{row.source.title} ({row.source.year}), {row.place}"
        if table.status != "read in the source":
            source += f", {table.status}"
        cost = row.published.get(key)
        if cost is None and "original_top1" not in row.published and (counted := references.recomputed(row)):
            cost, source = getattr(counted, key), f"{source}; cost counted here"
        if cost is not None and row.top1 is not None:
            family = _NOT_IN_A_LEGEND.sub("", table.title)
            found.append(Reference(row.label, family, float(cost), row.top1, source))
    return tuple(found)


def add_references(figure: Figure, results: Sequence[Reference], axis: Axis, theme: Theme) -> None:
    """Add a trace for each family. `customdata` is that of runs, with null for what only a run has, and the source."""
    for number, family in enumerate(dict.fromkeys(one.family for one in results)):
        members = [one for one in results if one.family == family]
        symbol = f"{SYMBOLS[number % len(SYMBOLS)]}-open"
        trace = scatter(
            x=[one.cost for one in members],
            y=[100 * one.top1 for one in members],
            name=family,
            mode="markers",
            marker={"color": MUTED[theme], "symbol": symbol, "size": 9, "line": {"width": 1.5}},
            customdata=[[None, one.label, one.cost, 100 * one.top1, None, None, False, one.source] for one in members],
            hovertext=[wrapped(one.label) for one in members],
            text=[wrapped(one.source) for one in members],
            hovertemplate=f"%{{hovertext}}<br>published top-1 %{{y:.2f}} %<br>{axis.hover}<br>%{{text}}<extra></extra>",
        )
        figure["data"].append(trace)
