"""Which tests can run here, and an environment that a developer's settings do not change."""

import os
from pathlib import Path

import pytest

IMAGES = ("cifar10-jpeg.zip", "cifar10-lossless-5k.zip", "MNIST/raw")
KEPT = ("PARETOSCOPE_CHROMIUM",)

_folder = os.environ.get("PARETOSCOPE_DATA")
for name in [name for name in os.environ if name.startswith("PARETOSCOPE_") and name not in KEPT]:
    del os.environ[name]


def images_folder() -> Path | None:
    """Return the folder of real images that PARETOSCOPE_DATA named, if it has what the tests look at."""
    folder = Path(_folder) if _folder else None
    return folder if folder and all((folder / name).exists() for name in IMAGES) else None


@pytest.fixture
def images() -> Path:
    """The folder of real images; its users carry the mark of the same name."""
    folder = images_folder()
    assert folder is not None
    return folder


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests on real images where there are none; the summary counts them as deselected."""
    if images_folder() is not None:
        return
    left_out = [item for item in items if item.get_closest_marker("images")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_report_header() -> str:
    """Say whether the tests on real images run."""
    return "real images: " + ("found" if images_folder() else f"none, set PARETOSCOPE_DATA to a folder with {IMAGES}")
