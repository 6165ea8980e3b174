from collections.abc import Iterator

import pytest
import torch

from paretoscope.datasets import DataFolders


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> DataFolders:
    """Folders whose cache the tests share, so that digits are decoded once."""
    root = tmp_path_factory.mktemp("folders")
    return DataFolders((root / "data",), root / "downloads", root / "cache")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small gain nothing from a second thread, and tests share the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
