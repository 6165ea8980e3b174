"""Variants: strict input, canonical text, stable fingerprints, errors that help."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from paretoscope.costs.estimate import estimate
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.variants import Variant, VariantError, canonical_json, fingerprint, label
from tests.paretoscope.strategies import specs, variants

CIFAR = DatasetSpec("cifar10", "CIFAR-10", "", 3, 32, 10, None, flip=True, shift=4)
EXAMPLE: dict[str, Any] = {
    "dataset": "cifar10",
    "architecture": {"name": "resnet20", "width": 1.0},
    "steps": [
        {"kind": "spatial_separable", "rank": {"rule": "ratio", "value": 0.5}, "layers": {"exclude": ["conv1"]}},
        {"kind": "share_weights", "clusters": 16},
    ],
    "recipe": {"start": {"from": "scratch"}, "epochs": 20},
    "seed": 0,
}
EXAMPLE_FINGERPRINT = "fd75da0a3fe451a130e673a74ede0bbbf728266ac47b6521c3ed63b1abb39dee"


def variant(**changes: Any) -> Variant:
    return Variant.model_validate({**EXAMPLE, **changes})


def problems(*steps: dict[str, Any], network: str = "resnet20") -> VariantError:
    with pytest.raises(VariantError) as caught:
        estimate(variant(architecture={"name": network}, steps=list(steps)), CIFAR)
    return caught.value


def test_the_fingerprint_is_pinned() -> None:
    """A change of this number orphans every finished run: it must be meant."""
    assert fingerprint(variant().resolved(CIFAR)) == EXAMPLE_FINGERPRINT


def test_the_fingerprint_is_the_same_in_another_process() -> None:
    code = (
        "import json,sys; from paretoscope.variants import *; from tests.paretoscope.test_variants import CIFAR;"
        "print(fingerprint(Variant.model_validate(json.load(sys.stdin)).resolved(CIFAR)))"
    )
    reordered = json.dumps(dict(reversed(EXAMPLE.items())))
    done = subprocess.run([sys.executable, "-c", code], input=reordered, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == EXAMPLE_FINGERPRINT


def test_defaults_may_be_left_out_or_written() -> None:
    short = Variant.model_validate({"dataset": "cifar10", "architecture": {"name": "resnet20"}})
    written = json.loads(canonical_json(short.resolved(CIFAR)))
    assert written["architecture"]["num_classes"] == 10
    assert fingerprint(Variant.model_validate(written).resolved(CIFAR)) == fingerprint(short.resolved(CIFAR))


@pytest.mark.parametrize(
    "changes",
    [{"seed": 1}, {"dataset": "cifar100"}, {"steps": []}, {"architecture": {"name": "resnet20", "width": 2}}],
)
def test_every_part_tells_variants_apart(changes: dict[str, Any]) -> None:
    assert fingerprint(variant(**changes).resolved(CIFAR)) != EXAMPLE_FINGERPRINT


@given(variants(), specs())
def test_resolving_and_canonical_json_are_idempotent(some: Variant, spec: DatasetSpec) -> None:
    resolved = some.resolved(spec)
    assert resolved.resolved(spec) == resolved
    again = Variant.model_validate_json(canonical_json(resolved))
    assert again == resolved
    assert canonical_json(again) == canonical_json(resolved)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"seed": -1}, ("seed",)),
        ({"seed": True}, ("seed",)),
        ({"seed": "0"}, ("seed",)),
        ({"architecture": {"name": "resnet21"}}, ("architecture",)),
        ({"architecture": {"name": "resnet20", "width": float("nan")}}, ("architecture", "resnet20", "width")),
        ({"architecture": {"name": "resnet20", "width": 0}}, ("architecture", "resnet20", "width")),
        ({"architecture": {"name": "resnet20", "resolution": 10**6}}, ("architecture", "resnet20", "resolution")),
        ({"steps": [{"kind": "grouped", "groups": 1}]}, ("steps", 0, "grouped", "groups")),
        ({"steps": [{"kind": "shrink"}]}, ("steps", 0)),
        ({"steps": [{"kind": "grouped"}] * 10_000}, ("steps",)),
        ({"steps": [{"kind": "grouped", "group": 2}]}, ("steps", 0, "grouped", "group")),
        ({"recipe": {"epochs": 10**9}}, ("recipe", "epochs")),
        ({"recipe": {"start": {"from": "run"}}}, ("recipe", "start", "run", "id")),
        (
            {"recipe": {"schedule": {"kind": "step", "milestones": [0.9, 0.1]}}},
            ("recipe", "schedule", "step", "milestones"),
        ),
        ({"extra": 1}, ("extra",)),
    ],
)
def test_malformed_input_is_refused_where_it_is_wrong(changes: dict[str, Any], where: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        variant(**changes)
    assert caught.value.errors()[0]["loc"] == where


def test_a_rank_that_is_too_large_names_the_layer_and_the_largest() -> None:
    error = problems({"kind": "spatial_separable", "rank": {"rule": "fixed", "value": 10}})
    assert [problem.layer for problem in error.problems] == ["conv1"]
    assert error.problems[0].loc == ("steps", 0, "rank", "value")
    assert error.problems[0].legal == {"minimum": 1, "maximum": 9}
    assert "conv1" in str(error)
    assert "min(3·3, 16·3) = 9" in str(error)


def test_groups_that_do_not_divide_name_the_layer_and_what_would() -> None:
    error = problems({"kind": "grouped", "groups": 3, "layers": {"include": ["layer1.0.conv1"]}})
    assert error.problems[0].layer == "layer1.0.conv1"
    assert error.problems[0].legal == {"enum": [2, 4, 8, 16]}


def test_a_pattern_that_matches_nothing_is_an_error_that_lists_layers() -> None:
    error = problems({"kind": "grouped", "layers": {"include": ["layer9.*"]}})
    assert error.problems[0].loc == ("steps", 0, "layers")
    assert "'layer9.*' matches no layer" in str(error)
    assert "layer1.0.conv1" in str(error)


def test_a_selection_that_cannot_take_the_step_is_an_error() -> None:
    assert "no selected layer can take this step" in str(problems({"kind": "grouped", "layers": {"include": ["fc"]}}))


def test_a_named_layer_that_cannot_take_the_step_is_an_error() -> None:
    error = problems({"kind": "grouped", "layers": {"include": ["layer1", "fc"]}})
    assert "'fc'" in str(error)


def test_minus_zero_is_zero() -> None:
    plain = variant(recipe={"label_smoothing": 0.0}).resolved(CIFAR)
    assert fingerprint(variant(recipe={"label_smoothing": -0.0}).resolved(CIFAR)) == fingerprint(plain)


def test_a_second_problem_is_told_at_its_own_step() -> None:
    error = problems({"kind": "share_weights"}, {"kind": "depthwise_separable"})
    assert error.problems[0].loc[:2] == ("steps", 1)
    assert "put this step before" in str(error)


def test_more_clusters_than_weights_is_an_error() -> None:
    error = problems({"kind": "share_weights", "clusters": 641, "layers": {"include": ["fc"]}})
    assert error.problems[0].legal == {"minimum": 2, "maximum": 640}


def test_a_network_with_too_few_outputs_is_refused() -> None:
    with pytest.raises(VariantError, match="at least as many outputs"):
        estimate(variant(architecture={"name": "resnet20", "num_classes": 9}), CIFAR)


@given(
    st.text(alphabet=st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=50)
)
def test_a_pattern_that_is_no_layer_is_explained(pattern: str) -> None:
    share = {"kind": "share_weights", "clusters": 2, "layers": {"include": [f"no {pattern}"]}}
    with pytest.raises(VariantError, match="matches no layer"):
        estimate(variant(steps=[share]), CIFAR)


def test_a_label_says_what_was_done() -> None:
    assert (
        label(variant()) == "ResNet-20, spatially separable (50 % of its MACs, not conv1), weight sharing (16 clusters)"
    )
