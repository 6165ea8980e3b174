"""Which tests can run here."""

import os
from pathlib import Path

import pytest

IMAGES = ("cifar10-jpeg.zip", "MNIST/raw")


def has_images() -> bool:
    """Whether PARETOSCOPE_DATA names a folder with the images that some tests look at."""
    folder = os.environ.get("PARETOSCOPE_DATA")
    return folder is not None and all((Path(folder) / name).exists() for name in IMAGES)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests on real images where there are none; the summary counts them as deselected."""
    if has_images():
        return
    left_out = [item for item in items if item.get_closest_marker("images")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_report_header() -> str:
    """Say whether the tests on real images run."""
    return "real images: " + ("found" if has_images() else f"none, set PARETOSCOPE_DATA to a folder with {IMAGES}")
