from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from paretoscope.datasets import BUILT_IN, DataFolders, available, load, spec
from paretoscope.errors import DataError
from tests.paretoscope.datasets.images import folders_in, pictures, write_folder, write_zip


def test_every_built_in_is_known_without_any_folder(tmp_path: Path) -> None:
    folders = DataFolders((), tmp_path / "downloads", tmp_path / "cache")
    assert [entry.name for entry in available(folders)] == [
        *("digits", "mnist", "fashion_mnist", "cifar10", "cifar100", "imagenet")
    ]
    assert [entry.name for entry in available(folders) if entry.present] == ["digits"]
    for name, known in BUILT_IN.items():
        assert spec(name, folders).num_classes == known.num_classes
        assert known.classes is None or len(set(known.classes)) == known.num_classes


def test_cifar_classes_are_in_label_order() -> None:
    # torchvision's and the publishers' labels count the alphabetically sorted names.
    for name in ("cifar10", "cifar100"):
        classes = BUILT_IN[name].classes
        assert classes is not None
        assert list(classes) == sorted(classes)


def test_digits_are_split_stratified_and_never_change(tmp_path: Path) -> None:
    data = load("digits", folders_in(tmp_path))
    assert data.train.images.shape == (1347, 1, 8, 8)
    assert data.test.images.shape == (450, 1, 8, 8)
    assert data.train.images.dtype == torch.uint8
    assert data.test.labels.dtype == torch.int64
    # 1797 images hold 174…183 of each class; a quarter of that is 43.6…45.8.
    assert set(data.test.labels.bincount().tolist()) <= {43, 44, 45, 46}
    # Both splits together are scikit-learn's images: none lost, none doubled, none in both.
    ours = torch.cat([data.train.images, data.test.images]).flatten(1).numpy()
    theirs = np.rint(load_digits().images.reshape(1797, 64) * 255 / 16).astype(np.uint8)
    assert sorted(map(bytes, ours)) == sorted(map(bytes, theirs))
    scaled = data.train.images.double() / 255
    assert data.mean == pytest.approx((scaled.mean().item(),))
    assert data.std == pytest.approx((scaled.std(correction=0).item(),))
    again = load("digits", folders_in(tmp_path))
    assert torch.equal(again.train.images, data.train.images)
    assert torch.equal(again.test.labels, data.test.labels)


@pytest.mark.parametrize(
    "name", ["../x", "/etc", "a/b", "a\\b", "a\0b", "", ".", "..", ".hidden", "x" * 101, "a ", "a."]
)
def test_a_name_that_could_be_a_path_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be a data set's name") as caught:
        spec(name, folders_in(tmp_path))
    assert caught.value.code == "data_name"


def test_an_unknown_name_says_what_is_known_and_where_was_looked(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    write_folder(tmp_path / "data" / "pets", pictures())
    with pytest.raises(DataError) as caught:
        spec("petz", folders)
    assert caught.value.code == "data_missing"
    assert "pets" in caught.value.message
    assert "cifar10" in caught.value.message
    assert str(tmp_path / "data") in caught.value.message


def test_folder_and_zip_give_the_same_data(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    files = pictures()
    write_folder(tmp_path / "data" / "one", files)
    write_zip(tmp_path / "data" / "two.zip", files)
    write_zip(tmp_path / "data" / "three.zip", {f"outer/{name}": content for name, content in files.items()})
    loaded = [load(name, folders) for name in ("one", "two", "three")]
    for data in loaded:
        assert data.spec.classes == ("cat", "dog")
        assert (data.spec.channels, data.spec.resolution, data.spec.num_classes) == (3, 6, 2)
        assert data.train.labels.tolist() == [0, 0, 0, 1, 1, 1]
        assert torch.equal(data.train.images, loaded[0].train.images)
        assert torch.equal(data.test.images, loaded[0].test.images)
        assert data.train.images.is_contiguous(memory_format=torch.channels_last)
    assert [entry.name for entry in available(folders)][len(BUILT_IN) :] == ["one", "three", "two"]


def test_litter_is_ignored_and_other_things_are_not_listed(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    litter = {
        "__MACOSX/train/cat/._0.png": b"x",
        "train/.DS_Store": b"x",
        "train/cat/.thumb.png": b"x",
        "train/cat/Thumbs.db": b"x",
        "README.txt": b"pets",
    }
    write_zip(tmp_path / "data" / "pets.zip", pictures() | litter)
    write_zip(tmp_path / "data" / "notes.zip", {"notes.txt": b"no images"})
    (tmp_path / "data" / "broken.zip").write_bytes(b"PK nothing")
    (tmp_path / "data" / "empty").mkdir()
    assert len(load("pets", folders).train) == 6
    assert [entry.name for entry in available(folders)][len(BUILT_IN) :] == ["pets"]


def test_a_spec_follows_its_source(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    root = write_folder(tmp_path / "data" / "pets", pictures())
    assert spec("pets", folders).classes == ("cat", "dog")
    write_folder(root, pictures(("emu",)))
    assert spec("pets", folders).classes == ("cat", "dog", "emu")


def test_grey_images_are_not_mirrored_by_default(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    write_folder(tmp_path / "data" / "letters", pictures(mode="L", side=28))
    found = spec("letters", folders)
    assert (found.channels, found.flip, found.shift) == (1, False, 2)


def test_imagenet_is_known_by_shape_and_loads_from_a_folder_of_that_name(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    assert (spec("imagenet", folders).resolution, spec("imagenet", folders).num_classes) == (224, 1000)
    with pytest.raises(DataError, match="put an image folder") as caught:
        load("imagenet", folders)
    assert caught.value.code == "data_missing"
    write_folder(tmp_path / "data" / "imagenet", pictures())
    assert load("imagenet", folders).spec.num_classes == 2


@pytest.mark.images
def test_real_mnist_and_real_zip(tmp_path: Path, images: Path) -> None:
    folders = DataFolders((images,), tmp_path / "downloads", tmp_path / "cache")
    mnist = load("mnist", folders)
    assert mnist.train.images.shape == (60000, 1, 28, 28)
    # Published beside the data: LeCun's counts of each digit in the test set, and the usual normalisation.
    assert mnist.test.labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist.mean == pytest.approx((0.1307,), abs=1e-4)
    assert mnist.std == pytest.approx((0.3081,), abs=1e-4)
    cifar = load("cifar10-lossless-5k", folders)
    assert cifar.train.images.shape == (4000, 3, 32, 32)
    assert cifar.test.images.shape == (1000, 3, 32, 32)
    assert cifar.spec.classes == BUILT_IN["cifar10"].classes
