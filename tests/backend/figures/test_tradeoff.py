"""The trade-off chart over studies of all shapes."""

import json
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import plotly.io
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.figures.axes import AXES
from backend.figures.published import Reference
from backend.figures.tradeoff import Point, tradeoff

MACS, LATENCY, SCORE = AXES["macs"], AXES["latency"], AXES["course_score"]
GRID = [
    Reference("1.0 MobileNet-224", "MobileNetV1", 569e6, 0.706, "Howard et al. 2017, Table 6"),
    Reference("0.5 MobileNet-224", "MobileNetV1", 149e6, 0.637, "Howard et al. 2017, Table 6"),
    Reference("SqueezeNet", "SqueezeNet", 0, 0.575, "Iandola et al. 2016"),
]


def point(number: int, cost: float | None, top1: float, **more: Any) -> Point:
    return Point(f"run_{number}", f"run {number}", f"family {number % 3}", cost, top1, top1 - 0.01, top1 + 0.01, **more)


def study(*places: tuple[float | None, float]) -> list[Point]:
    return [point(number, cost, top1) for number, (cost, top1) in enumerate(places)]


def opened(figure: dict[str, Any]) -> go.Figure:
    """The figure as a notebook has it."""
    return plotly.io.from_json(json.dumps(figure, allow_nan=False))


def drawn(figure: dict[str, Any]) -> list[list[Any]]:
    """The points' customdata, published ones included."""
    return [row for trace in opened(figure).data for row in trace.customdata or ()]


def notes(figure: dict[str, Any]) -> str:
    return " ".join(str(note.text) for note in opened(figure).layout.annotations)


