"""Small image sets for tests, as files in memory."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from paretoscope.datasets import DataFolders


def picture(
    seed: int, side: int = 6, mode: str = "RGB", form: str = "PNG", size: tuple[int, int] | None = None
) -> bytes:
    """One random image file."""
    random = np.random.default_rng(seed)
    width, height = size or (side, side)
    bands = {"L": (), "RGB": (3,), "RGBA": (4,)}[mode]
    pixels = random.integers(0, 256, (height, width, *bands), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels, mode).save(out, form)
    return out.getvalue()


def pictures(
    classes: tuple[str, ...] = ("cat", "dog"), train: int = 3, test: int = 2, side: int = 6, mode: str = "RGB"
) -> dict[str, bytes]:
    """A whole set: path → file."""
    files: dict[str, bytes] = {}
    for split, count in (("train", train), ("test", test)):
        for name in classes:
            for number in range(count):
                files[f"{split}/{name}/{number}.png"] = picture(len(files), side, mode)
    return files


def write_folder(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def write_zip(path: Path, files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def folders_in(tmp_path: Path) -> DataFolders:
    (tmp_path / "data").mkdir(exist_ok=True)
    return DataFolders((tmp_path / "data",), tmp_path / "downloads", tmp_path / "cache")
