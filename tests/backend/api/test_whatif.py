"""`/whatif`."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.api.dependencies import House
from backend.store import runs
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


def test_nothing_is_stored(client: TestClient, house: House) -> None:
    client.post("whatif", json=GROUPED)
    with house.database.read() as session:
        assert runs.find(session).total == 0
