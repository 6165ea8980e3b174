"""`/figures/tradeoff`: what of a study, and of the literature, it draws."""

from pathlib import Path
from typing import Any

import plotly.io
import pytest
from starlette.testclient import TestClient

from backend.api.dependencies import House
from backend.store import jobs, runs
from backend.store.tables import Run
from tests.backend.api.test_runs import METRICS, finish
from tests.backend.api.test_studies import new_study
from tests.backend.conftest import DIGITS, SHARED

LATENCY: dict[str, Any] = {"median_ms": 0.5, "low_ms": 0.4, "high_ms": 0.8, "n": 100, "batch": 1, "threads": 2}
LATENCY |= {"device": "a processor", "precision": "fp32"}


def figure(client: TestClient, study: str, **query: Any) -> Any:
    """The figure as a notebook has it."""
    answer = client.get("figures/tradeoff", params={"study": study, **query})
    assert answer.status_code == 200
    return plotly.io.from_json(answer.text)


def rows(drawn: Any) -> list[list[Any]]:
    return [row for trace in drawn.data for row in trace.customdata or ()]


def finish_timed(house: House) -> str:
    """Do what a worker does that measures the latency."""
    with house.database.write() as session:
        run = jobs.claim_next(session, Run, "a worker", 60)
        assert run is not None
        runs.succeed(session, jobs.lease_of(run), {**METRICS, "latency": LATENCY}, [])
        return run.id


@pytest.mark.parametrize("x", ["macs", "params", "bits", "activations", "memory", "excluded"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_figure_shows_each_finished_run(
    client: TestClient, house: House, tmp_path: Path, x: str, theme: str
) -> None:
    study = new_study(client)
    client.post("runs", json={"variants": [DIGITS, SHARED, {**SHARED, "seed": 1}], "study": "s"})
    done = {finish(house, tmp_path, 0.98), finish(house, tmp_path, 0.97)}
    drawn = figure(client, study, x=x, theme=theme, log="true")
    assert {row[0]: row[2] for row in rows(drawn)} == {
        run_id: client.get(f"runs/{run_id}").json()["cost"][x] for run_id in done
    }
    assert drawn.layout.xaxis.type == "log"


@pytest.mark.parametrize("x", ["micronet_2019", "course_score", "course_score_2021"])
def test_a_score_is_an_axis(client: TestClient, house: House, tmp_path: Path, x: str) -> None:
    study = new_study(client)
    answer = client.post("runs", json={"variants": [DIGITS, SHARED], "study": "s"}).json()
    finish(house, tmp_path)
    finish(house, tmp_path)
    scores = [run["scores"][x] for run in answer["items"]]
    assert [row[2] for row in rows(figure(client, study, x=x))] == scores
    assert all(score > 0 for score in scores)
    assert client.post("whatif", json=SHARED).json()["scores"][x] == scores[1]


def test_the_course_score_draws_its_limit(client: TestClient) -> None:
    drawn = figure(client, new_study(client), x="course_score")
    assert "90 % needed on CIFAR-10" in [note.text for note in drawn.layout.annotations]
    drawn = figure(client, new_study(client, "c", "cifar100"), x="micronet_2019")
    assert [note.text for note in drawn.layout.annotations] == ["80 % needed"]


def test_attention_macs_of_networks_without_attention_are_zero_on_a_plain_axis(
    client: TestClient, house: House, tmp_path: Path
) -> None:
    study = new_study(client)
    client.post("runs", json={"variant": DIGITS, "study": "s"})
    run_id = finish(house, tmp_path)
    drawn = figure(client, study, x="attention_macs", log="true")
    assert [(row[0], row[2]) for row in rows(drawn)] == [(run_id, 0)]
    assert drawn.layout.xaxis.type == "linear"


def test_the_measured_latency_is_an_axis(client: TestClient, house: House, tmp_path: Path) -> None:
    study = new_study(client)
    client.post("runs", json={"variants": [DIGITS, SHARED], "study": "s"})
    finish(house, tmp_path)  # by a worker of before, which did not measure
    timed = finish_timed(house)
    assert client.get(f"runs/{timed}").json()["metrics"]["latency"] == LATENCY
    drawn = figure(client, study, x="latency")
    assert [(row[0], row[2]) for row in rows(drawn)] == [(timed, 0.5)]
    (trace,) = (trace for trace in drawn.data if trace.customdata)
    assert "a processor, 2 threads, fp32" in trace.hovertext[0]
    assert drawn.layout.meta["without"] == 1


def test_a_run_of_an_older_version_is_told_and_drawn_where_it_can_be(
    client: TestClient, house: House, tmp_path: Path
) -> None:
    study = new_study(client)
    client.post("runs", json={"variant": DIGITS, "study": "s"})
    run_id = finish(house, tmp_path)
    with house.database.write() as session:
        run = runs.get(session, run_id)
        run.further_cost = run.scores = None
        run.baseline = {key: run.baseline[key] for key in ("params", "macs", "bits", "activations")}
    told = client.get(f"runs/{run_id}").json()
    assert told["scores"] == {}
    assert told["cost"]["memory"] is told["baseline"]["memory"] is None
    assert told["cost"]["macs"] > 0
    assert [row[0] for row in rows(figure(client, study, x="macs"))] == [run_id]
    for x in ("memory", "course_score", "latency"):
        drawn = figure(client, study, x=x)
        assert rows(drawn) == []
        assert drawn.layout.meta["without"] == 1


def test_published_results_are_there_before_any_run(client: TestClient) -> None:
    study = new_study(client, dataset="cifar10")
    drawn = figure(client, study, x="params", references="imagenet", log="true")
    grid = {row[1]: row for row in rows(drawn)}
    assert all(row[0] is None for row in grid.values())
    assert grid["0.5 MobileNet-224"][2:4] == [1.3e6, pytest.approx(63.7)]
    assert {trace.name for trace in drawn.data} >= {"MobileNetV1", "MobileNetV2", "ResNeXt", "SqueezeNet"}
    assert rows(figure(client, study, x="params")) == []
    assert rows(figure(client, study, x="bits", references="imagenet")) == []


def test_an_empty_or_missing_study(client: TestClient) -> None:
    assert rows(figure(client, new_study(client))) == []
    assert client.get("figures/tradeoff", params={"study": "study_none"}).status_code == 404
    for wrong in ({"x": "price"}, {"x": "macs\n"}, {"references": "svhn"}):
        answer = client.get("figures/tradeoff", params={"study": "s", **wrong})
        assert answer.status_code == 422, wrong
        assert answer.json()["error"]["details"][0]["loc"] == ["query", *wrong]
