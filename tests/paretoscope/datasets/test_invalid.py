"""Data that cannot be used: the error names the file, and no cache is left."""

import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from paretoscope.datasets import load, spec
from paretoscope.errors import DataError
from tests.paretoscope.datasets.images import folders_in, picture, pictures, write_folder, write_zip


def _png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


CASES: dict[str, tuple[Callable[[], dict[str, bytes]], str]] = {
    "another size": (lambda: {"train/dog/1.png": picture(1, side=7)}, "train/dog/1.png.*7×7.*6×6"),
    "grey among colour": (lambda: {"test/dog/1.png": picture(1, mode="L")}, "test/dog/1.png.*grey.*RGB"),
    "alpha": (lambda: {"train/dog/1.png": picture(1, mode="RGBA")}, "train/dog/1.png.*RGBA"),
    "truncated": (lambda: {"train/dog/1.png": picture(1, side=6)[:90]}, "train/dog/1.png"),
    "truncated jpeg": (
        lambda: {"train/dog/1.jpg": picture(1, form="JPEG")[:-20]},
        "train/dog/1.jpg.*cannot be decoded",
    ),
    "not an image": (lambda: {"train/dog/1.png": b"hello"}, "train/dog/1.png.*not a PNG or JPEG"),
    "a text file": (lambda: {"train/dog/labels.txt": b"hello"}, "train/dog/labels.txt.*remove it"),
    "empty file": (lambda: {"train/dog/1.png": b""}, "train/dog/1.png.*0 bytes"),
    "too deep": (lambda: {"train/dog/more/1.png": picture(1)}, "train/dog/more/1.png.*layout"),
    "beside the classes": (lambda: {"train/1.png": picture(1)}, "train/1.png.*layout"),
    "test only": (lambda: {"test/emu/1.png": picture(1)}, "test/emu.*not in train"),
    "decompression bomb": (lambda: {"train/dog/1.png": _png_header(30000, 30000)}, "train/dog/1.png"),
    "decompression bomb first": (lambda: {"train/cat/0.png": _png_header(30000, 30000)}, "train/cat/0.png"),
    "huge first": (lambda: {"train/cat/0.png": _png_header(2000, 2000)}, "train/cat/0.png.*at most 1024×1024"),
    "not square": (lambda: {"train/cat/0.png": picture(0, size=(6, 7))}, "train/cat/0.png.*square"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_the_error_names_the_file_and_nothing_is_cached(case: str, kind: str, tmp_path: Path) -> None:
    make, pattern = CASES[case]
    files = pictures() | make()
    if kind == "zip":
        write_zip(tmp_path / "data" / "pets.zip", files)
    else:
        write_folder(tmp_path / "data" / "pets", files)
    folders = folders_in(tmp_path)
    with pytest.raises(DataError, match=pattern) as caught:
        load("pets", folders)
    assert caught.value.code == "data_invalid"
    assert str(tmp_path / "data" / "pets") in caught.value.message
    assert [path for path in tmp_path.glob("cache/**/*") if path.suffix != ".lock"] == []


@pytest.mark.parametrize(
    ("files", "pattern"),
    [
        ({}, "no images in train/"),
        ({"train/cat/0.png": b"x", "train/dog/0.png": b"x"}, "no images in test/"),
        ({"train/cat/0.png": b"x", "test/cat/0.png": b"x"}, "one class only"),
    ],
)
def test_a_layout_that_is_not_complete(files: dict[str, bytes], pattern: str, tmp_path: Path) -> None:
    write_folder(tmp_path / "data" / "pets", files)
    (tmp_path / "data" / "pets").mkdir(parents=True, exist_ok=True)
    with pytest.raises(DataError, match=pattern):
        spec("pets", folders_in(tmp_path))


def test_an_empty_class(tmp_path: Path) -> None:
    write_folder(tmp_path / "data" / "pets", pictures())
    (tmp_path / "data" / "pets" / "train" / "emu").mkdir()
    with pytest.raises(DataError, match=r"train/emu.*no images"):
        spec("pets", folders_in(tmp_path))


def test_a_zip_entry_whose_bytes_changed(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "data" / "pets.zip", pictures())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("train/dog/1.png")
    content = bytearray(path.read_bytes())
    content[info.header_offset + 30 + len(info.filename) + 60] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"train/dog/1.png.*CRC"):
        load("pets", folders_in(tmp_path))


def test_a_truncated_zip(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "data" / "pets.zip", pictures())
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"pets.zip is not a readable zip file"):
        spec("pets", folders_in(tmp_path))


def test_a_zip_bomb_is_never_unpacked(tmp_path: Path) -> None:
    bomb = {"train/dog/1.png": bytes(40 * 2**20)}
    write_zip(tmp_path / "data" / "pets.zip", pictures() | bomb, zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match=r"train/dog/1.png.*larger than"):
        spec("pets", folders_in(tmp_path))


def test_a_zip_entry_that_hides_its_size(tmp_path: Path) -> None:
    """The directory says 100 bytes, the data unpack to 40 MB."""
    bomb = {"train/dog/1.png": bytes(40 * 2**20)}
    path = write_zip(tmp_path / "data" / "pets.zip", pictures() | bomb, zipfile.ZIP_DEFLATED)
    content = path.read_bytes().replace(struct.pack("<I", 40 * 2**20), struct.pack("<I", 100))
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"train/dog/1.png"):
        load("pets", folders_in(tmp_path))


def test_more_pixels_than_memory_should_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paretoscope.datasets.decoding.MAX_TOTAL_BYTES", 10 * 6 * 6 * 3 - 1)
    write_zip(tmp_path / "data" / "pets.zip", pictures())
    with pytest.raises(DataError, match="10 images of 6×6 pixels decode to more than"):
        load("pets", folders_in(tmp_path))