SHAPES: dict[str, list[Point]] = {
    "none": [],
    "one": study((1e6, 0.9)),
    "equal": study(*[(1e6, 0.9)] * 4),
    "ties": study((1e6, 0.9), (1e6, 0.8), (2e6, 0.9), (2e6, 0.95)),
    "one bad": study((1e6, 0.1), (2e6, 0.97), (3e6, 0.98)),
    "at zero": study((0, 0.9), (0, 0.8), (5, 0.95)),
    "all at zero": study((0, 0.9), (0, 0.8)),
    "not known": study((None, 0.9), (None, 0.8)),
    "some not known": study((None, 0.9), (1e6, 0.8)),
    "far apart": study((1, 0.5), (1e12, 0.9)),
    "perfect": study((1e6, 0.99), (2e6, 0.99)),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("references", [[], GRID], ids=["alone", "published"])
@pytest.mark.parametrize("axis", [MACS, SCORE, LATENCY], ids=lambda axis: axis.key)
def test_a_study_of_any_shape_is_drawn(name: str, log: bool, references: list[Reference], axis: Any) -> None:
    points = SHAPES[name]
    figure = tradeoff(points, axis, "light", log=log, references=references, limit=axis.limit("cifar10"))
    costs = [p.cost for p in points if p.cost is not None] + [one.cost for one in references]
    is_log = opened(figure).layout.xaxis.type == "log"
    assert is_log == (log and any(cost > 0 for cost in costs))

    def placed(cost: float | None) -> bool:
        return cost is not None and (cost > 0 or not is_log)

    shown = [row[0] for row in drawn(figure) if row[0] is not None]
    assert sorted(shown) == sorted(p.run_id for p in points if placed(p.cost))
    assert sum(row[0] is None for row in drawn(figure)) == sum(placed(one.cost) for one in references)
    meta = figure["layout"]["meta"]
    assert meta["without"] == len(points) - len(shown)
    y_range = figure["layout"]["yaxis"].get("range", [0, 100])
    assert meta["below"] == sum(row[0] is not None and row[3] < y_range[0] for row in drawn(figure))
    assert all(y_range[0] < 100 * one.top1 < y_range[1] for one in references if placed(one.cost))


def front(figure: dict[str, Any]) -> Sequence[tuple[float, float]]:
    trace = next(trace for trace in figure["data"] if trace["name"] == "Pareto front")
    return list(zip(trace["x"], trace["y"], strict=True))


def test_published_results_are_beside_the_runs_never_on_the_front() -> None:
    figure = tradeoff(SHAPES["ties"], MACS, "dark", references=GRID)
    assert front(figure) == front(tradeoff(SHAPES["ties"], MACS, "dark")) == [(1e6, 90), (2e6, 95)]
    traces = [trace for trace in opened(figure).data if trace.customdata and trace.customdata[0][0] is None]
    assert [trace.name for trace in traces] == ["MobileNetV1", "SqueezeNet"]
    assert len({trace.marker.symbol for trace in traces}) == 2
    for trace in traces:
        assert trace.marker.symbol.endswith("-open")
        assert "published top-1" in trace.hovertemplate
        assert "%{x" in trace.hovertemplate
    source = "Howard et al. 2017, Table 6"
    assert traces[0].customdata[0] == [None, "1.0 MobileNet-224", 569e6, 70.6, None, None, False, source]
    assert "%{text}" in traces[0].hovertemplate
    assert traces[0].text[0] == source


def test_a_bad_run_is_told_at_the_edge_and_stays_on_the_chart() -> None:
    figure = tradeoff(SHAPES["one bad"], MACS, "light")
    assert len(drawn(figure)) == 3  # zooming out shows it
    low, high = figure["layout"]["yaxis"]["range"]
    assert 90 < low < 96
    assert 99 < high < 101
    assert "autorange" not in figure["layout"]["yaxis"]
    assert "↓ 1 run below" in notes(figure)
    assert "range" not in tradeoff(SHAPES["ties"], MACS, "light")["layout"]["yaxis"]


def test_runs_without_a_place_are_told() -> None:
    points = study((None, 0.9), (None, 0.9), (0, 0.9), (3, 0.9))
    assert notes(tradeoff(points, MACS, "light")) == "2 runs without a value"
    assert notes(tradeoff(points, MACS, "light", log=True)) == "2 runs without a value · 1 run at 0, not on a log axis"
    assert notes(tradeoff(study((3, 0.9)), MACS, "light", log=True)) == ""


@pytest.mark.parametrize(
    ("key", "dataset", "top1", "label"),
    [
        ("course_score", "cifar10", 90, "90 % needed"),
        ("course_score", "digits", 90, "90 % needed on CIFAR-10"),
        ("course_score_2021", "cifar100", 80, "80 % needed"),
        ("micronet_2019", "imagenet", 75, "75 % needed"),
        ("micronet_2019", "cifar100", 80, "80 % needed"),
    ],
)
def test_a_score_draws_the_accuracy_it_asks_for(key: str, dataset: str, top1: float, label: str) -> None:
    limit = AXES[key].limit(dataset)
    assert limit is not None
    assert limit.top1 == pytest.approx(top1)
    layout = opened(tradeoff(SHAPES["one bad"], AXES[key], "light", limit=limit)).layout
    line = next(shape for shape in layout.shapes if shape.yref == "y")
    assert (line.y0, line.y1, line.x0, line.x1, line.xref) == (limit.top1, limit.top1, 0, 1, "paper")
    (note,) = (note for note in layout.annotations if note.yref == "y")
    assert (note.y, note.text) == (limit.top1, label)
    assert layout.yaxis.range[0] < limit.top1 < layout.yaxis.range[1]


@pytest.mark.parametrize(("key", "dataset"), [("macs", "cifar10"), ("latency", "cifar10"), ("micronet_2019", "digits")])
def test_what_asks_for_no_accuracy_draws_no_limit(key: str, dataset: str) -> None:
    assert AXES[key].limit(dataset) is None


def test_every_cost_and_score_is_an_axis_under_its_own_words() -> None:
    assert {"params", "macs", "bits", "activations", "memory", "micronet_2019", "course_score", "latency"} <= set(AXES)
    assert AXES["macs"].name == "MACs"
    assert AXES["bits"].name == "Stored bits"
    assert AXES["memory"].name.endswith("(byte)")
    assert LATENCY.name == "Measured latency (ms)"
    for axis in AXES.values():
        assert axis.title in axis.hover
        assert opened(tradeoff([], axis, "light")).layout.xaxis.title.text == axis.name


def test_a_measured_latency_has_its_spread_and_says_how() -> None:
    one = point(0, 0.5, 0.9, spread=(0.4, 0.8), setting="a processor, 1 thread, fp32")
    other = point(3, 0.7, 0.9, spread=(0.7, 0.7), setting="a GPU, 1 thread, bf16")
    figure = tradeoff([one, other, point(6, None, 0.9)], LATENCY, "light", log=True)
    (trace,) = (trace for trace in opened(figure).data if trace.customdata)
    assert trace.error_x.array == pytest.approx([0.3, 0])
    assert trace.error_x.arrayminus == pytest.approx([0.1, 0])
    assert "a processor, 1 thread" in trace.hovertext[0]
    assert notes(figure) == "1 run without a value · measured in 2 settings"
    assert "settings" not in notes(tradeoff([one, one], LATENCY, "light"))


@given(
    st.lists(st.tuples(st.none() | st.integers(0, 9), st.floats(0, 1)), max_size=20),
    st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1)), max_size=4),
    st.booleans(),
)
def test_any_runs_and_references(
    places: list[tuple[int | None, float]], published: list[tuple[int, float]], log: bool
) -> None:
    references = [Reference(f"net {i}", "nets", cost, top1, "a paper") for i, (cost, top1) in enumerate(published)]
    figure = tradeoff(study(*places), MACS, "light", log=log, references=references)
    rows = [row for row in drawn(figure) if row[0] is not None]
    on_front = {(row[2], row[3]) for row in rows if row[6]}
    assert on_front == set(front(figure))
    best = [(cost, gain) for _, _, cost, gain, *_ in rows]
    for cost, gain in best:
        beaten = any((c, g) != (cost, gain) and c <= cost and g >= gain for c, g in best)
        assert beaten == ((cost, gain) not in on_front)
