"""`/whatif`."""

import tracemalloc
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.api.costs import WhatIf
from backend.api.dependencies import House
from backend.store import runs
from paretoscope.costs import remembered
from tests.backend.conftest import DIGITS

RESNET = {"dataset": "cifar10", "architecture": {"name": "resnet20"}}
GROUPED = {**RESNET, "steps": [{"kind": "grouped", "groups": 4, "layers": {"exclude": ["conv1"]}}]}


def test_a_variant_s_cost_its_baseline_and_its_layers(client: TestClient) -> None:
    answer = client.post("whatif", json=GROUPED).json()
    assert answer["baseline"]["params"] == 269_722
    assert answer["baseline"]["macs"] == 40_551_040
    for key in ("params", "macs", "bits", "activations"):
        assert sum(layer[key] for layer in answer["layers"]) == answer["cost"][key]
        assert sum(layer["baseline"][key] for layer in answer["layers"]) == answer["baseline"][key]
        assert sum(part[key] for layer in answer["layers"] for part in layer["parts"]) == answer["cost"][key]
    block = next(layer for layer in answer["layers"] if layer["name"] == "layer1.0.conv1")
    assert block["macs"] * 4 == block["baseline"]["macs"]
    assert block["steps"] == ["grouped"]
    assert answer["variant"]["architecture"]["num_classes"] == 10


def test_a_list_is_answered_in_its_order(client: TestClient) -> None:
    items = client.post("whatif", json=[RESNET, GROUPED]).json()["items"]
    assert [item["cost"]["macs"] for item in items] == [40_551_040, 10_470_016]


def test_a_data_set_that_is_not_there_costs_nothing_to_explore(client: TestClient) -> None:
    answer = client.post("whatif", json={"dataset": "imagenet", "architecture": {"name": "resnet20"}})
    assert answer.status_code == 200
    assert answer.json()["variant"]["architecture"]["resolution"] == 224


@pytest.mark.parametrize(
    ("body", "loc", "words"),
    [
        ({**RESNET, "steps": [{"kind": "grouped", "groups": 3}]}, ["steps", 0, "groups"], "conv1"),
        ({**RESNET, "steps": [{"kind": "grouped", "groups": 0}]}, ["steps", 0, "groups"], "greater than or equal to 2"),
        ({**RESNET, "steps": [{"kind": "nope"}]}, ["steps", 0], "share_weights"),
        (
            {**RESNET, "recipe": {"optimizer": {"kind": "sgd", "lr": 0}}},
            ["recipe", "optimizer", "lr"],
            "greater than 0",
        ),
        ({**RESNET, "architecture": {}}, ["architecture"], "name"),
        ({**RESNET, "dataset": "nowhere"}, ["dataset"], "digits"),
        ({**RESNET, "dataset": "../../etc"}, ["dataset"], "name"),
        ({**DIGITS, "architecture": {"name": "tinyconv", "num_classes": 9}}, ["architecture", "num_classes"], "10"),
        ([RESNET, {**RESNET, "seed": -1}], [1, "seed"], "0"),
        ([RESNET, {**RESNET, "dataset": "nowhere"}], [1, "dataset"], "nowhere"),
        ([], [], "at least 1"),
        ([RESNET] * 1001, [], "at most 1000"),
        (7, [], "dictionary"),
    ],
)
def test_what_is_wrong_is_told_where_it_is(client: TestClient, body: Any, loc: list[Any], words: str) -> None:
    answer = client.post("whatif", json=body)
    assert answer.status_code == 422
    detail = answer.json()["error"]["details"][0]
    assert detail["loc"] == loc
    assert words in detail["message"]


SEPARABLE = {"kind": "spatial_separable"}
HOSTILE: dict[str, Any] = {
    "a rank of a thousand million": {"steps": [{**SEPARABLE, "rank": {"rule": "fixed", "value": 10**9}}]},
    "a rank no layer has": {"steps": [{**SEPARABLE, "rank": {"rule": "fixed", "value": 10**6}}]},
    "no width": {"architecture": {"name": "resnet20", "width": 0}},
    "a width of a thousand million": {"architecture": {"name": "resnet20", "width": 1e9}},
    "a million pixels a side": {"architecture": {"name": "resnet20", "resolution": 10**6}},
    "a thousand million classes": {"architecture": {"name": "resnet20", "num_classes": 10**9}},
    "a million groups": {"architecture": {"name": "resnext29_8x64d", "cardinality": 10**6}},
    "ten thousand steps": {"steps": [SEPARABLE] * 10_000},
    "the same step again and again": {"steps": [SEPARABLE] * 32},
    "a million terms": {"steps": [{"kind": "depthwise_separable", "terms": 10**6}]},
    "more clusters than weights": {"steps": [{"kind": "share_weights", "clusters": 65_536}]},
}


