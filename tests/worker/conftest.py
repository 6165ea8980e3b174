"""Installations for the tests of the worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.lab import Lab, open_lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """Give an installation without a worker."""
    with open_lab(tmp_path) as lab:
        yield lab


@pytest.fixture(scope="module")
def busy_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Give an installation with one worker, shared by the tests of a module; they use different seeds."""
    with open_lab(tmp_path_factory.mktemp("lab"), max_attempts=2) as lab:
        lab.start_worker()
        yield lab
