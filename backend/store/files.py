"""Artifact files, kept under the hash of their bytes: never under a name that a user chose."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")

MEDIA_TYPES = {
    ".safetensors": "application/octet-stream",
    ".json": "application/json",
    ".csv": "text/csv",
    ".npz": "application/octet-stream",
    ".onnx": "application/octet-stream",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the store, and the name that a run gives it."""

    name: str
    sha256: str
    size: int
    media_type: str
    path: Path


class ArtifactFiles:
    """A folder of content-addressed files, ``<2 hex>/<64 hex>``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Return where the bytes of a hash are, or would be. Raises ValueError for what is no hash."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256 in lower-case hex: {sha256!r}")
        return self.folder / sha256[:2] / sha256

    def put(self, source: Path) -> Stored:
        """Copy a file into the store: whole or, with the OSError that stopped it, not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".put-")
        try:
            with os.fdopen(handle, "wb") as target, source.open("rb") as origin:
                while block := origin.read(_BLOCK):
                    digest.update(block)
                    size += len(block)
                    target.write(block)
                target.flush()
                os.fsync(target.fileno())
            final = self.path(digest.hexdigest())
            final.parent.mkdir(exist_ok=True)
            Path(temporary).replace(final)  # also over an equal file: one that is being collected comes back
            _sync_folder(final.parent)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(temporary).unlink()
            raise
        media_type = MEDIA_TYPES.get(source.suffix, "application/octet-stream")
        return Stored(source.name, digest.hexdigest(), size, media_type, final)

    def remove(self, sha256: str) -> None:
        """Remove the bytes of a hash, if they are there."""
        self.path(sha256).unlink(missing_ok=True)

    def older_than(self, time: float) -> Iterator[Path]:
        """Yield the files, left-over temporary ones included, that were last written before ``time``."""
        for path in [*self.folder.glob(".put-*"), *self.folder.glob("??/*")]:
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time:
                    yield path


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
