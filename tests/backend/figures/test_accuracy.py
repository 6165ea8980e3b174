"""The accuracies that a chart opens on, over studies of all shapes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.figures.accuracy import opening


def runs(*top1: float) -> list[tuple[float, float, float]]:
    """Runs with an interval of half a point to each side."""
    return [(value, max(0, value - 0.5), min(100, value + 0.5)) for value in top1]


@pytest.mark.parametrize(
    "top1",
    [
        (),
        (50,),
        (10, 98),  # of two, neither is the bad one
        (97, 98, 98.5),
        (98, 98, 98, 98),
        (10, 30, 50, 70, 90),
        (10, 11, 97, 98),  # half of them is no exception
        (80, 98, 99),  # a strong compression is no failure
    ],
)
def test_all_is_shown_where_nothing_flattens_the_rest(top1: tuple[float, ...]) -> None:
    assert opening(runs(*top1)) is None


@pytest.mark.parametrize(
    ("top1", "below"), [((10, 97, 98), 1), ((10, 98, 98, 98), 1), ((10, 11, 95, 96, 97, 98), 2), ((0, 77, 97, 98), 1)]
)
def test_bad_runs_do_not_flatten_the_rest(top1: tuple[float, ...], below: int) -> None:
    found = opening(runs(*top1))
    assert found is not None
    assert found.below == below
    others = top1[below:]
    assert min(others) - 0.5 > found.low > top1[below - 1]
    assert found.high > max(others) + 0.5
    assert found.high - found.low < 1.2 * (max(others) - min(others) + 1)


def test_what_has_to_be_seen_beside_the_runs_is_in_the_range() -> None:
    found = opening(runs(10, 97, 98), [90, 99.5])
    assert found is not None
    assert found.low < 90
    assert found.high > 99.5
    assert found.below == 1
    # A published result that is lower still brings the run back.
    assert opening(runs(10, 97, 98), [5]) is None


@given(st.lists(st.floats(0, 100), max_size=30), st.lists(st.floats(0, 100), max_size=3))
def test_the_count_is_that_of_the_runs_under_the_range(top1: list[float], others: list[float]) -> None:
    found = opening(runs(*top1), others)
    if found is None:
        return
    assert found.below == sum(value < found.low for value in top1)
    assert 1 <= found.below <= len(top1) / 2
    assert all(found.low < value < found.high for value in [max(top1), *others])
