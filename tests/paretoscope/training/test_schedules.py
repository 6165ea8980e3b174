from math import cos, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paretoscope.recipe import Constant, Cosine, StepDecay
from paretoscope.training.schedules import rate_factor


def test_cosine_warms_up_to_the_peak_and_falls() -> None:
    factors = [rate_factor(Cosine(warmup=0.25), step, 8) for step in range(8)]
    assert factors[:3] == [0.5, 1.0, 1.0]
    assert factors[5] == pytest.approx((1 + cos(pi / 2)) / 2)
    assert factors[2:] == sorted(factors[2:], reverse=True)


def test_steps_fall_at_the_milestones() -> None:
    schedule = StepDecay(milestones=(0.5, 0.75), gamma=0.1)
    factors = [rate_factor(schedule, step, 8) for step in range(8)]
    assert factors == pytest.approx([1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01])


schedules = st.one_of(
    st.builds(Cosine, warmup=st.floats(0, 0.999)),
    st.builds(StepDecay, gamma=st.floats(0.01, 1)),
    st.just(Constant()),
)


@given(schedules, st.integers(1, 10_000), st.data())
def test_a_rate_is_positive_and_at_most_the_peak(
    schedule: Cosine | StepDecay | Constant, steps: int, data: st.DataObject
) -> None:
    step = data.draw(st.integers(0, steps - 1))
    assert 0 < rate_factor(schedule, step, steps) <= 1
