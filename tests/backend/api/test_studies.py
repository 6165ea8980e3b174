"""`/studies`, sweeps and the trade-off figure."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.backend.conftest import DIGITS, SHARED


def new_study(client: TestClient, name: str = "s", dataset: str = "digits") -> str:
    study_id: str = client.post("studies", json={"name": name, "dataset": dataset}).json()["id"]
    return study_id


def test_a_study_is_made_once_read_and_deleted(client: TestClient) -> None:
    first = client.post("studies", json={"name": "s", "dataset": "digits"})
    assert first.status_code == 201
    assert client.post("studies", json={"name": "s", "dataset": "digits"}).status_code == 200
    assert client.post("studies", json={"name": "s", "dataset": "mnist"}).status_code == 409
    assert client.post("studies", json={"name": "t", "dataset": "nowhere"}).status_code == 422
    study = first.json()["id"]
    client.post("runs", json={"variant": DIGITS, "study": "s"})
    assert client.get(f"studies/{study}").json()["counts"]["queued"] == 1
    assert client.delete(f"studies/{study}").status_code == 204
    assert client.get(f"studies/{study}").status_code == 404
    assert client.get("runs").json()["total"] == 1


def test_a_sweep_is_every_combination(client: TestClient) -> None:
    study = new_study(client)
    axes = [{"path": "/steps/0/clusters", "values": [4, 8, 16]}, {"path": "/seed", "values": [0, 1]}]
    answer = client.post(f"studies/{study}/sweeps", json={"variant": SHARED, "axes": axes})
    assert answer.status_code == 202
    chosen = [(run["variant"]["steps"][0]["clusters"], run["variant"]["seed"]) for run in answer.json()["items"]]
    assert chosen == [(clusters, seed) for clusters in (4, 8, 16) for seed in (0, 1)]
    assert client.post(f"studies/{study}/sweeps", json={"variant": SHARED, "axes": axes}).status_code == 200


@pytest.mark.parametrize(
    ("axis", "words"),
    [
        ({"path": "/steps/0/cluster", "values": [4]}, "there is kind"),
        ({"path": "/steps/1/clusters", "values": [4]}, "0 to 0"),
        ({"path": "/steps/0/clusters", "values": ["many"]}, "valid integer"),
        ({"path": "/steps/0/clusters", "values": [10**6]}, "65536"),
        (
            {"path": "/steps/0/clusters", "values": list(range(2, 1002))},
            "/steps/0/clusters = 217: Weight sharing on layer",
        ),
        ({"path": "/steps/-1/clusters", "values": [4]}, "has no"),
        ({"path": "steps", "values": [4]}, "match"),
        ({"path": "/seed", "values": []}, "at least 1"),
    ],
)
def test_a_sweep_that_is_no_grid_is_refused(client: TestClient, axis: dict[str, Any], words: str) -> None:
    answer = client.post(f"studies/{new_study(client)}/sweeps", json={"variant": SHARED, "axes": [axis]})
    assert answer.status_code == 422
    assert words in answer.json()["error"]["message"]
    assert client.get("runs").json()["total"] == 0


def test_a_place_can_be_on_one_axis_only(client: TestClient) -> None:
    axes = [{"path": "/seed", "values": [0]}, {"path": "/seed", "values": [1]}]
    answer = client.post(f"studies/{new_study(client)}/sweeps", json={"variant": SHARED, "axes": axes})
    assert "/seed is on two axes" in answer.json()["error"]["message"]


def test_a_sweep_is_bounded(client: TestClient) -> None:
    axes = [{"path": "/seed", "values": list(range(1000))}, {"path": "/steps/0/clusters", "values": [4, 8]}]
    answer = client.post(f"studies/{new_study(client)}/sweeps", json={"variant": SHARED, "axes": axes})
    assert "2000 combinations are too many" in answer.json()["error"]["message"]
