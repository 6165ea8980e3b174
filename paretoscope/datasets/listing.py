"""A person's own images: a folder or a zip of `train/<class>/*.png|jpg|jpeg` and `test/<class>/…`."""

import stat
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from paretoscope.errors import DataError

SPLITS = ("train", "test")
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})
MAX_FILE_BYTES = 32 * 2**20  # of one compressed image; also what a zip entry may unpack to
_LAYOUT = "train/<class>/*.png|jpg|jpeg and test/<class>/*.png|jpg|jpeg"
_LITTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Entry:
    """One file or folder of a source: its path below the source, and what identifies its content."""

    path: PurePosixPath
    is_folder: bool
    size: int
    stamp: int  # a modification time or a checksum


class Reader(Protocol):
    """Reads one entry's bytes."""

    def read(self, path: PurePosixPath) -> bytes:
        """All bytes of one image file. Raises DataError naming it."""
        ...


class Source(Protocol):
    """A place that holds images."""

    path: Path

    def entries(self) -> Iterable[Entry]:
        """Everything in it, in any order."""
        ...

    def reader(self) -> "Iterator[Reader]":
        """A context in which entries can be read."""
        ...


@dataclass(frozen=True)
class Listing:
    """Which images there are: sorted class names, and per split sorted (entry, label) pairs."""

    classes: tuple[str, ...]
    train: tuple[tuple[Entry, int], ...]
    test: tuple[tuple[Entry, int], ...]


def invalid(source: Path, inside: object, problem: str) -> DataError:
    """An error that names the file, the data set's file or folder, and what is wrong."""
    return DataError("data_invalid", f"{inside} in {source}: {problem}")


@dataclass(frozen=True)
class FolderSource:
    """A folder of images."""

    path: Path

    def splits(self) -> list[PurePosixPath]:
        """Where `train` and `test` are: directly inside, or inside the only folder there is."""
        inside = [
            child.name for child in self.path.iterdir() if child.is_dir() and not _ignored(PurePosixPath(child.name))
        ]
        outer = PurePosixPath(inside[0] if len(inside) == 1 and inside[0] not in SPLITS else "")
        return [outer / split for split in SPLITS if (self.path / outer / split).is_dir()]

    def entries(self) -> Iterator[Entry]:
        """Walk the splits one level deeper than the layout goes, so that what lies too deep is noticed."""
        for split in self.splits():
            yield from self._below(split, depth=3)

    def _below(self, relative: PurePosixPath, depth: int) -> Iterator[Entry]:
        for child in (self.path / relative).iterdir():
            inside = relative / child.name
            try:
                status = child.stat()
            except OSError as error:
                raise invalid(self.path, inside, f"cannot be read ({error.strerror}).") from error
            is_folder = stat.S_ISDIR(status.st_mode)
            yield Entry(inside, is_folder, status.st_size, status.st_mtime_ns)
            if is_folder and depth > 1 and not _ignored(inside):
                yield from self._below(inside, depth - 1)

    @contextmanager
    def reader(self) -> "Iterator[FolderSource]":
        """The folder itself reads."""
        yield self

    def read(self, path: PurePosixPath) -> bytes:
        """All bytes of one file."""
        try:
            data = (self.path / path).read_bytes()
        except OSError as error:
            raise invalid(self.path, path, f"cannot be read ({error.strerror}).") from error
        if len(data) > MAX_FILE_BYTES:
            raise invalid(self.path, path, f"larger than {MAX_FILE_BYTES:,} bytes.")
        return data


