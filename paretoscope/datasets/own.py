"""A person's own image sets: found by name, known by their state on disk."""

import os
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple

from paretoscope.datasets.decoding import image_shape
from paretoscope.datasets.folders import DataFolders
from paretoscope.datasets.listing import list_images
from paretoscope.datasets.names import composed, shown
from paretoscope.datasets.notices import warn_once
from paretoscope.datasets.sources import Entry, FolderSource, Source, ZipSource
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.errors import DataError

_NAME = re.compile(r"\w[\w .+-]{0,99}(?<![ .])")


def checked(name: str) -> str:
    """The name in its one spelling. Raises DataError(`data_name`) where no folder or zip file may be called so."""
    name = composed(name)
    if not _NAME.fullmatch(name):
        raise DataError(
            "data_name",
            f"{name!r} cannot be a data set's name: letters, digits, space and . _ + - are allowed, at most 100, "
            "beginning with a letter or digit.",
        )
    return name


def find(name: str, folders: DataFolders) -> Source | None:
    """The folder or zip file of this name in the first search folder that has one."""
    return find_all(folders).get(name)


def find_all(folders: DataFolders) -> dict[str, Source]:
    """Everything in the search folders that may be an image set, by name; folders come before zip files.

    A search folder that cannot be read is left out with a warning in the log.
    """
    found: dict[str, Source] = {}
    for folder in folders.search:
        here: dict[str, Source] = {}
        for source in _sources(folder):
            name = composed(source.path.name if isinstance(source, FolderSource) else source.path.stem)
            if _NAME.fullmatch(name):
                here.setdefault(name, source)
        for name, source in sorted(here.items()):
            found.setdefault(name, source)
    return found


def _sources(folder: Path) -> list[Source]:
    """The folders inside, then the zip files, each in the order of their names."""
    try:
        with os.scandir(folder) as children:
            inside = sorted(children, key=lambda child: child.name)
    except FileNotFoundError:
        return []
    except OSError as error:
        warn_once(f"The search folder {shown(folder)} is left out: {error.strerror}.")
        return []
    kinds = [(folder / child.name, _kind(child)) for child in inside]
    return [
        *(FolderSource(path) for path, kind in kinds if kind == "folder"),
        *(ZipSource(path) for path, kind in kinds if kind == "file" and path.suffix.lower() == ".zip"),
    ]


def _kind(child: os.DirEntry[str]) -> Literal["folder", "file", "other"]:
    try:
        return "folder" if child.is_dir() else "file" if child.is_file() else "other"
    except OSError:
        return "other"  # a link in a circle, or into a place that is closed to us


def describe(name: str, source: Source) -> DatasetSpec:
    """Its spec, from names and one image; remembered until the source changes. Raises DataError."""
    outline = _outlined(source, source.names_state())
    return _described(name, source, outline, source.states(outline.firsts))


class _Outline(NamedTuple):
    """What names alone tell, and the images by which a change of content is noticed, the first of them the sample."""

    classes: tuple[str, ...]
    train: int
    test: int
    firsts: tuple[Entry, ...]


@lru_cache(maxsize=256)
def _outlined(source: Source, _state: object) -> _Outline:
    listing = list_images(source)
    return _Outline(listing.classes, len(listing.train), len(listing.test), listing.firsts())


@lru_cache(maxsize=256)
def _described(name: str, source: Source, outline: _Outline, _state: object) -> DatasetSpec:
    channels, side = image_shape(source, outline.firsts[0])
    classes = outline.classes
    kind = "RGB" if channels == 3 else "grey"
    return DatasetSpec(
        name=name,
        title=name,
        summary=f"{outline.train:,} training and {outline.test:,} test images in {len(classes)} "
        f"classes, {side}×{side} {kind}.",
        channels=channels,
        resolution=side,
        num_classes=len(classes),
        classes=classes,
        flip=channels == 3,  # photos; grey images are mostly characters, which a mirror spoils
        shift=max(1, side // (8 if channels == 3 else 14)),
        batch_size=128 if outline.train >= 10_000 else 64,
        source=source.path.name,  # the catalog is public, where it lies is not
        present=True,
    )


def content_state(source: Source) -> str:
    """What changes when any image does: a zip file's size and time, or those of every file in a folder."""
    return sha256(repr(source.content_state()).encode()).hexdigest()
