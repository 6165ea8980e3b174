"""A convolution taken apart: the lecture's example, the papers' layers, and every formula against its count."""

import re
from fractions import Fraction
from itertools import product
from math import isclose, prod
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from torch import nn
from torch.nn.functional import conv2d

from paretoscope.costs.estimate import estimate
from paretoscope.datasets.spec import BUILT_IN
from paretoscope.lecture.convolution import Convolution
from paretoscope.lecture.examples import CONVOLUTIONS
from paretoscope.lecture.shift import Shift
from paretoscope.lecture.ways import Way, compare
from paretoscope.variants import Variant


def ways(**options: Any) -> dict[str, Way]:
    return {way.kind: way for way in compare(Convolution(**options))}


def test_the_lecture_s_example() -> None:
    found = ways()
    standard, separable = found["standard"], found["depthwise_separable"]
    assert (standard.macs, standard.params) == (86_400, 3_456)
    assert (separable.macs, separable.params) == (675 + 9_600, 27 + 384)
    assert separable.ratio == separable.params_ratio == pytest.approx(float(Fraction(1, 128) + Fraction(1, 9)))
    assert separable.fraction == "1/128 + 1/9"
    assert standard.formula is not None
    assert separable.formula is not None
    assert standard.formula.macs.numbers == "5·5·3·3·3·128 = 86\u202f400"
    assert standard.formula.macs.symbols == "Hout·Wout·h·w·Din·Dout"
    assert separable.formula.macs.numbers == "5·5·3·3·3 + 5·5·3·128 = 675 + 9\u202f600 = 10\u202f275"
    assert separable.formula.params.numbers == "3·3·3 + 3·128 = 27 + 384 = 411"
    assert [layer.out_shape for layer in separable.layers] == [(3, 5, 5), (128, 5, 5)]


def test_three_channels_cannot_be_halved() -> None:
    grouped = ways()["grouped"]
    assert grouped.macs is None
    assert grouped.unavailable is not None
    assert "3 → 128" in grouped.unavailable


def test_alexnet_s_second_layer_is_halved_by_its_groups() -> None:
    found = ways(height=27, width=27, padding="same", kernel=(5, 5), in_channels=96, out_channels=256, groups=2)
    assert found["standard"].macs == 447_897_600
    assert found["grouped"].macs == 223_948_800
    assert found["grouped"].params == 307_456 - 256
    assert found["grouped"].fraction == "1/2"


def test_mobilenet_s_table_3() -> None:
    found = ways(height=14, width=14, padding="same", in_channels=512, out_channels=512)
    millions = [(round((way.macs or 0) / 1e6, 1), round((way.params or 0) / 1e6, 2)) for way in found.values()]
    assert millions[0] == (462.4, 2.36)
    assert millions[2] == (52.3, 0.27)


def test_spatially_separable_mixes_channels_and_the_slide_s_count_does_not() -> None:
    found = ways(rank=2)
    mixing, each = found["spatially_separable"], found["spatially_separable_each"]
    # A valid 3×1 window leaves 5 of 7 rows and all 7 columns; the 1×3 one then leaves 5 columns.
    assert mixing.macs == 5 * 7 * 3 * 3 * 2 + 5 * 5 * 3 * 2 * 128
    assert mixing.params == 2 * 3 * (3 + 128)
    assert (mixing.rank, mixing.largest_rank) == (2, 9)
    assert each.params == (3 + 3) * 3
    assert each.layers[-1].out_shape == (3, 5, 5)


@pytest.mark.parametrize("rank", [None, 1, 9])
def test_the_rank_is_the_person_s_or_halves_the_macs(rank: int | None) -> None:
    way = ways(height=32, width=32, padding="same", out_channels=128, rank=rank)["spatially_separable"]
    assert way.rank == (rank or 4)  # half of 9·3·128, over 3·(3 + 128) for each rank, is 4.4
    assert rank is not None or (way.ratio or 1) <= 0.5


def test_a_rank_beyond_the_kernel_s_is_refused_alone() -> None:
    found = ways(rank=10)
    assert "at most min(3·3, 128·3) = 9" in (found["spatially_separable"].unavailable or "")
    assert found["depthwise_separable"].macs == 10_275


def test_a_shift_costs_nothing_itself() -> None:
    way = ways()["shift"]
    assert [(layer.macs, layer.params) for layer in way.layers] == [(0, 0), (5 * 5 * 3 * 128, 3 * 128)]
    assert way.fraction == "1/9"
    assert "4 bits" in (way.note or "")
    assert way.layers[0].taps is not None
    assert len(way.layers[0].taps) == 3


@pytest.mark.parametrize("kernel", [(1, 1), (1, 5), (5, 1)])
def test_what_has_one_dimension_already_says_so(kernel: tuple[int, int]) -> None:
    found = ways(kernel=kernel, in_channels=4)
    assert found["spatially_separable"].unavailable
    assert found["spatially_separable_each"].unavailable
    assert (found["depthwise_separable"].unavailable is None) == (kernel != (1, 1))
    assert found["shift"].macs is not None
    assert found["grouped"].macs is not None


