"""Data sets by name: what they are, which there are, and their images."""

from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from paretoscope.datasets import own
from paretoscope.datasets.cache import Origin, cached
from paretoscope.datasets.data import Dataset
from paretoscope.datasets.decoding import decode_all
from paretoscope.datasets.digits import read_digits
from paretoscope.datasets.folders import DataFolders
from paretoscope.datasets.listing import list_images
from paretoscope.datasets.progress import Progress, silent
from paretoscope.datasets.published import PUBLISHED, find_root, obtain, read_published, source_state
from paretoscope.datasets.spec import BUILT_IN, DatasetSpec
from paretoscope.errors import DataError


def spec(name: str, folders: DataFolders) -> DatasetSpec:
    """What is known about a data set without loading it; quick, and quicker the second time.

    Raises DataError: `data_name`, `data_missing` (naming what is known and where was looked), `data_invalid`.
    """
    own.check_name(name)
    source = own.find(name, folders)
    known = BUILT_IN.get(name)
    if known is None:
        if source is None:
            raise _unknown(name, folders)
        return own.describe(name, source)
    if name in PUBLISHED:
        return replace(known, present=find_root(name, folders) is not None)
    if name == "imagenet" and source is not None:
        return own.describe(name, source)
    return known


def available(folders: DataFolders) -> list[DatasetSpec]:
    """Every built-in data set, then each usable image set in the search folders."""
    specs = []
    for name in BUILT_IN:
        try:
            specs.append(spec(name, folders))
        except DataError:
            specs.append(BUILT_IN[name])  # a broken imagenet folder: its shape is still known
    for name in dict.fromkeys(own.find_all(folders)):
        # A search folder holds other things too; asking for one of them by name tells what is wrong with it.
        if name not in BUILT_IN:
            with suppress(DataError, OSError):
                specs.append(spec(name, folders))
    return specs


def load(name: str, folders: DataFolders, progress: Progress = silent) -> Dataset:
    """All images in memory, decoded on first use and kept under `folders.cache`.

    Raises DataError as `spec` does, or naming the file that cannot be used; OSError when the disk is full. What
    `progress` raises passes through. In every case nothing half is left behind.
    """
    known = spec(name, folders)
    if name == "digits":
        return cached(known, Origin(Path("scikit-learn"), version("scikit-learn")), read_digits, folders, progress)
    if name in PUBLISHED:
        root = obtain(name, folders, progress)
        known = replace(known, present=True)
        origin = Origin(root / PUBLISHED[name].folder, source_state(name, root))
        return cached(known, origin, lambda: read_published(name, known, root), folders, progress)
    source = own.find(name, folders)
    if source is None:
        raise DataError(
            "data_missing",
            f"{name} has no images here; costs can be explored without them. To train, put an image folder "
            f"{name}/ or {name}.zip with train/<class>/ and test/<class>/ into one of: "
            f"{', '.join(map(str, folders.search)) or 'a search folder (none is set)'}.",
        )
    return cached(
        known,
        Origin(source.path, own.content_state(source)),
        lambda: decode_all(source, list_images(source), progress),
        folders,
        progress,
    )


def _unknown(name: str, folders: DataFolders) -> DataError:
    names = ", ".join(entry.name for entry in available(folders))
    where = ", ".join(map(str, folders.search)) or "no search folder is set"
    return DataError(
        "data_missing",
        f"There is no data set {name!r}. Known: {names}. An own one is a folder {name}/ or a file {name}.zip; "
        f"looked in: {where}.",
    )
