"""The Pareto front against its definition."""

from hypothesis import given
from hypothesis import strategies as st

from backend.figures.axes import AXES
from backend.figures.front import pareto_front
from backend.figures.tradeoff import Point, tradeoff

points = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20)


@given(points)
def test_the_front_is_what_nothing_beats(some: list[tuple[int, int]]) -> None:
    def beaten(cost: int, gain: int) -> bool:
        return any((c, g) != (cost, gain) and c <= cost and g >= gain for c, g in some)

    expected = {index for index, (cost, gain) in enumerate(some) if not beaten(cost, gain)}
    front = pareto_front(some)
    assert set(front) == expected
    assert [some[i] for i in front] == sorted(some[i] for i in front)


@given(points)
def test_a_figure_of_any_study_can_be_drawn(some: list[tuple[int, int]]) -> None:
    runs = [
        Point(f"run_{i}", f"run {i}", f"family {i % 9}", cost, gain / 8, gain / 9, min(1, gain / 7))
        for i, (cost, gain) in enumerate(some)
    ]
    figure = tradeoff(runs, AXES["macs"], "light")
    drawn = [row[0] for trace in figure["data"][1:] for row in trace["customdata"]]
    assert sorted(drawn) == sorted(run.run_id for run in runs)
