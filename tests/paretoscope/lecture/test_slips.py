"""The slips are told with the right numbers."""

import numpy as np
import pytest

from paretoscope.costs.estimate import estimate
from paretoscope.datasets.spec import BUILT_IN
from paretoscope.lecture.convolution import Convolution
from paretoscope.lecture.slips import SLIPS
from paretoscope.lecture.ways import compare
from paretoscope.variants import Variant

BY_KEY = {slip.key: slip for slip in SLIPS}


def test_each_says_what_is_right() -> None:
    assert len(BY_KEY) == len(SLIPS) == 7
    for slip in SLIPS:
        assert slip.title
        assert slip.said
        assert slip.right
        assert slip.see or slip.curve
        for pointer in slip.see:
            assert sum(way is not None for way in (pointer.section, pointer.variant, pointer.url)) == 1


def test_kappa_s_numbers() -> None:
    assert "0.999833" in BY_KEY["kappa"].said
    # 10 centres of 32 bits and 60 000 indices of 4, over 60 000 weights of 32.
    assert f"{1 - (10 * 32 + 60_000 * 4) / (60_000 * 32):.4f}" in BY_KEY["kappa"].right


def test_the_elbow_is_at_4_and_the_literal_rule_says_2() -> None:
    curve = BY_KEY["elbow"].curve
    assert curve is not None
    values = np.array(curve.values, dtype=float)
    second = values[:-2] - 2 * values[1:-1] + values[2:]
    assert curve.remarks[int(second.argmax()) + 2] == "largest second difference"
    straight = np.linspace(values[0], values[-1], len(values))
    assert curve.remarks[int((straight - values).argmax()) + 1] == "the elbow"
    assert set(curve.remarks) == {2, 4}
    assert len(values) == 29


def test_the_kinds_that_are_pointed_to_exist() -> None:
    kinds = {way.kind for way in compare(Convolution())}
    assert {pointer.kind for slip in SLIPS for pointer in slip.see if pointer.kind} <= kinds


@pytest.mark.parametrize("key", [slip.key for slip in SLIPS if any(pointer.variant for pointer in slip.see)])
def test_the_variants_that_are_pointed_to_show_it(key: str) -> None:
    for pointer in BY_KEY[key].see:
        if pointer.variant is None:
            continue
        variant = Variant.model_validate(pointer.variant)
        found = estimate(variant, BUILT_IN[variant.dataset])
        if key == "squeezenet":
            assert {layer.original.groups for layer in found.layers if layer.original.groups is not None} == {1}
        else:
            assert found.cost.bits < found.baseline.bits / 7
