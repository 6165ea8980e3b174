"""Accuracy against cost: the chart that a study is read from."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go

from backend.figures.front import pareto_front
from backend.figures.style import COLOURS, FRONT, SYMBOLS, Theme, axis, layout

CostKey = Literal["macs", "params", "bits", "activations"]

TITLES: dict[CostKey, str] = {
    "macs": "MACs for one image",
    "params": "Parameters",
    "bits": "Stored bits",
    "activations": "Activations for one image",
}

UNITS: dict[CostKey, str] = {
    "macs": "MACs",
    "params": "parameters",
    "bits": "stored bits",
    "activations": "activations",
}
LEAST_SPAN = 4  # of a logarithmic axis, from end to end
LABEL_CHARACTERS = 44  # a line of the hover text; more would not fit beside a point on a narrow screen


@dataclass(frozen=True)
class Point:
    """One finished run: its cost, its top-1 with the 95 % interval (fractions), and the family it is drawn in."""

    run_id: str
    label: str
    family: str
    cost: int
    top1: float
    low: float
    high: float


def tradeoff(points: Sequence[Point], x: CostKey, theme: Theme, *, log: bool = False) -> dict[str, Any]:
    """Return a Plotly figure: one trace a family, told apart by colour and shape, and the front as a line.

    Each point's `customdata` is [run id, label, cost, top-1 %, low %, high %, on the front].
    """
    figure = go.Figure(layout=layout(theme, showlegend=True, hovermode="closest"))
    front = pareto_front([(point.cost, point.top1) for point in points])
    figure.add_scatter(
        x=[points[i].cost for i in front],
        y=[100 * points[i].top1 for i in front],
        name="Pareto front",
        mode="lines",
        line={"color": FRONT[theme], "width": 1.5, "dash": "dot", "shape": "hv"},
        hoverinfo="skip",
    )
    on_front = {points[i].run_id for i in front}
    for number, family in enumerate(dict.fromkeys(point.family for point in points)):
        _add_family(figure, family, [p for p in points if p.family == family], number, theme, x, on_front)
    costs = [point.cost for point in points]
    scale = {"type": "log", "dtick": _log_ticks(costs)} if log else {"type": "linear", "rangemode": "tozero"}
    figure.update_xaxes(axis(theme, TITLES[x], tickformat="~s", **scale))
    if log and costs:
        _add_room(figure, costs)
    figure.update_yaxes(axis(theme, "Top-1 accuracy, 95 % interval", ticksuffix=" %"))
    return as_json(figure)


def _log_ticks(costs: Sequence[int]) -> str:
    """Return Plotly's name for ticks at 1, 2 and 5 of each decade, or at every digit where that would leave too few."""
    return "D2" if costs and max(costs) > 5 * min(costs) else "D1"


def _add_room(figure: go.Figure, costs: Sequence[int]) -> None:
    """Keep a logarithmic axis from closing in on runs of one cost: it always reaches beyond them on both sides.

    The line cannot be seen; the automatic range takes it in (`autorangeoptions.include` fails on logarithmic axes).
    """
    low, high = min(costs), max(costs)
    room = max(1.1, math.sqrt(LEAST_SPAN * low / high))
    figure.add_shape(
        {"type": "line", "xref": "x", "yref": "paper", "x0": low / room, "x1": high * room, "y0": 0, "y1": 0}
        | {"line": {"width": 0}, "opacity": 0}
    )


def as_json(figure: go.Figure) -> dict[str, Any]:
    """Return the figure as plain JSON data, without the default template that would repeat itself in every answer."""
    figure.update_layout(template="none")
    plain: dict[str, Any] = figure.to_plotly_json()
    plain["layout"].pop("template", None)
    return plain


def _add_family(
    figure: go.Figure, family: str, members: Sequence[Point], number: int, theme: Theme, x: CostKey, on_front: set[str]
) -> None:
    colour = COLOURS[theme][number % len(COLOURS[theme])]
    figure.add_scatter(
        x=[point.cost for point in members],
        y=[100 * point.top1 for point in members],
        name=family,
        mode="markers",
        marker={
            "color": colour,
            "symbol": SYMBOLS[number % len(SYMBOLS)],
            "size": [12 if point.run_id in on_front else 9 for point in members],
            "line": {"width": [1.5 if point.run_id in on_front else 0 for point in members], "color": FRONT[theme]},
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [100 * (point.high - point.top1) for point in members],
            "arrayminus": [100 * (point.top1 - point.low) for point in members],
            "color": colour,
            "thickness": 1,
            "width": 3,
        },
        customdata=[
            [p.run_id, p.label, p.cost, 100 * p.top1, 100 * p.low, 100 * p.high, p.run_id in on_front] for p in members
        ],
        hovertext=["<br>".join(textwrap.wrap(point.label, LABEL_CHARACTERS)) for point in members],
        hovertemplate="%{hovertext}<br>top-1 %{y:.2f} %, 95 % interval %{customdata[4]:.2f} to %{customdata[5]:.2f}"
        f"<br>%{{x:,}} {UNITS[x]}<extra></extra>",
    )
