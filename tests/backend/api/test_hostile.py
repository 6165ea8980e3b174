"""Hostile and malformed input: never a 5xx, never a row."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from backend.app import create_app
from backend.settings import load_settings
from backend.store.migrate import migrate
from tests.backend.store.servers import postgresql_server

VARIANT: dict[str, Any] = {
    "dataset": "digits",
    "architecture": {"name": "resnet20", "width": 1.0, "shortcut": "B", "resolution": 8, "num_classes": 10},
    "steps": [
        {"kind": "spatial_separable", "rank": {"rule": "ratio", "value": 0.5}, "layers": {"exclude": ["conv1"]}},
        {"kind": "share_weights", "clusters": 4, "initialisation": "linear", "layers": {"include": ["*"]}},
    ],
    "recipe": {
        "start": {"from": "scratch"},
        "epochs": 2,
        "batch_size": 64,
        "optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.0},
        "schedule": {"kind": "cosine", "warmup": 0.1},
        "label_smoothing": 0.0,
        "augmentation": {"shift": 1, "flip": False},
        "compress_at": 0.5,
        "precision": "fp32",
    },
    "seed": 0,
}

# Wrong for every field of the variant, whatever its type.
WRONG: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [
            *(
                -1,
                -(10**30),
                10**400,
                1e308,
                -0.5,
                float("nan"),
                float("inf"),
                "\x00",
                "\ud800",
                "'; drop table runs; --",
            ),
            *([[]] * 2, {"a": {}}, [[[]]], "../" * 40, "x" * 5000, {"kind": "nope"}, {"from": "nowhere"}, [None]),
        ]
    ),
    st.text(alphabet="\x01\x02<>", min_size=1, max_size=9),
    st.dictionaries(st.text(alphabet="xyz", min_size=1, max_size=3), st.integers(), min_size=1, max_size=3),
)


def places(data: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in a JSON document but the root."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path for key, value in inside for path in [(*at, key), *places(value, (*at, key))]]


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = deepcopy(data)
    here = copy
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return copy


def malformed() -> st.SearchStrategy[Any]:
    """The variant with one value replaced by a wrong one, or with a key it does not know."""
    replaced = st.builds(lambda path, value: changed(VARIANT, path, value), st.sampled_from(places(VARIANT)), WRONG)
    extra = st.builds(
        lambda path, key: changed(VARIANT, (*path, f"not_{key}"), 1),
        st.sampled_from([p for p in places(VARIANT) if p[-1] in ("architecture", "recipe", "rank", "layers", "start")]),
        st.text(max_size=5),
    )
    return st.one_of(replaced, extra)


@pytest.mark.parametrize("route", ["runs", "whatif"])
def test_a_malformed_variant_is_refused(client: TestClient, route: str) -> None:
    all_are_refused(client, route)


def test_a_malformed_variant_is_refused_on_postgresql(tmp_path: Path) -> None:
    """It keeps no NUL and no lone surrogate, which SQLite does: what is refused must not depend on that."""
    with postgresql_server() as url:
        installed = load_settings(data_dir=tmp_path, database_url=url)
        migrate(installed.database_url)
        app = create_app(installed)
        with TestClient(app, base_url="http://localhost/api/v1", raise_server_exceptions=False) as client:
            all_are_refused(client, "runs")
            for query in ("q=%00", "study=%00", "cursor=%00", "dataset=%00"):
                assert client.get(f"runs?{query}").status_code == 422
            assert client.get("runs/%00").status_code == 422


def all_are_refused(client: TestClient, route: str) -> None:
    @given(malformed())
    @settings(max_examples=100, deadline=None)
    def refused(variant: Any) -> None:
        body = variant if route == "whatif" else {"variant": variant}
        answer = client.post(route, content=json.dumps(body), headers={"content-type": "application/json"})
        assert answer.status_code == 422, (answer.status_code, answer.text, variant)
        assert answer.json()["error"]["message"]

    refused()
    assert client.get("runs").json()["total"] == 0


def test_the_variant_itself_is_well_formed(client: TestClient) -> None:
    assert client.post("whatif", json=VARIANT).status_code == 200


def test_no_request_of_the_schema_breaks_the_server(app: FastAPI, client: TestClient) -> None:
    """Random requests to every operation that OpenAPI describes; the endless streams are left out."""
    schema: Any = schemathesis.openapi.from_dict(app.openapi())
    operations = [found.ok() for found in schema.exclude(path_regex="/events$").get_all_operations()]
    assert len(operations) > 15

    def check(operation: Any) -> None:
        @given(case=operation.as_strategy())
        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        def holds(case: Any) -> None:
            sent: Any = requests.Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
            headers = {name: value for name, value in sent.headers.items() if name.lower() != "host"}
            answer = client.request(sent.method, sent.url, headers=headers, content=sent.body)
            assert answer.status_code < 500, answer.text
            if answer.status_code >= 400:
                assert answer.json()["error"]["message"]

        holds()

    for operation in operations:
        check(operation)
