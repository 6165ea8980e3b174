"""MNIST, Fashion-MNIST and CIFAR, read by torchvision from where it keeps them, fetched where they are missing."""

import gzip
import pickle
import shutil
import tarfile
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from paretoscope.datasets.download import FetchError, fetch, matches_md5
from paretoscope.datasets.files import locked, written_whole
from paretoscope.datasets.folders import DataFolders
from paretoscope.datasets.names import shown
from paretoscope.datasets.progress import Progress
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.datasets.splits import Arrays
from paretoscope.errors import DataError
from paretoscope.torchvision_compat import import_torchvision

_IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
_CIFAR10 = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta")


@dataclass(frozen=True)
class Published:
    """How torchvision names a data set and lays out its files below a root."""

    torchvision_class: str
    folder: str
    files: tuple[str, ...]

    def found_in(self, root: Path) -> bool:
        """Whether all files are there (their content is checked when they are read)."""
        try:
            return all((root / self.folder / name).is_file() for name in self.files)
        except OSError:
            return False  # a folder that is closed to us has nothing for us


PUBLISHED = {
    # name: torchvision's class, its folder below the root, the files it reads
    "mnist": Published("MNIST", "MNIST/raw", _IDX),
    "fashion_mnist": Published("FashionMNIST", "FashionMNIST/raw", _IDX),
    "cifar10": Published("CIFAR10", "cifar-10-batches-py", _CIFAR10),
    "cifar100": Published("CIFAR100", "cifar-100-python", ("train", "test", "meta")),
}


def find_root(name: str, folders: DataFolders) -> Path | None:
    """The first folder that holds this data set in torchvision's layout."""
    return next((root for root in folders.readable if PUBLISHED[name].found_in(root)), None)


def source_state(name: str, root: Path) -> str:
    """What changes when any of the files does."""
    statuses = [(root / PUBLISHED[name].folder / file).stat() for file in PUBLISHED[name].files]
    return repr([(status.st_size, status.st_mtime_ns) for status in statuses])


def obtain(name: str, folders: DataFolders, progress: Progress) -> Path:
    """The root that holds the data set, after unpacking a local archive or downloading where it must.

    Raises DataError(`data_missing`) that says what was tried and where files may be put.
    """
    root = find_root(name, folders)
    if root is not None:
        return root
    published = PUBLISHED[name]
    reader = _reader(published)
    with locked(
        folders.downloads / f".{name}.lock",
        waiting=lambda: progress(0.0, f"waiting for another process that downloads {name}"),
    ):
        if published.found_in(folders.downloads):
            return folders.downloads
        archives, mirrors = _archives(reader)
        for number, (archive, md5) in enumerate(archives):

            def report(fraction: float, note: str, number: int = number) -> None:
                progress((number + fraction) / len(archives), note)

            _unpack(_archive(name, archive, md5, mirrors, folders, report), published, folders.downloads)
    return folders.downloads


def read_published(name: str, spec: DatasetSpec, root: Path) -> Arrays:
    """Both splits as torchvision reads them. Raises DataError naming the folder when a file is damaged."""
    published = PUBLISHED[name]
    reader = _reader(published)
    try:
        train, test = reader(root, train=True), reader(root, train=False)
        arrays = Arrays(*_pixels(train, spec), *_pixels(test, spec))
    except (
        AssertionError,
        EOFError,
        IndexError,
        KeyError,
        OSError,
        RuntimeError,
        ValueError,
        pickle.UnpicklingError,
    ) as error:
        folder = root / published.folder
        raise DataError(
            "data_invalid",
            f"{spec.title} in {shown(folder)} cannot be read ({error or type(error).__name__}): a file is damaged. "
            "Remove that folder and the data set is fetched again.",
        ) from error
    return arrays


def _pixels(split: Any, spec: DatasetSpec) -> tuple[Any, Any]:
    images = np.asarray(split.data)
    labels = np.asarray(split.targets, dtype=np.int64)
    images = images[..., None] if images.ndim == 3 else images
    shape = (len(labels), spec.resolution, spec.resolution, spec.channels)
    if images.shape != shape or images.dtype != np.uint8 or not len(labels):
        raise ValueError(f"images are {images.dtype} {images.shape}, expected uint8 {shape}")
    if labels.min() < 0 or labels.max() >= spec.num_classes:
        raise ValueError(f"labels {labels.min()}…{labels.max()}, expected 0…{spec.num_classes - 1}")
    return images, labels


def _reader(published: Published) -> Any:
    return vars(import_torchvision("torchvision.datasets"))[published.torchvision_class]


def _archives(reader: Any) -> tuple[list[tuple[str, str]], list[str]]:
    """File names with their MD5, and the addresses under which they lie: torchvision's own table."""
    if hasattr(reader, "resources"):
        return list(reader.resources), list(reader.mirrors)
    return [(reader.filename, reader.tgz_md5)], [reader.url.removesuffix(reader.filename)]


def _archive(name: str, archive: str, md5: str, mirrors: list[str], folders: DataFolders, progress: Progress) -> Path:
    """A verified archive: one that lies in a folder already, else a fresh download."""
    tried = []
    for folder in folders.readable:
        for path in (folder / archive, folder / PUBLISHED[name].folder / archive):
            if not path.is_file():
                continue
            if matches_md5(path, md5):
                return path
            tried.append(f"{shown(path)}: not the published file (MD5 differs)")
    for mirror in mirrors:

        def report(done: int, total: int | None) -> None:
            progress(done / total if total else 0.0, f"downloading {archive}: {done / 2**20:.1f} MB")

        target = folders.downloads / archive
        try:
            fetch(mirror + archive, target, md5, report)
        except FetchError as error:
            tried.append(str(error))
        else:
            return target
    raise DataError(
        "data_missing",
        f"{name} is not in {folders.described()} and could not be downloaded ({'; '.join(tried)}). "
        f"In one of these folders put {', '.join(PUBLISHED[name].files)} into {PUBLISHED[name].folder}/, "
        f"or {archive} itself.",
    )


def _unpack(archive: Path, published: Published, downloads: Path) -> None:
    """Unpack below `downloads`, each file or the whole folder appearing at once; drop our own copy of the archive."""
    target = downloads / published.folder
    try:
        if archive.suffixes[-2:] == [".tar", ".gz"]:
            _unpack_folder(archive, target)
        else:
            with gzip.open(archive) as packed, written_whole(target / archive.stem) as file:
                shutil.copyfileobj(packed, file)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError("data_invalid", f"{shown(archive)} cannot be unpacked ({error}); remove it.") from error
    if archive.parent == downloads:
        archive.unlink(missing_ok=True)


def _unpack_folder(archive: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as temporary:
        with tarfile.open(archive) as packed:
            packed.extractall(temporary, filter="data")
        if target.is_dir():
            shutil.rmtree(target)  # an incomplete one, or it would have been used
        (Path(temporary) / target.name).replace(target)
