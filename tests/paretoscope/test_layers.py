"""Layer selectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paretoscope.layers import LayerSelector

NAMES = ["conv1", "layer1.0.conv1", "layer1.0.conv2", "layer1.0.conv2.vertical", "layer10.0.conv1", "fc"]


@pytest.mark.parametrize(
    ("include", "exclude", "selected"),
    [
        (["*"], [], NAMES),
        (["conv1"], [], ["conv1"]),
        (["*"], ["conv1"], NAMES[1:]),
        (["layer1"], [], NAMES[1:4]),
        (["layer1.*"], [], NAMES[1:4]),
        (["layer1.0.conv2"], [], NAMES[2:4]),
        (["*.conv2"], ["*.vertical"], ["layer1.0.conv2"]),
        (["*.conv[12]"], [], NAMES[1:5]),
    ],
)
def test_patterns_mean_layers_and_what_contains_them(
    include: list[str], exclude: list[str], selected: list[str]
) -> None:
    selector = LayerSelector.model_validate({"include": include, "exclude": exclude})
    assert selector.select(NAMES) == set(selected)


def test_unmatched_patterns_of_both_lists_are_found() -> None:
    selector = LayerSelector(include=("conv1", "nope"), exclude=("never",))
    assert selector.unmatched(NAMES) == ["nope", "never"]


@given(st.text(alphabet="*?[]!ab.", min_size=1, max_size=200))
def test_no_pattern_hangs_or_breaks(pattern: str) -> None:
    LayerSelector(include=(pattern,)).select(["a" * 60 + ".b"])
