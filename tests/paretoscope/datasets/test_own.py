"""A person's own folders and zips as they really come: oddly spelt, changing, broken beside others."""

import json
import logging
import os
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from paretoscope.datasets import BUILT_IN, DataFolders, available, load, spec
from paretoscope.datasets.cache import Origin, cached
from paretoscope.datasets.own import find, find_all
from paretoscope.datasets.splits import Arrays
from paretoscope.errors import DataError
from tests.paretoscope.datasets.images import folders_in, picture, pictures, write_folder, write_zip

COMPOSED = unicodedata.normalize("NFC", "café")
DECOMPOSED = unicodedata.normalize("NFD", "café")


def _own(folders: DataFolders) -> list[str]:
    return [entry.name for entry in available(folders)][len(BUILT_IN) :]


def _renamed(files: Mapping[str, bytes], old: str, new: str) -> dict[str, bytes]:
    return {name.replace(old, new): content for name, content in files.items()}


def test_what_is_called_zip_but_is_no_file_is_no_endless_search(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    data = tmp_path / "data"
    (data / "folder.zip").mkdir()
    (data / "dangling.zip").symlink_to(data / "nothing")
    (data / "circle.zip").symlink_to(data / "circle.zip")
    os.mkfifo(data / "pipe.zip")
    write_folder(data / "pets", pictures())
    assert _own(folders) == ["pets"]
    assert list(find_all(folders)) == ["folder.zip", "pets"]
    assert all(find(name, folders) is not None for name in find_all(folders))
    for name in ("folder", "dangling", "circle", "pipe"):
        with pytest.raises(DataError) as caught:
            spec(name, folders)
        assert caught.value.code == "data_missing"


@pytest.mark.parametrize(
    ("old", "new"),
    [("train/", "./train/"), ("train/", "train//"), ("train/", "/train/"), ("/", "\\"), ("train/", ".\\pets\\train\\")],
)
def test_zip_entries_spelt_otherwise(old: str, new: str, tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    files = pictures()
    odd = _renamed(files, old, new)
    if "pets" in new:
        odd = _renamed(odd, "test/", "pets/test/")
    write_zip(tmp_path / "data" / "plain.zip", files)
    write_zip(tmp_path / "data" / "odd.zip", odd | {new.replace("train", "train" + new[-1] + "cat"): b""})
    plain, other = load("plain", folders), load("odd", folders)
    assert other.spec.classes == ("cat", "dog")
    assert torch.equal(plain.train.images, other.train.images)
    assert torch.equal(plain.test.images, other.test.images)


def test_of_two_zip_entries_with_one_path_the_last_counts(tmp_path: Path) -> None:
    files = pictures()
    path = write_zip(tmp_path / "data" / "pets.zip", files)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("./train/cat/0.png", files["train/cat/1.png"])
    data = load("pets", folders_in(tmp_path))
    assert len(data.train) == 6
    assert torch.equal(data.train.images[0], data.train.images[1])


def test_a_zip_named_in_capitals(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    write_zip(tmp_path / "data" / "pets.ZIP", pictures())
    assert _own(folders) == ["pets"]
    assert len(load("pets", folders).train) == 6


@pytest.mark.parametrize("on_disk", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("asked", [COMPOSED, DECOMPOSED])
def test_accents_match_however_they_are_kept(on_disk: str, asked: str, tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    files = _renamed(_renamed(pictures(), "train/cat", f"train/{on_disk}"), "test/cat", f"test/{asked}")
    write_folder(tmp_path / "data" / on_disk, files)
    assert _own(folders) == [COMPOSED]
    assert load(asked, folders).spec.classes == (COMPOSED, "dog")


def test_the_catalog_does_not_tell_where_own_sets_lie(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    write_folder(tmp_path / "data" / "one", pictures())
    write_zip(tmp_path / "data" / "two.zip", pictures())
    assert [entry.source for entry in available(folders)][len(BUILT_IN) :] == ["one", "two.zip"]


def test_a_class_whose_name_is_not_text(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    root = write_folder(tmp_path / "data" / "pets", pictures())
    write_folder(tmp_path / "data" / "others", pictures())
    odd = os.fsdecode(b"\xff\xfe")
    write_folder(root, {f"train/{odd}/0.png": picture(1)})
    with pytest.raises(DataError, match=r"train/\\xff\\xfe in .*not UTF-8; rename it") as caught:
        spec("pets", folders)
    assert caught.value.code == "data_invalid"
    caught.value.message.encode()
    assert _own(folders) == ["others"]
    json.dumps([asdict(entry) for entry in available(folders)], ensure_ascii=False).encode()


def test_a_zip_entry_whose_name_is_not_text(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "data" / "pets.zip", pictures(("cat", "döğ")))
    path.write_bytes(path.read_bytes().replace("döğ".encode(), b"d\xff\xfe\xff\xfe"))
    with pytest.raises(DataError, match=r"train/d\\xff\\xfe.*not UTF-8") as caught:
        spec("pets", folders_in(tmp_path))
    caught.value.message.encode()


def test_a_search_folder_whose_name_is_not_text(tmp_path: Path) -> None:
    root = tmp_path / os.fsdecode(b"d\xff")
    folders = DataFolders((root,), tmp_path / "downloads", tmp_path / "cache")
    # The image's own name matters to nobody; its bytes are read as they are.
    write_folder(root / "pets", pictures() | {os.fsdecode(b"train/dog/\xff.png"): picture(1)})
    write_folder(root / "bad", pictures() | {os.fsdecode(b"train/dog/\xff.png"): b"x"})
    data = load("pets", folders)
    assert (len(data.train), data.spec.source) == (7, "pets")
    for name, pattern in (("bad", r"train/dog/\\xff\.png in .*d\\xff/bad"), ("none", r"d\\xff")):
        with pytest.raises(DataError, match=pattern) as caught:
            load(name, folders)
        caught.value.message.encode()


def test_one_broken_set_hides_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folders = folders_in(tmp_path)
    data = tmp_path / "data"
    write_folder(data / "pets", pictures())
    write_zip(data / "cut.zip", pictures()).write_bytes(b"PK\x05\x06")
    write_folder(data / "dangling", pictures())
    (data / "dangling" / "train" / "cat" / "9.png").symlink_to(data / "nothing")
    write_folder(data / "imagenet", {"train/cat/0.png": b"x"})
    (data / "MNIST").mkdir()  # torchvision's own, no image set and nothing to warn of
    with caplog.at_level(logging.WARNING):
        assert _own(folders) == ["pets"]
        assert _own(folders) == ["pets"]
    told = [record.getMessage() for record in caplog.records]
    assert sorted(line.split(" is left out")[0] for line in told) == [
        *("The data set cut", "The data set dangling", "The data set imagenet")
    ]
    assert any("dangling/train/cat/9.png" in line and "No such file" in line for line in told)


def test_a_search_folder_that_cannot_be_read_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folders = folders_in(tmp_path)
    (tmp_path / "file").write_bytes(b"not a folder")
    write_folder(tmp_path / "data" / "pets", pictures())
    both = replace(folders, search=(tmp_path / "file", tmp_path / "missing", *folders.search))
    with caplog.at_level(logging.WARNING):
        assert _own(both) == ["pets"]
    assert [record.getMessage() for record in caplog.records] == [
        f"The search folder {tmp_path / 'file'} is left out: Not a directory."
    ]


@pytest.mark.parametrize("name", ["digits", "cifar10"])
def test_an_own_set_under_a_built_in_name_is_not_used_and_said_so_once(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folders = folders_in(tmp_path)
    path = write_zip(tmp_path / "data" / f"{name}.zip", pictures())
    with caplog.at_level(logging.WARNING):
        assert spec(name, folders).num_classes == 10
        available(folders)
    assert [record.getMessage() for record in caplog.records] == [
        f"{path} is not used: {name} is the built-in data set. Rename it to use it."
    ]


def test_images_replaced_in_place_are_noticed(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    root = write_folder(tmp_path / "data" / "pets", pictures())
    assert (spec("pets", folders).channels, spec("pets", folders).resolution) == (3, 6)
    write_folder(root, pictures(side=9, mode="L"))
    assert (spec("pets", folders).channels, spec("pets", folders).resolution) == (1, 9)
    data = load("pets", folders)
    assert data.train.images.shape == (6, 1, 9, 9)


def test_images_that_change_while_they_are_read(tmp_path: Path) -> None:
    root = write_folder(tmp_path / "data" / "pets", pictures(train=250, test=50))

    def change(_fraction: float, _note: str) -> None:
        write_folder(root, {"train/cat/0.png": picture(1, side=7)})

    with pytest.raises(DataError, match="changed while it was being read") as caught:
        load("pets", folders_in(tmp_path), change)
    assert caught.value.code == "data_invalid"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["pets.lock"]


@pytest.mark.parametrize("changes", [{"resolution": 7}, {"channels": 1}, {"num_classes": 3}])
def test_images_that_are_not_what_the_spec_says(changes: dict[str, int], tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    write_folder(tmp_path / "data" / "pets", pictures())
    outdated = replace(spec("pets", folders), **changes)  # type: ignore[arg-type]
    arrays = Arrays(
        *(np.zeros((4, 6, 6, 3), np.uint8), np.array([0, 0, 1, 1])),
        *(np.zeros((2, 6, 6, 3), np.uint8), np.array([0, 1])),
    )
    for _ in range(2):  # decoded, then from the cache
        with pytest.raises(DataError, match=r"pets changed while it was being loaded.*6×6 RGB in 2 classes") as caught:
            cached(outdated, Origin(tmp_path, "state"), lambda: arrays, folders, lambda _fraction, _note: None)
        assert caught.value.code == "data_invalid"


@pytest.mark.parametrize(
    "content", [b"hello", b"", b"GIF89a" + bytes(20), picture(0)[:40], picture(0, form="JPEG")[:30]]
)
def test_no_error_tells_of_objects_in_memory(content: bytes, tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    for name in ("train/cat/0.png", "test/dog/1.png"):
        root = write_folder(tmp_path / "data" / "pets", pictures() | {name: content})
        with pytest.raises(DataError, match=name) as caught:
            load("pets", folders)
        assert "0x" not in caught.value.message.replace("\\x", "")
        assert "BytesIO" not in caught.value.message
        assert str(root) in caught.value.message
