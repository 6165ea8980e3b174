"""A person's own image sets: found by name, known by their state on disk."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256

from paretoscope.datasets.decoding import image_shape
from paretoscope.datasets.folders import DataFolders
from paretoscope.datasets.listing import FolderSource, ZipSource, list_images
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.errors import DataError

_NAME = re.compile(r"\w[\w .+-]{0,99}(?<![ .])")


def check_name(name: str) -> None:
    """Refuse what cannot be the plain name of a folder or zip file. Raises DataError(`data_name`)."""
    if not _NAME.fullmatch(name):
        raise DataError(
            "data_name",
            f"{name!r} cannot be a data set's name: letters, digits, space and . _ + - are allowed, at most 100, "
            "beginning with a letter or digit.",
        )


def find(name: str, folders: DataFolders) -> FolderSource | ZipSource | None:
    """The folder or zip file of this name in the first search folder that has one."""
    for folder in folders.search:
        if (folder / name).is_dir():
            return FolderSource(folder / name)
        path = folder / f"{name}.zip"
        if path.is_file():
            return ZipSource(path)
    return None


def find_all(folders: DataFolders) -> Iterator[str]:
    """Names of everything in the search folders that may be an image set."""
    for folder in folders.search:
        if not folder.is_dir():
            continue
        for path in sorted(folder.iterdir()):
            name = path.stem if path.suffix == ".zip" else path.name
            if _NAME.fullmatch(name) and (path.suffix == ".zip" or path.is_dir()):
                yield name


def describe(name: str, source: FolderSource | ZipSource) -> DatasetSpec:
    """Its spec, from names and one image; remembered until the source changes. Raises DataError."""
    return _described(name, source, _state(source))


@lru_cache(maxsize=256)
def _described(name: str, source: FolderSource | ZipSource, _state: str) -> DatasetSpec:
    listing = list_images(source)
    channels, side = image_shape(source, listing.train[0][0])
    kind = "RGB" if channels == 3 else "grey"
    return DatasetSpec(
        name=name,
        title=name,
        summary=f"{len(listing.train):,} training and {len(listing.test):,} test images in {len(listing.classes)} "
        f"classes, {side}×{side} {kind}.",
        channels=channels,
        resolution=side,
        num_classes=len(listing.classes),
        classes=listing.classes,
        flip=channels == 3,  # photos; grey images are mostly characters, which a mirror spoils
        shift=max(1, side // (8 if channels == 3 else 14)),
        batch_size=128 if len(listing.train) >= 10_000 else 64,
        source=str(source.path),
        present=True,
    )


def _state(source: FolderSource | ZipSource) -> str:
    """What changes when images are added or taken away, without looking at each of them."""
    paths = [source.path]
    if isinstance(source, FolderSource):
        for split in source.splits():
            folder = source.path / split
            paths += [folder, *(path for path in sorted(folder.iterdir()) if path.is_dir())]
    return _digest((path, path.stat().st_size, path.stat().st_mtime_ns) for path in paths)


def content_state(source: FolderSource | ZipSource) -> str:
    """What changes when any image does: a zip file's size and time, or those of every file in a folder."""
    if isinstance(source, ZipSource):
        status = source.path.stat()
        return _digest([(status.st_size, status.st_mtime_ns)])
    entries = sorted(
        (entry.path.as_posix(), entry.size, entry.stamp) for entry in source.entries() if not entry.is_folder
    )
    return _digest(entries)


def _digest(items: Iterable[object]) -> str:
    digest = sha256()
    for item in items:
        digest.update(repr(item).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