@st.composite
def convolutions(draw: st.DrawFn) -> Convolution:
    odd = draw(st.booleans())
    sides = st.sampled_from([1, 3, 5, 7]) if odd else st.integers(1, 6)
    groups = draw(st.integers(1, 4))
    return Convolution(
        height=draw(st.integers(7, 20)),
        width=draw(st.integers(7, 20)),
        padding="same" if odd else "none",
        kernel=(draw(sides), draw(sides)),
        in_channels=groups * draw(st.integers(1, 9)),
        out_channels=groups * draw(st.integers(1, 9)),
        stride=draw(st.integers(1, 3)),
        groups=groups,
        rank=draw(st.sampled_from([None, 1, 2])),
    )


def evaluated(text: str) -> float:
    """The value of a sum of products, each perhaps over a divisor."""
    total = 0.0
    for term in text.replace("\u202f", "").split(" + "):
        product_text, _, divisor = term.partition(" / ")
        total += prod(map(int, product_text.split("·"))) / int(divisor or 1)
    return total


@settings(max_examples=60, deadline=None)
@given(convolutions())
def test_every_side_of_a_formula_is_what_was_counted(asked: Convolution) -> None:
    for way in compare(asked):
        if way.formula is None:
            assert way.unavailable
            continue
        for formula, counted in ((way.formula.macs, way.macs), (way.formula.params, way.params)):
            sides = formula.numbers.split(" = ")
            assert [evaluated(side) for side in sides] == [counted] * len(sides)
            assert len(re.findall(r"[·+/]", formula.symbols)) == len(re.findall(r"[·+/]", sides[0])) + (
                way.kind == "grouped" and asked.groups == 1
            )


@settings(max_examples=60, deadline=None)
@given(convolutions())
def test_a_fraction_is_the_ratio(asked: Convolution) -> None:
    for way in compare(asked):
        if way.fraction is not None and way.ratio is not None:
            exact = sum((Fraction(part) for part in way.fraction.split(" + ")), Fraction(0))
            assert isclose(float(exact), way.ratio, rel_tol=1e-12)
            assert isclose(float(exact), way.params_ratio or 0, rel_tol=1e-12)


@settings(max_examples=60, deadline=None)
@given(convolutions())
def test_all_ways_but_the_slide_s_end_in_the_same_shape(asked: Convolution) -> None:
    found = [way for way in compare(asked) if way.layers]
    ends = {way.layers[-1].out_shape for way in found if way.kind != "spatially_separable_each"}
    assert len(ends) == 1
    for way in found:
        assert way.layers[0].in_shape == (asked.in_channels, asked.height, asked.width)
        assert all(a.out_shape == b.in_shape for a, b in zip(way.layers, way.layers[1:], strict=False))


@settings(max_examples=40, deadline=None)
@given(convolutions())
def test_a_shift_is_a_depthwise_convolution_with_one_hot_kernels(asked: Convolution) -> None:
    channels = asked.in_channels
    conv = asked.layer()
    assert isinstance(conv.padding, tuple)
    shift = Shift(channels, asked.kernel, (asked.stride, asked.stride), (conv.padding[0], conv.padding[1]))
    one_hot = torch.zeros(channels, 1, *asked.kernel)
    for channel, (row, column) in enumerate(shift.taps()):
        one_hot[channel, 0, row, column] = 1
    inputs = torch.randn(2, channels, asked.height, asked.width)
    wanted = conv2d(inputs, one_hot, stride=asked.stride, padding=conv.padding, groups=channels)
    torch.testing.assert_close(shift(inputs), wanted)


def test_enough_channels_are_dealt_to_every_tap_alike() -> None:
    taps = Shift(27, (3, 3), (1, 1), (1, 1)).taps()
    assert taps == tuple(tap for tap in product(range(3), range(3)) for _ in range(3))
    assert not list(Shift(27, (3, 3), (1, 1), (1, 1)).parameters())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kernel": (9, 3)}, "9×3 kernel does not fit into a 7×7 input"),
        ({"kernel": (2, 3), "padding": "same"}, "odd"),
        ({"kernel": (16, 3)}, "15"),
        ({"height": 0}, "greater than or equal to 1"),
        ({"height": 10**9}, "1024"),
        ({"in_channels": 10**400}, "4096"),
        ({"stride": 1.5}, "integer"),
        ({"groups": True}, "integer"),
        ({"rank": 0}, "greater than or equal to 1"),
        ({"depth": 3}, "depth"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(words)):
        Convolution(**options)


def test_the_examples_can_all_be_done_in_most_ways() -> None:
    assert CONVOLUTIONS[0].values == Convolution()
    for example in CONVOLUTIONS:
        assert sum(way.unavailable is None for way in compare(example.values)) >= 5


def test_the_examples_on_networks_are_possible() -> None:
    for way in compare(Convolution(in_channels=4)):
        if way.example is not None:
            variant = Variant.model_validate(way.example)
            found = estimate(variant, BUILT_IN[variant.dataset])
            assert found.baseline.macs == 40_551_040
            assert (found.cost.macs < found.baseline.macs) == (way.kind != "standard")


def test_the_layer_is_a_plain_convolution_on_the_meta_device() -> None:
    layer = Convolution(stride=2, padding="same", kernel=(5, 3)).layer()
    assert isinstance(layer, nn.Conv2d)
    assert layer.weight.is_meta
    assert layer.padding == (2, 1)
