"""Accuracy against cost: the chart that a study is read from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.figures.accuracy import opening
from backend.figures.axes import Axis, Limit
from backend.figures.front import pareto_front
from backend.figures.published import Reference, add_references
from backend.figures.style import COLOURS, FRONT, MUTED, SYMBOLS, Figure, Theme, axis, layout, scatter, wrapped

LEAST_SPAN = 4  # of a logarithmic axis, from end to end
FEW_DIGITS, MANY_DECADES = 5, 1000  # from end to end: ticks at every digit up to here, at each decade from there


@dataclass(frozen=True)
class Point:
    """One finished run: its cost (None where it is not known), its top-1 with the 95 % interval (fractions), and the
    family it is drawn in. A measured cost has a spread (low, high), and words on how it was measured.
    """

    run_id: str
    label: str
    family: str
    cost: float | None
    top1: float
    low: float
    high: float
    spread: tuple[float, float] | None = None
    setting: str = ""


@dataclass(frozen=True)
class _Drawn:
    """A point that has a place on the axis."""

    point: Point
    cost: float
    on_front: bool


def tradeoff(
    points: Sequence[Point],
    x: Axis,
    theme: Theme,
    *,
    log: bool = False,
    references: Sequence[Reference] = (),
    limit: Limit | None = None,
) -> Figure:
    """Return a Plotly figure: one trace a family, told apart by colour and shape, and the front as a line.

    Each point's `customdata` is [run id, label, cost, top-1 %, low %, high %, on the front]; a reference's run id is
    null. Runs without a place on the axis are left out: `layout.meta.without` says how many, `layout.meta.below` how
    many are under the accuracies that the chart opens on.
    """
    log = log and any(cost > 0 for cost in [*(p.cost or 0 for p in points), *(one.cost for one in references)])
    drawn = _placed(points, log=log)
    published = [one for one in references if one.cost > 0 or not log]
    spread = [end for one in drawn for end in one.point.spread or () if end > 0]
    costs = [*(one.cost for one in drawn), *spread, *(one.cost for one in published)]
    view = opening(
        [(100 * one.point.top1, 100 * one.point.low, 100 * one.point.high) for one in drawn],
        [*(100 * one.top1 for one in published), *([limit.top1] if limit else [])],
    )
    below, without = view.below if view else 0, len(points) - len(drawn)
    notes = _notes(below, points, drawn)
    figure: Figure = {
        "data": [_front(drawn, theme)],
        "layout": layout(
            theme,
            showlegend=True,
            hovermode="closest",
            meta={"without": without, "below": below},
            xaxis=_cost_axis(x, costs, theme, log=log),
            yaxis=axis(theme, "Top-1 accuracy, 95 % interval", ticksuffix=" %"),
            shapes=[*_room(costs if log else []), *_limit_lines(limit, theme)],
            annotations=[*_limit_labels(limit, theme), *_note_lines(notes, theme)],
        ),
    }
    if view:  # not fixed: a double click still shows all
        figure["layout"]["yaxis"]["range"] = [view.low, view.high]
    for number, family in enumerate(dict.fromkeys(one.point.family for one in drawn)):
        members = [one for one in drawn if one.point.family == family]
        figure["data"].append(_family(family, members, number, theme, x))
    add_references(figure, published, x, theme)
    return figure


def _placed(points: Sequence[Point], *, log: bool) -> list[_Drawn]:
    known = [(p, p.cost) for p in points if p.cost is not None and (p.cost > 0 or not log)]
    front = set(pareto_front([(cost, point.top1) for point, cost in known]))
    return [_Drawn(point, cost, index in front) for index, (point, cost) in enumerate(known)]


def _front(drawn: Sequence[_Drawn], theme: Theme) -> dict[str, Any]:
    front = sorted((one.cost, one.point.top1) for one in drawn if one.on_front)
    return scatter(
        x=[cost for cost, _ in front],
        y=[100 * top1 for _, top1 in front],
        name="Pareto front",
        mode="lines",
        line={"color": FRONT[theme], "width": 1.5, "dash": "dot", "shape": "hv"},
        hoverinfo="skip",
    )


def _family(family: str, members: Sequence[_Drawn], number: int, theme: Theme, x: Axis) -> dict[str, Any]:
    colour = COLOURS[theme][number % len(COLOURS[theme])]
    points = [one.point for one in members]
    bars = {"type": "data", "symmetric": False, "color": colour, "thickness": 1, "width": 3}
    trace = scatter(
        x=[one.cost for one in members],
        y=[100 * p.top1 for p in points],
        name=family,
        mode="markers",
        marker={
            "color": colour,
            "symbol": SYMBOLS[number % len(SYMBOLS)],
            "size": [12 if one.on_front else 9 for one in members],
            "line": {"width": [1.5 if one.on_front else 0 for one in members], "color": FRONT[theme]},
        },
        error_y={
            "array": [100 * (p.high - p.top1) for p in points],
            "arrayminus": [100 * (p.top1 - p.low) for p in points],
            **bars,
        },
        customdata=[
            [p.run_id, p.label, one.cost, 100 * p.top1, 100 * p.low, 100 * p.high, one.on_front]
            for one, p in zip(members, points, strict=True)
        ],
        hovertext=[wrapped(p.label) + (f"<br>{wrapped(p.setting)}" if p.setting else "") for p in points],
        hovertemplate="%{hovertext}<br>top-1 %{y:.2f} %, 95 % interval %{customdata[4]:.2f} to %{customdata[5]:.2f}"
        f"<br>{x.hover}<extra></extra>",
    )
    if any(p.spread for p in points):
        spreads = [(one.cost, one.point.spread or (one.cost, one.cost)) for one in members]
        array, minus = [high - cost for cost, (_, high) in spreads], [cost - low for cost, (low, _) in spreads]
        trace["error_x"] = {"array": array, "arrayminus": minus, **bars}
    return trace


def _cost_axis(x: Axis, costs: Sequence[float], theme: Theme, *, log: bool) -> dict[str, Any]:
    """Return the axis: a logarithmic one has ticks at 1, 2 and 5 of each decade, or at more or fewer digits."""
    if not any(costs):  # one tick, or Plotly would divide nothing into thousandths
        return axis(theme, x.name, tickvals=[0], type="linear")
    if not log:
        return axis(theme, x.name, tickformat=x.tickformat, type="linear", rangemode="tozero")
    ends = max(costs) / min(costs)
    ticks = {"dtick": "D1"} if ends <= FEW_DIGITS else {"dtick": "D2"} if ends <= MANY_DECADES else {}
    return axis(theme, x.name, tickformat=x.tickformat, type="log", **ticks)


def _room(costs: Sequence[float]) -> list[dict[str, Any]]:
    """Keep a logarithmic axis from closing in on runs of one cost: it always reaches beyond them on both sides.

    The line cannot be seen; the automatic range takes it in (`autorangeoptions.include` fails on logarithmic axes).
    """
    if not costs:
        return []
    low, high = min(costs), max(costs)
    room = max(1.1, math.sqrt(LEAST_SPAN * low / high))
    place = {"xref": "x", "yref": "paper", "x0": low / room, "x1": high * room, "y0": 0, "y1": 0}
    return [{"type": "line", **place, "line": {"width": 0}, "opacity": 0}]


def _limit_lines(limit: Limit | None, theme: Theme) -> list[dict[str, Any]]:
    """Return the line, and one that cannot be seen to keep it off the chart's edge."""
    if limit is None:
        return []
    place = {"type": "line", "xref": "paper", "yref": "y", "x0": 0}
    seen = {"x1": 1, "y0": limit.top1, "y1": limit.top1}
    look = {"line": {"color": MUTED[theme], "width": 1.5, "dash": "dash"}, "layer": "below"}
    room = {"x1": 0, "y0": limit.top1 - 1, "y1": limit.top1 + 1, "line": {"width": 0}, "opacity": 0}
    return [place | seen | look, place | room]


