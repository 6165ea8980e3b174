"""Where a person's images lie: a folder or a zip file, read entry by entry."""

import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from paretoscope.datasets.names import shown
from paretoscope.errors import DataError

SPLITS = ("train", "test")
MAX_FILE_BYTES = 32 * 2**20  # of one compressed image; also what a zip entry may unpack to
_LITTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
# What zipfile and its decompressors raise for damaged or foreign bytes; RuntimeError stands for an encrypted entry.
_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(LookupError, ValueError, OverflowError, RuntimeError),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or folder of a source: its path below the source, and what identifies its content."""

    path: PurePosixPath
    name: str  # the source's own spelling, by which the entry is read
    is_folder: bool
    size: int
    stamp: int  # a modification time or a checksum


class Reader(Protocol):
    """Reads one entry's bytes."""

    def read(self, entry: Entry) -> bytes:
        """All bytes of one image file. Raises DataError naming it."""
        ...


def invalid(source: Path, inside: object, problem: str) -> DataError:
    """An error that names the file, the data set's file or folder, and what is wrong."""
    return DataError("data_invalid", f"{shown(inside)} in {shown(source)}: {problem}")


def unreadable(source: Path, error: OSError) -> DataError:
    """An error that says which file the system refused, and why."""
    at = f" at {shown(error.filename)}" if error.filename and str(error.filename) != str(source) else ""
    return DataError("data_invalid", f"{shown(source)} cannot be read{at} ({error.strerror or error}).")


def is_litter(path: PurePosixPath) -> bool:
    """Whether a path is, or lies in, what operating systems leave behind."""
    return any(part.startswith(".") or part in _LITTER for part in path.parts)


@dataclass(frozen=True)
class FolderSource:
    """A folder of images. Raises DataError where something in it cannot be read."""

    path: Path

    def entries(self) -> Iterator[Entry]:
        """Walk the splits one level deeper than the layout goes, so that what lies too deep is noticed."""
        for split in self._splits():
            yield from self._below(split, depth=3)

    def names_state(self) -> tuple[tuple[str, int, int], ...]:
        """What changes when images are added or taken away, without looking at each of them."""
        splits = self._splits()
        inside = [self.path / split / name for split in splits for name in self._folders(split)]
        return tuple(self._status(path) for path in (self.path, *(self.path / split for split in splits), *inside))

    def content_state(self) -> tuple[tuple[str, int, int], ...]:
        """What changes when any image does: every file's size and time."""
        return tuple(sorted((entry.name, entry.size, entry.stamp) for entry in self.entries() if not entry.is_folder))

    def states(self, entries: Iterable[Entry]) -> tuple[tuple[str, int, int], ...]:
        """What changes when one of these images does."""
        return tuple(self._status(self.path / entry.name) for entry in entries)

    @contextmanager
    def reader(self) -> "Iterator[FolderSource]":
        """The folder itself reads."""
        yield self

    def read(self, entry: Entry) -> bytes:
        """All bytes of one file, which may have grown since it was listed."""
        try:
            with (self.path / entry.name).open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise invalid(self.path, entry.path, f"cannot be read ({error.strerror}).") from error
        if len(data) > MAX_FILE_BYTES:
            raise invalid(self.path, entry.path, f"larger than {MAX_FILE_BYTES:,} bytes.")
        return data

    def _splits(self) -> list[PurePosixPath]:
        """Where `train` and `test` are: directly inside, or inside the only folder there is."""
        outer = PurePosixPath()
        inside = self._folders(outer)
        if len(inside) == 1 and inside[0] not in SPLITS:
            outer = PurePosixPath(inside[0])
            inside = self._folders(outer)
        return [outer / split for split in SPLITS if split in inside]

    def _folders(self, relative: PurePosixPath) -> list[str]:
        try:
            with os.scandir(self.path / relative) as children:
                return sorted(
                    child.name for child in children if not is_litter(PurePosixPath(child.name)) and child.is_dir()
                )
        except OSError as error:
            raise unreadable(self.path, error) from error

    def _below(self, relative: PurePosixPath, depth: int) -> Iterator[Entry]:
        try:
            with os.scandir(self.path / relative) as children:
                found = [(child.name, child.stat()) for child in children if not is_litter(PurePosixPath(child.name))]
        except OSError as error:
            raise unreadable(self.path, error) from error
        for name, status in found:
            path = relative / name
            is_folder = stat.S_ISDIR(status.st_mode)
            yield Entry(path, str(path), is_folder, status.st_size, status.st_mtime_ns)
            if is_folder and depth > 1:
                yield from self._below(path, depth - 1)

    def _status(self, path: Path) -> tuple[str, int, int]:
        try:
            status = path.stat()
        except OSError as error:
            raise unreadable(self.path, error) from error
        return str(path), status.st_size, status.st_mtime_ns


@dataclass(frozen=True)
class ZipSource:
    """A zip file of images."""

    path: Path

    def entries(self) -> Iterator[Entry]:
        """Read the central directory only; of entries with one path the last counts, as when unpacking."""
        with self._open() as archive:
            found = {path: info for info in archive.infolist() if (path := _path_of(info)).parts}
        for path, info in found.items():
            yield Entry(path, info.filename, info.filename.endswith(("/", "\\")), info.file_size, info.CRC)

    def names_state(self) -> tuple[int, int]:
        """What changes when anything in the file does: its size and time."""
        try:
            status = self.path.stat()
        except OSError as error:
            raise unreadable(self.path, error) from error
        return status.st_size, status.st_mtime_ns

    def content_state(self) -> tuple[int, int]:
        """The same: names and content are in one file."""
        return self.names_state()

    def states(self, _entries: Iterable[Entry]) -> tuple[int, int]:
        """The same."""
        return self.names_state()

    @contextmanager
    def reader(self) -> "Iterator[ZipReader]":
        """Keep the archive open while its entries are read."""
        with self._open() as archive:
            yield ZipReader(self.path, archive)

    @contextmanager
    def _open(self) -> Iterator[zipfile.ZipFile]:
        try:
            archive = zipfile.ZipFile(self.path)
        except UnicodeDecodeError as error:
            name = shown(error.object.decode(errors="surrogateescape"))
            raise invalid(self.path, name, "the name is not UTF-8; rename it and make the zip again.") from error
        except OSError as error:
            raise unreadable(self.path, error) from error
        except _ZIP_ERRORS as error:
            raise DataError(
                "data_invalid", f"{shown(self.path)} is not a readable zip file ({error}); make it again."
            ) from error
        with archive:
            yield archive


@dataclass(frozen=True)
class ZipReader:
    """Reads the entries of an open zip file."""

    path: Path
    archive: zipfile.ZipFile

    def read(self, entry: Entry) -> bytes:
        """Unpack one entry, never more of it than an image file may have."""
        try:
            with self.archive.open(entry.name) as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except _ZIP_ERRORS as error:
            raise invalid(self.path, entry.path, f"cannot be unpacked ({error}).") from error
        if len(data) > MAX_FILE_BYTES:
            raise invalid(self.path, entry.path, f"unpacks to more than {MAX_FILE_BYTES:,} bytes.")
        return data


Source = FolderSource | ZipSource


def _path_of(info: zipfile.ZipInfo) -> PurePosixPath:
    """Where an entry belongs, however it is spelt: `./train//a/0.png` and `train\\a\\0.png` are `train/a/0.png`."""
    return PurePosixPath(*(part for part in info.filename.replace("\\", "/").split("/") if part not in ("", ".")))
