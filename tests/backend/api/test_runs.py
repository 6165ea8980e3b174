"""`/runs`: submitting, listing, cancelling, deleting, and what a finished run offers."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.api.dependencies import House
from backend.store import jobs, runs
from backend.store.tables import Run
from tests.backend.conftest import DIGITS, SHARED

METRICS = {"top1": {"value": 0.98, "low": 0.96, "high": 0.99}, "loss": 0.1, "n_test": 450}


def finish(house: House, tmp_path: Path, top1: float = 0.98) -> str:
    """Do what a worker does with the oldest queued run, without training."""
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"some weights")
    stored = house.files.put(weights)
    metrics = {**METRICS, "top1": {"value": top1, "low": top1 - 0.01, "high": top1 + 0.01}}
    with house.database.write() as session:
        run = jobs.claim_next(session, Run, "a worker", 60)
        assert run is not None
        runs.write_epochs(session, jobs.lease_of(run), [{"epoch": 1, "test_top1": top1, "test_loss": 0.1}])
        runs.succeed(session, jobs.lease_of(run), metrics, [stored])
        return run.id


def test_a_variant_has_one_run(client: TestClient) -> None:
    first = client.post("runs", json={"variant": DIGITS, "study": "A study"})
    assert first.status_code == 202
    run = first.json()
    assert run["state"] == "queued"
    assert run["label"] == "TinyConv"
    written_out = {**DIGITS, "seed": 0, "steps": [], "recipe": {"epochs": 20}}
    again = client.post("runs", json={"variant": written_out})
    assert again.status_code == 200
    assert again.json() == run
    other_seed = client.post("runs", json={"variant": {**DIGITS, "seed": 1}})
    assert other_seed.status_code == 202


def test_fifty_at_once_are_one_run(client: TestClient) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: client.post("runs", json={"variant": DIGITS}), range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_many_at_once_are_all_stored_or_none(client: TestClient) -> None:
    bad = {**DIGITS, "steps": [{"kind": "grouped"}]}
    refused = client.post("runs", json={"variants": [DIGITS, SHARED, bad], "study": "s"})
    assert refused.status_code == 422
    assert refused.json()["error"]["details"][0]["loc"] == ["variants", 2, "steps", 0, "groups"]
    assert client.get("runs").json()["total"] == 0
    assert client.get("studies").json()["total"] == 0
    asked = client.post("runs", json={"variants": [DIGITS, SHARED], "study": "s"})
    assert asked.status_code == 202
    assert [run["label"] for run in asked.json()["items"]] == ["TinyConv", "TinyConv, weight sharing (16 clusters)"]
    assert client.get("studies").json()["items"][0]["counts"]["queued"] == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "either `variant` or `variants`"),
        ({"variant": DIGITS, "variants": [DIGITS]}, "either `variant` or `variants`"),
        ({"variant": DIGITS, "study": "  "}, "begins with a space"),
        ({"variant": DIGITS, "study": "a\x00b"}, "characters that cannot stand"),
        ({"variant": DIGITS, "studdy": "s"}, "Extra"),
        ({"variant": {**DIGITS, "dataset": "imagenet"}}, "no images here"),
        ({"variant": {**DIGITS, "recipe": {"start": {"from": "run", "id": "x"}}}}, "no run 'x'"),
        ({"variant": {**DIGITS, "recipe": {"start": {"from": "run", "id": "a\x00b"}}}}, "match"),
        (
            {"variant": {**DIGITS, "steps": [{"kind": "grouped", "layers": {"include": ["a\x00"]}}]}},
            "characters that cannot stand",
        ),
        ({"variant": {**DIGITS, "recipe": {"start": {"from": "checkpoint", "id": "x"}}}}, "no checkpoint 'x'"),
    ],
)
def test_bad_input_never_becomes_a_run(client: TestClient, body: Any, words: str) -> None:
    answer = client.post("runs", json=body)
    assert answer.status_code == 422
    assert words in answer.json()["error"]["message"]
    assert client.get("runs").json()["total"] == 0


def test_a_study_holds_one_data_set(client: TestClient) -> None:
    client.post("studies", json={"name": "s", "dataset": "mnist"})
    answer = client.post("runs", json={"variant": DIGITS, "study": "s"})
    assert answer.status_code == 409
    assert "mnist" in answer.json()["error"]["message"]
    assert client.get("runs").json()["total"] == 0


def test_a_start_must_be_of_the_same_network(client: TestClient) -> None:
    start = client.post("runs", json={"variant": SHARED}).json()["id"]
    recipe = {"start": {"from": "run", "id": start}, "epochs": 1}
    for other in ({**DIGITS, "architecture": {"name": "tinyconv", "width": 0.5}}, DIGITS):
        answer = client.post("runs", json={"variant": {**other, "recipe": recipe}})
        assert answer.status_code == 422
        assert answer.json()["error"]["details"][0]["loc"] == ["variant", "recipe", "start", "id"]
    assert client.post("runs", json={"variant": {**SHARED, "recipe": recipe}}).status_code == 202
    client.post(f"runs/{start}/cancel")
    answer = client.post("runs", json={"variant": {**SHARED, "recipe": {**recipe, "epochs": 2}}})
    assert "was cancelled" in answer.json()["error"]["message"]


def test_a_start_must_have_seen_pictures_of_the_same_channels(client: TestClient) -> None:
    start = client.post("runs", json={"variant": DIGITS}).json()["id"]
    network = {"name": "tinyconv", "resolution": 8}
    other = {"dataset": "cifar10", "architecture": network, "recipe": {"start": {"from": "run", "id": start}}}
    answer = client.post("runs", json={"variant": other})
    assert answer.status_code == 422
    assert "colour channels" in answer.json()["error"]["message"]


def test_a_vanished_file_is_said_to_be_gone(client: TestClient, house: House, tmp_path: Path) -> None:
    client.post("runs", json={"variant": DIGITS})
    run_id = finish(house, tmp_path)
    (artifact,) = client.get(f"runs/{run_id}").json()["artifacts"]
    house.files.path(artifact["sha256"]).unlink()
    assert client.get(f"runs/{run_id}/artifacts/{artifact['name']}").status_code == 410


def test_a_cancelled_run_can_be_asked_for_again(client: TestClient) -> None:
    run = client.post("runs", json={"variant": DIGITS}).json()
    assert client.post(f"runs/{run['id']}/cancel").json()["state"] == "cancelled"
    again = client.post("runs", json={"variant": DIGITS})
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (202, run["id"], "queued")


def test_lists_are_filtered_sorted_and_paged(client: TestClient, house: House, tmp_path: Path) -> None:
    for seed in range(5):
        client.post("runs", json={"variant": {**DIGITS, "seed": seed}, "study": "even" if seed % 2 == 0 else None})
    accuracies = [0.9, 0.99, 0.95]
    done = [finish(house, tmp_path, top1) for top1 in accuracies]
    best_first = client.get("runs", params={"sort": "-top1"}).json()
    assert [item["id"] for item in best_first["items"][:3]] == [done[1], done[2], done[0]]
    assert best_first["total"] == 5
    assert {run["state"] for run in client.get("runs", params={"state": ["queued"]}).json()["items"]} == {"queued"}
    study = client.get("studies").json()["items"][0]["id"]
    assert client.get("runs", params={"study": study}).json()["total"] == 3
    assert client.get("runs", params={"q": "tiny DIGITS"}).json()["total"] == 5
    assert client.get("runs", params={"q": done[0]}).json()["items"][0]["id"] == done[0]
    assert client.get("runs", params={"q": "tinyconv 100%"}).json()["total"] == 0
    assert client.get("runs", params={"dataset": "mnist"}).json()["items"] == []
    seen, cursor = [], None
    while True:
        page = client.get("runs", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    "query", ["sort=nope", "limit=0", "limit=1001", "state=nope", "cursor=abc", "cursor=W10", "limit=x"]
)
def test_bad_queries_are_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"runs?{query}")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]


def test_a_finished_run_offers_metrics_files_and_curves(client: TestClient, house: House, tmp_path: Path) -> None:
    client.post("runs", json={"variant": DIGITS})
    run_id = finish(house, tmp_path)
    run = client.get(f"runs/{run_id}").json()
    assert run["state"] == "succeeded"
    assert run["metrics"]["top1"] == {"value": 0.98, "low": 0.97, "high": 0.99}
    assert [row["epoch"] for row in run["history"]] == [1]
    (artifact,) = run["artifacts"]
    file = client.get(artifact["url"].removeprefix("/api/v1/"))
    assert file.content == b"some weights"
    assert client.get(f"runs/{run_id}/artifacts/nope").status_code == 404
    curves = client.get(f"runs/{run_id}/figures/curves").json()
    assert next(trace for trace in curves["data"] if trace["name"] == "test top-1")["y"] == [98.0]


def test_deleting_takes_the_run_and_its_files(client: TestClient, house: House, tmp_path: Path) -> None:
    run_id = client.post("runs", json={"variant": DIGITS}).json()["id"]
    assert client.delete(f"runs/{run_id}").status_code == 409
    finish(house, tmp_path)
    sha256 = client.get(f"runs/{run_id}").json()["artifacts"][0]["sha256"]
    assert client.delete(f"runs/{run_id}").status_code == 204
    assert client.get(f"runs/{run_id}").status_code == 404
    assert not house.files.path(sha256).exists()
