"""`/learn`: the lecture's formulas over HTTP."""

import json
import time
from copy import deepcopy
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from backend.api.dependencies import House
from backend.store import runs

EXAMPLE: dict[str, Any] = {
    "height": 7,
    "width": 7,
    "padding": "none",
    "kernel": [3, 3],
    "in_channels": 3,
    "out_channels": 128,
    "stride": 1,
    "groups": 2,
    "rank": 4,
}
SOBEL = {"values": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]}


def ways(client: TestClient, body: Any) -> dict[str, Any]:
    return {way["kind"]: way for way in client.post("learn/convolution", json=body).json()["items"]}


def test_the_lecture_s_example(client: TestClient) -> None:
    found = ways(client, EXAMPLE)
    assert list(found) == [
        "standard",
        "grouped",
        "depthwise_separable",
        "spatially_separable",
        "spatially_separable_each",
        "shift",
    ]
    assert (found["standard"]["macs"], found["standard"]["params"]) == (86_400, 3_456)
    separable = found["depthwise_separable"]
    assert (separable["macs"], separable["params"], separable["fraction"]) == (10_275, 411, "1/128 + 1/9")
    assert separable["ratio"] == pytest.approx(0.118923611, abs=1e-9)
    assert separable["formula"]["macs"]["numbers"].endswith("10\u202f275")
    assert separable["layers"][0]["out_shape"] == [3, 5, 5]


def test_left_out_it_is_the_lecture_s_example(client: TestClient) -> None:
    assert ways(client, {}) == ways(client, {name: EXAMPLE[name] for name in EXAMPLE if name != "rank"})


def test_groups_that_do_not_divide_leave_the_others_answered(client: TestClient) -> None:
    found = ways(client, {**EXAMPLE, "in_channels": 6, "out_channels": 9, "groups": 2})
    assert "they can be 3" in found["grouped"]["unavailable"]
    assert found["grouped"]["macs"] is None
    assert [kind for kind, way in found.items() if way["unavailable"]] == ["grouped"]


def test_sobel_splits(client: TestClient) -> None:
    found = client.post("learn/kernel", json=SOBEL).json()
    assert (found["rank"], found["params"]) == (1, 9)
    assert found["singular_values"] == pytest.approx([12**0.5, 0, 0])
    assert found["reconstructions"][0]["factors"] == [{"column": [1, 2, 1], "row": [-1, 0, 1]}]


def test_what_there_is_to_try_works(client: TestClient) -> None:
    lecture = client.get("learn").json()
    properties = lecture["convolution"]["properties"]
    assert set(properties) == set(EXAMPLE)
    assert lecture["convolutions"][0]["values"] == {name: field["default"] for name, field in properties.items()}
    for example in lecture["convolutions"]:
        assert ways(client, example["values"])["standard"]["macs"] > 0
    for example in lecture["kernels"]:
        assert client.post("learn/kernel", json={"values": example["values"]}).status_code == 200
    assert len(lecture["slips"]) == 7


@pytest.mark.parametrize(
    ("route", "body", "loc", "words"),
    [
        ("convolution", {"kernel": [9, 3]}, ["kernel"], "does not fit into a 7×7 input"),
        ("convolution", {"kernel": [2, 2], "padding": "same"}, ["kernel"], "odd"),
        ("convolution", {"height": 2}, ["kernel"], "3×3 kernel does not fit into a 2×7 input"),
        ("convolution", {"height": 10**6}, ["height"], "1024"),
        ("convolution", {"rank": 10**9}, ["rank"], "65536"),
        ("convolution", {"width": 0}, ["width"], "greater than or equal to 1"),
        ("convolution", {"padding": "reflect"}, ["padding"], "same"),
        ("convolution", {"colour": 3}, ["colour"], "not permitted"),
        ("convolution", [], [], "dictionary"),
        ("kernel", {"values": [[1, 2], [3]]}, ["values"], "row 1 has 1 values"),
        ("kernel", {"values": []}, ["values"], "at least one"),
        ("kernel", {"values": [[1] * 8]}, ["values", 0], "at most 7"),
        ("kernel", {"values": [[10**7]]}, ["values", 0, 0], "1000000"),
        ("kernel", {}, ["values"], "required"),
    ],
)
def test_what_is_wrong_is_told_where_it_is(
    client: TestClient, route: str, body: Any, loc: list[Any], words: str
) -> None:
    answer = client.post(f"learn/{route}", json=body)
    assert answer.status_code == 422
    detail = answer.json()["error"]["details"][0]
    assert detail["loc"] == loc
    assert words in detail["message"]


@pytest.mark.parametrize("text", ['{"values": [[NaN]]}', '{"values": [[Infinity]]}', '{"values": [[1e999]]}'])
def test_what_is_not_finite_is_refused(client: TestClient, text: str) -> None:
    answer = client.post("learn/kernel", content=text, headers={"content-type": "application/json"})
    assert answer.status_code == 422


WRONG = st.sampled_from(
    [-1, 0, 10**30, 1e308, 0.5, float("nan"), float("-inf"), "\x00", "7", True, [], [[]], {}, [3] * 99, "x" * 5000]
)


@pytest.mark.parametrize(("route", "good"), [("convolution", EXAMPLE), ("kernel", SOBEL)])
def test_hostile_values_are_refused_at_once(client: TestClient, house: House, route: str, good: dict[str, Any]) -> None:
    assert client.post(f"learn/{route}", json=good).status_code == 200
    seconds: list[float] = []

    @given(st.sampled_from(list(good)), WRONG)
    @settings(max_examples=60, deadline=None)
    def refused(name: str, value: Any) -> None:
        body = {**deepcopy(good), name: value}
        started = time.perf_counter()
        answer = client.post(f"learn/{route}", content=json.dumps(body), headers={"content-type": "application/json"})
        seconds.append(time.perf_counter() - started)
        assert answer.status_code == 422, (body, answer.text)
        assert answer.json()["error"]["message"]

    refused()
    assert median(seconds) < 0.1
    with house.database.read() as session:
        assert runs.find(session).total == 0


def test_the_largest_that_is_allowed_answers_at_once(client: TestClient) -> None:
    largest = {"height": 1024, "width": 1024, "kernel": [15, 15], "in_channels": 4096, "out_channels": 4096}
    client.post("learn/convolution", json={})
    started = time.perf_counter()
    found = ways(client, {**largest, "groups": 4096})
    assert time.perf_counter() - started < 1
    assert found["standard"]["macs"] == (1024 - 14) ** 2 * 15**2 * 4096**2
