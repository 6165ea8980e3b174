import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from paretoscope.datasets import Dataset, load
from tests.paretoscope.datasets.images import folders_in, picture, pictures, write_folder


def _decodings(tmp_path: Path) -> tuple[Dataset, list[str]]:
    notes: list[str] = []
    return load("pets", folders_in(tmp_path), lambda _, note: notes.append(note)), notes


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """600 images, enough for one note about decoding."""
    return write_folder(tmp_path / "data" / "pets", pictures(train=250, test=50))


def _cache_file(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "cache").glob("pets-*.safetensors")
    return path


def test_images_are_decoded_once(many: Path, tmp_path: Path) -> None:
    first, notes = _decodings(tmp_path)
    assert notes == ["decoding images: 500 of 600"]
    second, notes = _decodings(tmp_path)
    assert notes == []
    assert torch.equal(first.train.images, second.train.images)
    assert (first.mean, first.std) == (second.mean, second.std)


def test_a_changed_image_is_decoded_and_the_old_cache_removed(many: Path, tmp_path: Path) -> None:
    _decodings(tmp_path)
    before = _cache_file(tmp_path)
    (many / "train" / "cat" / "0.png").write_bytes(picture(10_000))
    _, notes = _decodings(tmp_path)
    assert notes
    assert _cache_file(tmp_path) != before


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "foreign"])
def test_a_damaged_cache_is_rebuilt(damage: str, many: Path, tmp_path: Path) -> None:
    first, _ = _decodings(tmp_path)
    expected = first.train.images.clone()
    path = _cache_file(tmp_path)
    content = bytearray(path.read_bytes())
    del first
    match damage:
        case "truncated":
            content = content[: len(content) // 2]
        case "flipped":
            content[-100] ^= 1
        case "empty":
            content = bytearray()
        case _:
            content = bytearray(b"\x02\0\0\0\0\0\0\0{}")
    path.unlink()
    path.write_bytes(content)
    again, notes = _decodings(tmp_path)
    assert notes
    assert torch.equal(again.train.images, expected)


def test_of_two_processes_one_decodes(many: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.paretoscope.datasets.images import folders_in\n"
        "from paretoscope.datasets import load\n"
        "load('pets', folders_in(Path(sys.argv[1])), lambda _, note: sys.stdout.write(note + '\\n'))"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    output = "".join(process.communicate(timeout=60)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert output.count("decoding images: 500 of 600") == 1


def test_stopping_while_decoding_leaves_nothing(many: Path, tmp_path: Path) -> None:
    class Enough(Exception):  # noqa: N818
        pass

    def stop(_fraction: float, _note: str) -> None:
        raise Enough

    with pytest.raises(Enough):
        load("pets", folders_in(tmp_path), stop)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["pets.lock"]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The kernel refuses longer files, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_nothing(many: Path, tmp_path: Path) -> None:
    with largest_file(4096), pytest.raises(OSError, match="File too large"):
        load("pets", folders_in(tmp_path))
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["pets.lock"]
    assert os.listdir(tmp_path / "data") == ["pets"]  # noqa: PTH208
