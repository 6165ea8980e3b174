"""What holds for every answer: one error shape, security headers, limits, the access token, OpenAPI."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.app import create_app
from backend.settings import SettingsError, load_settings
from backend.store.migrate import migrate

TOKEN = "a-long-enough-token"  # noqa: S105


def error_of(answer: Any) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "details"}
    assert body["error"]["message"]
    error: dict[str, Any] = body["error"]
    return error


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "nope", {}, 404, "not_found"),
        ("GET", "runs/run_none", {}, 404, "not_found"),
        ("GET", "runs/run_none/events", {}, 404, "not_found"),
        ("POST", "runs/run_none/cancel", {}, 404, "not_found"),
        ("DELETE", "studies/none", {}, 404, "not_found"),
        ("PUT", "runs", {}, 405, "method_not_allowed"),
        ("POST", "runs", {"content": b"{", "headers": {"content-type": "application/json"}}, 422, "validation"),
        (
            "POST",
            "runs",
            {"content": b"[" * 100_000, "headers": {"content-type": "application/json"}},
            400,
            "bad_request",
        ),
        ("POST", "runs", {"content": b"{}"}, 415, "unsupported_media_type"),
        ("POST", "runs", {"data": {"variant": "x"}}, 415, "unsupported_media_type"),
        ("POST", "runs", {"content": b"x" * 2_000_000}, 413, "content_too_large"),
        ("POST", "runs", {"content": iter([b"x" * 600_000] * 2)}, 413, "content_too_large"),
        ("POST", "runs", {"json": {}, "headers": {"sec-fetch-site": "cross-site"}}, 403, "cross_site"),
        ("GET", "health", {"headers": {"host": "evil.example"}}, 421, "wrong_host"),
        ("GET", "health", {"headers": {"host": "[::"}}, 421, "wrong_host"),
    ],
)
def test_every_error_has_one_shape(
    client: TestClient, method: str, path: str, options: dict[str, Any], status: int, code: str
) -> None:
    answer = client.request(method, path, **options)
    assert answer.status_code == status
    assert error_of(answer)["code"] == code


def test_a_failure_of_ours_has_that_shape_too(app: FastAPI) -> None:
    @app.get("/api/v1/broken")
    def broken() -> None:
        raise RuntimeError("a secret detail")

    app.router.routes.insert(0, app.router.routes.pop())
    with TestClient(app, base_url="http://localhost/api/v1", raise_server_exceptions=False) as client:
        answer = client.get("broken")
    assert answer.status_code == 500
    assert "secret" not in error_of(answer)["message"]


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("health", "nope", "http://localhost/"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[TestClient]:
    settings = load_settings(data_dir=tmp_path, host="0.0.0.0", access_token=TOKEN)  # noqa: S104
    migrate(settings.database_url)
    with TestClient(create_app(settings), base_url="http://lab.example/api/v1") as client:
        yield client


def test_with_a_token_every_call_must_carry_it(guarded: TestClient) -> None:
    assert error_of(guarded.get("health"))["code"] == "unauthorized"
    assert guarded.get("health", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert guarded.get("health", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert guarded.get("http://lab.example/").status_code == 200  # the page, which asks for the token


def test_another_address_than_loopback_needs_a_token(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ACCESS_TOKEN"):
        load_settings(data_dir=tmp_path, host="0.0.0.0")  # noqa: S104


def test_the_api_documents_itself(client: TestClient) -> None:
    described = client.get("openapi.json").json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), f"{method} {path} has no description"
            assert operation.get("tags"), f"{method} {path} has no tag"
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    (described_as,) = answer["content"].values()
                    assert described_as["schema"]["$ref"].endswith("/ErrorAnswer"), f"{method} {path} {status}"
    assert "examples" in described["paths"]["/api/v1/whatif"]["post"]["requestBody"]["content"]["application/json"]


def test_the_page_and_plotly_come_from_here(client: TestClient) -> None:
    assert client.get("http://localhost/").headers["content-type"].startswith("text/html")
    script = client.get("http://localhost/static/vendor/plotly.min.js")
    assert script.status_code == 200
    assert len(script.content) > 1_000_000
    again = client.get(
        "http://localhost/static/vendor/plotly.min.js", headers={"if-none-match": script.headers["etag"]}
    )
    assert again.status_code == 304


def test_the_catalog_holds_all_there_is(client: TestClient) -> None:
    catalog = client.get("catalog").json()
    assert {"tinyconv", "resnet20"} <= {entry["name"] for entry in catalog["architectures"]}
    assert {"digits", "mnist", "fashion_mnist", "cifar10", "cifar100", "imagenet"} <= {
        d["name"] for d in catalog["datasets"]
    }
    for step in catalog["steps"]:
        assert step["schema"]["properties"]["kind"]["const"] == step["kind"]
        assert step["formula"]


def test_health_without_a_worker_is_degraded(client: TestClient) -> None:
    health = client.get("health").json()
    assert health["database"] == {"ok": True, "kind": "sqlite"}
    assert health["broker"] == {"ok": True, "kind": "filesystem"}
    assert health["status"] == "degraded"
    assert health["workers"] == []