@dataclass(frozen=True)
class ZipSource:
    """A zip file of images."""

    path: Path

    def entries(self) -> Iterator[Entry]:
        """Read the central directory only."""
        with self._open() as archive:
            for info in archive.infolist():
                yield Entry(PurePosixPath(info.filename), info.is_dir(), info.file_size, info.CRC)

    @contextmanager
    def reader(self) -> "Iterator[ZipReader]":
        """Keep the archive open while its entries are read."""
        with self._open() as archive:
            yield ZipReader(self.path, archive)

    @contextmanager
    def _open(self) -> Iterator[zipfile.ZipFile]:
        try:
            archive = zipfile.ZipFile(self.path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise DataError(
                "data_invalid", f"{self.path} is not a readable zip file ({error}); make it again."
            ) from error
        with archive:
            yield archive


@dataclass(frozen=True)
class ZipReader:
    """Reads the entries of an open zip file."""

    path: Path
    archive: zipfile.ZipFile

    def read(self, path: PurePosixPath) -> bytes:
        """Unpack one entry, never more of it than an image file may have."""
        try:
            with self.archive.open(str(path)) as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            # RuntimeError is what zipfile raises for an encrypted entry.
            raise invalid(self.path, path, f"cannot be unpacked ({error}).") from error
        if len(data) > MAX_FILE_BYTES:
            raise invalid(self.path, path, f"unpacks to more than {MAX_FILE_BYTES:,} bytes.")
        return data


def _ignored(path: PurePosixPath) -> bool:
    return any(part.startswith(".") or part in _LITTER for part in path.parts)


def list_images(source: FolderSource | ZipSource) -> Listing:
    """Find classes and images, reading names only.

    One common folder around `train` and `test` is allowed. Raises DataError that names the offending entry.
    """
    entries = [entry for entry in source.entries() if entry.path.parts and not _ignored(entry.path)]
    tops = {entry.path.parts[0] for entry in entries if len(entry.path.parts) > 1}
    outer = 1 if len(tops) == 1 and not tops.intersection(SPLITS) else 0
    found: dict[str, dict[str, list[Entry]]] = {split: defaultdict(list) for split in SPLITS}
    for entry in entries:
        parts = entry.path.parts[outer:]
        if len(parts) < 2 or parts[0] not in found:
            continue  # a split's own folder, a read-me beside the splits
        images = found[parts[0]]
        if entry.is_folder:
            if len(parts) == 2:
                images[parts[1]]  # remembered even when empty
            continue
        _check_place(source.path, entry, parts)
        images[parts[1]].append(entry)
    return _listing(source.path, found["train"], found["test"])


def _check_place(source: Path, entry: Entry, parts: tuple[str, ...]) -> None:
    if len(parts) != 3:
        raise invalid(source, entry.path, f"is not where an image is expected; the layout is {_LAYOUT}.")
    if entry.path.suffix.lower() not in IMAGE_SUFFIXES:
        raise invalid(source, entry.path, "is not a PNG or JPEG file; remove it.")
    if entry.size == 0:
        raise invalid(source, entry.path, "is empty (0 bytes).")
    if entry.size > MAX_FILE_BYTES:
        raise invalid(source, entry.path, f"is larger than {MAX_FILE_BYTES:,} bytes.")


def _listing(source: Path, train: dict[str, list[Entry]], test: dict[str, list[Entry]]) -> Listing:
    for split, classes in (("train", train), ("test", test)):
        if not classes:
            raise DataError("data_invalid", f"{source} has no images in {split}/; the layout is {_LAYOUT}.")
        for name, images in sorted(classes.items()):
            if not images:
                raise invalid(source, f"{split}/{name}", "the class has no images.")
    unknown = sorted(test.keys() - train.keys())
    if unknown:
        raise invalid(source, f"test/{unknown[0]}", "the class is in test but not in train.")
    if len(train) < 2:
        raise DataError("data_invalid", f"{source} has one class only ({next(iter(train))}); at least 2 are needed.")
    names = tuple(sorted(train))

    def flat(classes: dict[str, list[Entry]]) -> tuple[tuple[Entry, int], ...]:
        return tuple(
            (entry, label)
            for label, name in enumerate(names)
            for entry in sorted(classes.get(name, ()), key=lambda entry: entry.path.as_posix())
        )

    return Listing(names, flat(train), flat(test))