def _limit_labels(limit: Limit | None, theme: Theme) -> list[dict[str, Any]]:
    if limit is None:
        return []
    place = {"xref": "paper", "yref": "y", "x": 0, "y": limit.top1, "xanchor": "left", "yanchor": "bottom"}
    return [_text(limit.label, theme) | place]


def _note_lines(notes: Sequence[str], theme: Theme) -> list[dict[str, Any]]:
    """Return the notes at the lower edge, above where the page says which variant is edited."""
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "bottom", "yshift": 20}
    return [_text(" · ".join(notes), theme) | place] if notes else []


def _text(text: str, theme: Theme) -> dict[str, Any]:
    return {"text": text, "showarrow": False, "font": {"color": MUTED[theme], "size": 12}}


def _notes(below: int, points: Sequence[Point], drawn: Sequence[_Drawn]) -> list[str]:
    """Say what is not seen, and what cannot be compared."""
    unknown = sum(point.cost is None for point in points)
    told = (
        (below, "below"),
        (unknown, "without a value"),
        (len(points) - len(drawn) - unknown, "at 0, not on a log axis"),
    )
    notes = [f"{_runs(count)} {what}" for count, what in told if count]
    if below:
        notes[0] = f"↓ {notes[0]}"
    settings = len({one.point.setting for one in drawn})
    if settings > 1:
        notes.append(f"measured in {settings} settings")
    return notes


def _runs(count: int) -> str:
    return f"{count:,} run{'' if count == 1 else 's'}".replace(",", "\u202f")
