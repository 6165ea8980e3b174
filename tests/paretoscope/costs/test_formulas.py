"""The formula of a layer says what the layer costs."""

import re

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from paretoscope.costs.counting import Part, count
from paretoscope.costs.formulas import THIN, formula


def value(equation: str) -> tuple[int, int]:
    """Both sides of `2·3 + 4 = 10`."""
    left, right = equation.replace(THIN, "").split(" = ")
    assert re.fullmatch(r"[\d·+ ]+", left)
    return sum(product(term) for term in left.split(" + ")), int(right)


def product(term: str) -> int:
    result = 1
    for factor in term.split("·"):
        result *= int(factor)
    return result


@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(1, 2), st.booleans())
@settings(deadline=None, max_examples=40)
def test_convolutions(kernel: int, inputs: int, outputs: int, groups: int, stride: int, bias: bool) -> None:
    conv = nn.Conv2d(inputs * groups, outputs * groups, kernel, stride, groups=groups, bias=bias, device="meta")
    (part,) = count(conv, (inputs * groups, 9, 7))
    said = formula(part)
    assert said.macs is not None
    assert said.params is not None
    assert value(said.macs) == (part.macs, part.macs)
    assert value(said.params) == (part.params, part.params)


def test_the_lecture_s_example() -> None:
    (part,) = count(nn.Conv2d(3, 128, 3, bias=False, device="meta"), (3, 7, 7))
    assert formula(part) == (f"5·5·3·3·3·128 = 86{THIN}400", f"3·3·3·128 = 3{THIN}456")


def test_a_linear_layer_for_every_token() -> None:
    (part,) = count(nn.Linear(16, 10, device="meta"), (49, 16))
    assert formula(part) == (f"49·16·10 = 7{THIN}840", "16·10 + 10 = 170")


def test_a_layer_that_is_called_twice() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(2, 2, 1, bias=False, device="meta")

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.conv(self.conv(x))
            return out

    (part,) = count(Twice(), (2, 3, 3))
    assert formula(part).macs == "2·3·3·1·1·2·2 = 72"


def test_what_no_product_says_has_none() -> None:
    parts: list[Part] = list(count(nn.Sequential(nn.BatchNorm2d(3), nn.ReLU()).to("meta"), (3, 4, 4)))
    assert [formula(part) for part in parts] == [(None, None)] * 2
