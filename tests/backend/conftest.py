"""An API on a fresh database, without a worker."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.api.dependencies import House
from backend.app import create_app
from backend.settings import Settings, load_settings
from backend.store.migrate import migrate

DIGITS: dict[str, Any] = {"dataset": "digits", "architecture": {"name": "tinyconv"}}
SHARED: dict[str, Any] = {**DIGITS, "steps": [{"kind": "share_weights", "clusters": 16}]}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", quickstart=False)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    migrate(settings.database_url)
    return create_app(settings)


@pytest.fixture
def house(app: FastAPI) -> House:
    house: House = app.state.house
    return house


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://localhost/api/v1", raise_server_exceptions=False) as client:
        yield client
