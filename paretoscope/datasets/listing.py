"""Classes and images of a source in the layout `train/<class>/*.png|jpg|jpeg` and `test/<class>/…`."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from paretoscope.datasets.names import composed, is_text, shown
from paretoscope.datasets.sources import MAX_FILE_BYTES, SPLITS, Entry, Source, invalid, is_litter
from paretoscope.errors import DataError

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})
_LAYOUT = "train/<class>/*.png|jpg|jpeg and test/<class>/*.png|jpg|jpeg"


@dataclass(frozen=True)
class Listing:
    """Which images there are: sorted class names, and per split sorted (entry, label) pairs."""

    classes: tuple[str, ...]
    train: tuple[tuple[Entry, int], ...]
    test: tuple[tuple[Entry, int], ...]

    def firsts(self) -> tuple[Entry, ...]:
        """The first image of each class in each split."""
        found: dict[tuple[int, int], Entry] = {}
        for split, images in enumerate((self.train, self.test)):
            for entry, label in images:
                found.setdefault((split, label), entry)
        return tuple(found.values())


def list_images(source: Source) -> Listing:
    """Find classes and images, reading names only.

    One common folder around `train` and `test` is allowed. Raises DataError that names the offending entry.
    """
    entries = [entry for entry in source.entries() if not is_litter(entry.path)]
    tops = {entry.path.parts[0] for entry in entries if len(entry.path.parts) > 1}
    outer = 1 if len(tops) == 1 and not tops.intersection(SPLITS) else 0
    found: dict[str, dict[str, list[Entry]]] = {split: defaultdict(list) for split in SPLITS}
    for entry in entries:
        parts = entry.path.parts[outer:]
        if len(parts) < 2 or parts[0] not in found:
            continue  # a split's own folder, a read-me beside the splits
        if not entry.is_folder:
            _check_place(source.path, entry, parts)
        if not is_text(parts[1]):
            raise invalid(source.path, f"{parts[0]}/{parts[1]}", "the class's name is not UTF-8; rename it.")
        images = found[parts[0]][composed(parts[1])]  # a class is remembered even when empty
        if not entry.is_folder:
            images.append(entry)
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
            raise DataError("data_invalid", f"{shown(source)} has no images in {split}/; the layout is {_LAYOUT}.")
        for name, images in sorted(classes.items()):
            if not images:
                raise invalid(source, f"{split}/{name}", "the class has no images.")
    unknown = sorted(test.keys() - train.keys())
    if unknown:
        raise invalid(source, f"test/{unknown[0]}", "the class is in test but not in train.")
    if len(train) < 2:
        raise DataError(
            "data_invalid", f"{shown(source)} has one class only ({next(iter(train))}); at least 2 are needed."
        )
    names = tuple(sorted(train))

    def flat(classes: dict[str, list[Entry]]) -> tuple[tuple[Entry, int], ...]:
        return tuple(
            (entry, label)
            for label, name in enumerate(names)
            for entry in sorted(classes.get(name, ()), key=lambda entry: entry.path.as_posix())
        )

    return Listing(names, flat(train), flat(test))
