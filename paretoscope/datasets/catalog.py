"""Data sets by name: what they are, which there are, and their images."""

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
from paretoscope.datasets.names import shown
from paretoscope.datasets.notices import warn_once
from paretoscope.datasets.progress import Progress, silent
from paretoscope.datasets.published import PUBLISHED, find_root, obtain, read_published, source_state
from paretoscope.datasets.sources import Source
from paretoscope.datasets.spec import BUILT_IN, DatasetSpec
from paretoscope.datasets.splits import Arrays
from paretoscope.errors import DataError

# Folders that lie in a search folder rightly and are no image sets.
_TORCHVISION = frozenset(published.folder.split("/")[0] for published in PUBLISHED.values())


def spec(name: str, folders: DataFolders) -> DatasetSpec:
    """What is known about a data set without loading it; quick, and quicker the second time.

    A built-in name always means the built-in data set: a folder or zip file called `cifar10` is not used, and the log
    says so once. Only `imagenet`, of which no images come with us, may be a person's own. A name is compared in its
    composed Unicode spelling. Raises DataError: `data_name`, `data_missing` (naming what is known and where was
    looked), `data_invalid`.
    """
    name = own.checked(name)
    return _spec(name, own.find(name, folders), folders)


def _spec(name: str, source: Source | None, folders: DataFolders) -> DatasetSpec:
    known = BUILT_IN.get(name)
    if source is not None and (known is None or name == "imagenet"):
        return own.describe(name, source)
    if known is None:
        raise _unknown(name, folders)
    if source is not None:
        warn_once(f"{shown(source.path)} is not used: {name} is the built-in data set. Rename it to use it.")
    if name in PUBLISHED:
        return replace(known, present=find_root(name, folders) is not None)
    return known


def available(folders: DataFolders) -> list[DatasetSpec]:
    """Every built-in data set, then each usable image set in the search folders.

    What cannot be used is left out, whatever is wrong with it; the log says so once.
    """
    specs = []
    sources = own.find_all(folders)
    for name in dict.fromkeys((*BUILT_IN, *sources)):
        try:
            specs.append(_spec(name, sources.get(name), folders))
        except Exception as error:  # one broken folder must not hide all other data sets
            if name in BUILT_IN:
                specs.append(BUILT_IN[name])  # a broken imagenet folder: its shape is still known
            if name not in _TORCHVISION:
                warn_once(f"The data set {name} is left out: {shown(error) or type(error).__name__}")
    return specs


def load(name: str, folders: DataFolders, progress: Progress = silent) -> Dataset:
    """All images in memory, decoded on first use and kept under `folders.cache`.

    Raises DataError as `spec` does, or naming the file that cannot be used; OSError when the disk is full. What
    `progress` raises passes through. In every case nothing half is left behind.
    """
    known = spec(name, folders)
    name = known.name
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
            f"{_searched(folders) or 'a search folder (none is set)'}.",
        )
    state = own.content_state(source)
    origin = Origin(source.path, state)
    return cached(known, origin, lambda: _decoded(source, state, progress), folders, progress)


def _decoded(source: Source, state: str, progress: Progress) -> Arrays:
    arrays = decode_all(source, list_images(source), progress)
    if own.content_state(source) != state:
        raise DataError("data_invalid", f"{shown(source.path)} changed while it was being read. Load it again.")
    return arrays


def _searched(folders: DataFolders) -> str:
    return ", ".join(map(shown, folders.search))


def _unknown(name: str, folders: DataFolders) -> DataError:
    names = ", ".join(dict.fromkeys((*BUILT_IN, *own.find_all(folders))))
    return DataError(
        "data_missing",
        f"There is no data set {name!r}. Known: {names}. An own one is a folder {name}/ or a file {name}.zip; "
        f"looked in: {_searched(folders) or 'no search folder is set'}.",
    )
