"""Decoded images on disk: one safetensors file per state of a source, checked when it is read, mapped not copied."""

import json
import zlib
from collections.abc import Callable, Sequence
from glob import escape
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from paretoscope.datasets.data import Dataset, Split
from paretoscope.datasets.files import locked, written_whole
from paretoscope.datasets.folders import DataFolders
from paretoscope.datasets.names import shown
from paretoscope.datasets.progress import Progress
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.datasets.splits import Arrays, moments
from paretoscope.errors import DataError

_FORMAT = "2"  # changes when what is kept, or how it was decoded, changes
_DTYPES = {"uint8": "U8", "int64": "I64"}


class Origin(NamedTuple):
    """Where images come from, and what changes when they do."""

    place: Path
    state: str


def cached(
    spec: DatasetSpec,
    origin: Origin,
    decode: Callable[[], Arrays],
    folders: DataFolders,
    progress: Progress,
) -> Dataset:
    """The data set from its cache file, decoding it first where there is none or it is damaged.

    Of several processes one decodes, the others wait. OSError (disk full) passes through and leaves nothing. Raises
    DataError(`data_invalid`) when the images are not what `spec` says: they were changed since it was made.
    """
    dataset = _kept(spec, origin, decode, folders, progress)
    shape = (spec.channels, spec.resolution, spec.resolution)
    found = dataset.train.images.shape[1:]
    classes = int(dataset.train.labels.max()) + 1
    if (*found, classes) != (*shape, spec.num_classes):
        raise DataError(
            "data_invalid",
            f"{spec.name} changed while it was being loaded: its images are {_size(found)} in {classes} classes now "
            f"and were {_size(shape)} in {spec.num_classes} before. Load it again.",
        )
    return dataset


def _size(shape: Sequence[int]) -> str:
    channels, height, width = shape
    return f"{width}×{height} {'grey' if channels == 1 else 'RGB'}"


def _kept(
    spec: DatasetSpec,
    origin: Origin,
    decode: Callable[[], Arrays],
    folders: DataFolders,
    progress: Progress,
) -> Dataset:
    family = f"{spec.name}-{_short(str(origin.place.resolve()))}"
    path = folders.cache / f"{family}-{_short(f'{_FORMAT}:{origin.state}')}.safetensors"
    dataset = _read(path, spec)
    if dataset is not None:
        return dataset
    with locked(
        folders.cache / f"{spec.name}.lock",
        waiting=lambda: progress(0.0, f"waiting for another process that reads {spec.name}"),
    ):
        dataset = _read(path, spec)
        if dataset is None:
            _write(path, decode())
            for outdated in set(folders.cache.glob(f"{escape(family)}-*.safetensors")) - {path}:
                outdated.unlink(missing_ok=True)  # of an earlier state; who has it mapped keeps it
            dataset = _read(path, spec)
    if dataset is None:
        raise OSError(f"{shown(path)} was written but cannot be read back; the disk may be failing.")
    return dataset


def _short(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _raw(array: NDArray[Any]) -> memoryview:
    """The bytes of a contiguous array, not copied."""
    return array.reshape(-1).view(np.uint8).data


def _crc(array: NDArray[Any]) -> str:
    return f"{zlib.crc32(_raw(array)):08x}"


def _write(path: Path, arrays: Arrays) -> None:
    """Write the safetensors layout by hand: straight from the arrays, with no copy of them."""
    named = {name: np.ascontiguousarray(array) for name, array in arrays.named().items()}
    mean, std = moments(arrays.train_images)
    about = {"mean": mean, "std": std, "crc32": {name: _crc(array) for name, array in named.items()}}
    header: dict[str, object] = {"__metadata__": {"about": json.dumps(about)}}
    # Labels first: 8-byte values then sit on 8-byte boundaries whatever the images' size.
    order = sorted(named, key=lambda name: -named[name].itemsize)
    offset = 0
    for name in order:
        array = named[name]
        header[name] = {
            "dtype": _DTYPES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with written_whole(path) as file:
        file.write(len(text).to_bytes(8, "little"))
        file.write(text)
        for name in order:
            file.write(_raw(named[name]))


def _read(path: Path, spec: DatasetSpec) -> Dataset | None:
    """The cached data set, or None where it is absent or anything about it is not as it was written."""
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads(file.metadata()["about"])
            tensors = {name: file.get_tensor(name) for name in about["crc32"]}
        if any(_crc(tensors[name].numpy()) != crc for name, crc in about["crc32"].items()):
            return None
        mean, std = tuple(about["mean"]), tuple(about["std"])
        train, test = (
            Split(_channels_last(tensors[f"{part}.images"]), tensors[f"{part}.labels"]) for part in ("train", "test")
        )
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return None
    return Dataset(spec, train, test, mean, std)


def _channels_last(images: torch.Tensor) -> torch.Tensor:
    return images.permute(0, 3, 1, 2)