@pytest.mark.parametrize("changes", HOSTILE.values(), ids=HOSTILE)
def test_what_is_out_of_all_bounds_is_refused_with_a_reason(client: TestClient, changes: dict[str, Any]) -> None:
    answer = client.post("whatif", json={**RESNET, **changes})
    assert answer.status_code == 422
    assert len(answer.json()["error"]["message"]) > 20
    assert len(answer.content) < 20_000


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused(client: TestClient, number: str) -> None:
    text = f'{{"dataset": "cifar10", "architecture": {{"name": "resnet20", "width": {number}}}}}'
    answer = client.post("whatif", content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert "finite" in answer.json()["error"]["message"]


def test_hostile_questions_leave_nothing_in_memory(client: TestClient) -> None:
    """Refused variants are not remembered, but for the few stages before the step that does not fit."""

    def ask() -> None:
        for changes in HOSTILE.values():
            client.post("whatif", json={**RESNET, **changes})

    ask()
    tracemalloc.start()
    try:
        ask()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10):
            ask()
        assert tracemalloc.get_traced_memory()[0] - before < 2**20
    finally:
        tracemalloc.stop()


def test_what_is_remembered_is_bounded(client: TestClient) -> None:
    """However many networks are asked about, only so many are kept."""
    for number in range(80):
        client.post("whatif", json={**RESNET, "architecture": {"name": "resnet20", "width": 1 + number / 1000}})
    info = remembered.trunk.cache_info()
    assert info.currsize <= (info.maxsize or 0) < 80


def test_rows_are_left_out_of_long_lists_unless_asked_for(client: TestClient) -> None:
    short = client.post("whatif", json=[RESNET] * 2).json()["items"]
    long = client.post("whatif", json=[RESNET] * 51).json()["items"]
    asked = client.post("whatif?layers=true", json=[RESNET] * 51).json()["items"]
    spared = client.post("whatif?layers=false", json=RESNET).json()
    assert short[0]["layers"] == asked[50]["layers"] == client.post("whatif", json=RESNET).json()["layers"]
    assert long[0]["layers"] is spared["layers"] is None
    assert {key: value for key, value in long[50].items() if key not in ("layers", "blocks")} == {
        key: value for key, value in short[0].items() if key not in ("layers", "blocks")
    }


def test_the_answer_is_what_the_documentation_promises(client: TestClient) -> None:
    answer = client.post("whatif", json=GROUPED).json()
    assert WhatIf.model_validate(answer).model_dump(mode="json") == answer


def test_rows_say_how_and_where(client: TestClient) -> None:
    answer = client.post("whatif", json=RESNET).json()
    row = next(layer for layer in answer["layers"] if layer["name"] == "layer1.0.conv1")
    assert row["formula"]["macs"].replace("\u202f", " ") == "32·32·3·3·16·16 = 2 359 296"
    assert (row["receptive_field"], row["block"]) == (5, "layer1.0")
    block = next(block for block in answer["blocks"] if block["name"] == "layer1.0")
    assert (block["type"], block["join"]) == ("BasicBlock", "add")
    assert answer["cost"]["memory"] == 4 * 32 * 32 * 16 * 3  # a block's input, its middle and its output
    assert answer["others"]["batch_norm"] == answer["cost"]["activations"] - 10
    assert answer["counters"]["flop_counter"] == 2 * 40_551_040
    assert set(answer["bounds"]) == {device["key"] for device in client.get("catalog").json()["devices"]}
    assert answer["scores"] == answer["baseline_scores"]


def test_nothing_is_stored(client: TestClient, house: House) -> None:
    client.post("whatif", json=GROUPED)
    with house.database.read() as session:
        assert runs.find(session).total == 0
