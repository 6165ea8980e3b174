"""Published data sets in torchvision's layout, made small; downloads from a real server on this machine."""

import gzip
import http.server
import io
import pickle
import struct
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from hashlib import md5
from pathlib import Path

import numpy as np
import pytest

from paretoscope.datasets import BUILT_IN, load, spec
from paretoscope.datasets.download import FetchError, fetch
from paretoscope.datasets.published import PUBLISHED
from paretoscope.errors import DataError
from paretoscope.torchvision_compat import import_torchvision
from tests.paretoscope.datasets.images import folders_in

sets = import_torchvision("torchvision.datasets")


def _idx(array: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    return struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def mnist_files() -> dict[str, bytes]:
    random = np.random.default_rng(0)
    files = {}
    for part, count in (("train", 20), ("t10k", 10)):
        images = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        files[f"{part}-images-idx3-ubyte"] = _idx(images)
        files[f"{part}-labels-idx1-ubyte"] = _idx(np.arange(count, dtype=np.uint8) % 10)
    return files


def cifar_files() -> dict[str, bytes]:
    random = np.random.default_rng(0)
    files = {}
    for name in PUBLISHED["cifar10"].files[:-1]:
        batch = {"data": random.integers(0, 256, (10, 3072), dtype=np.uint8), "labels": list(range(10))}
        files[name] = pickle.dumps(batch)
    return files | {"batches.meta": pickle.dumps({"label_names": list(BUILT_IN["cifar10"].classes or ())})}


def _md5(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on this machine and the folder it serves."""
    root = tmp_path / "served"
    root.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            if self.path == "/short":
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                self.wfile.write(b"x" * 10)
            else:
                super().do_GET()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root))) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/", root
        listening.shutdown()
        thread.join()


def test_mnist_in_torchvisions_layout(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    assert not spec("mnist", folders).present
    files = mnist_files()
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in files.items():
        (raw / name).write_bytes(content)
    assert spec("mnist", folders).present
    data = load("mnist", folders)
    assert data.train.images.numpy().tobytes() == files["train-images-idx3-ubyte"][16:]
    assert data.test.labels.tolist() == list(range(10))
    assert not (tmp_path / "downloads").exists()


@pytest.mark.parametrize("damage", ["truncated", "empty", "labels"])
def test_damaged_mnist_names_the_folder(damage: str, tmp_path: Path) -> None:
    files = mnist_files()
    match damage:
        case "truncated":
            files["train-images-idx3-ubyte"] = files["train-images-idx3-ubyte"][:-5]
        case "empty":
            files["t10k-labels-idx1-ubyte"] = b""
        case _:
            files["train-labels-idx1-ubyte"] = _idx(np.full(20, 10, dtype=np.uint8))
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in files.items():
        (raw / name).write_bytes(content)
    with pytest.raises(DataError, match="MNIST/raw cannot be read") as caught:
        load("mnist", folders_in(tmp_path))
    assert caught.value.code == "data_invalid"


def _offer_mnist(url: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = {f"{name}.gz": gzip.compress(content) for name, content in mnist_files().items()}
    for name, content in packed.items():
        (root / name).write_bytes(content)
    monkeypatch.setattr(sets.MNIST, "mirrors", [url])
    monkeypatch.setattr(sets.MNIST, "resources", [(name, _md5(content)) for name, content in packed.items()])


def test_mnist_is_downloaded_with_progress(
    server: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _offer_mnist(*server, monkeypatch)
    heard: list[tuple[float, str]] = []
    data = load("mnist", folders_in(tmp_path), lambda fraction, note: heard.append((fraction, note)))
    assert data.train.images.numpy().tobytes() == mnist_files()["train-images-idx3-ubyte"][16:]
    assert heard == sorted(heard, key=lambda entry: entry[0])
    assert any("downloading train-images-idx3-ubyte.gz" in note for _, note in heard)
    kept = sorted(path.name for path in (tmp_path / "downloads").rglob("*") if path.is_file())
    assert kept == sorted([".mnist.lock", *PUBLISHED["mnist"].files])
    assert spec("mnist", folders_in(tmp_path)).present


def test_a_wrong_file_from_the_network_is_not_kept(
    server: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, root = server
    _offer_mnist(url, root, monkeypatch)
    (root / "t10k-images-idx3-ubyte.gz").write_bytes(b"a login page")
    with pytest.raises(DataError, match="MD5 differs") as caught:
        load("mnist", folders_in(tmp_path))
    assert caught.value.code == "data_missing"
    assert "MNIST/raw" in caught.value.message
    assert str(tmp_path / "data") in caught.value.message
    assert not list((tmp_path / "downloads").rglob("*t10k-images*"))


def test_cifar_from_an_archive_that_lies_in_the_search_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = cifar_files()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    reader = sets.CIFAR10
    monkeypatch.setattr(reader, "tgz_md5", _md5(packed.getvalue()))
    monkeypatch.setattr(reader, "train_list", [[name, _md5(files[name])] for name, _ in reader.train_list])
    monkeypatch.setattr(reader, "test_list", [[name, _md5(files[name])] for name, _ in reader.test_list])
    monkeypatch.setattr(reader, "meta", {**reader.meta, "md5": _md5(files["batches.meta"])})
    folders = folders_in(tmp_path)
    lying = tmp_path / "data" / reader.filename
    lying.write_bytes(packed.getvalue())
    data = load("cifar10", folders)
    assert data.train.images.shape == (50, 3, 32, 32)
    first = pickle.loads(files["data_batch_1"])["data"][0].reshape(3, 32, 32)  # noqa: S301 (made above)
    assert np.array_equal(data.train.images[0].numpy(), first)
    assert lying.exists()
    (tmp_path / "downloads" / "cifar-10-batches-py" / "data_batch_2").write_bytes(b"damaged")
    with pytest.raises(DataError, match="cifar-10-batches-py cannot be read"):
        load("cifar10", folders)


def test_without_network_the_error_says_what_was_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets.CIFAR100, "url", "http://127.0.0.1:9/" + sets.CIFAR100.filename)
    with pytest.raises(DataError) as caught:
        load("cifar100", folders_in(tmp_path))
    assert caught.value.code == "data_missing"
    for part in ("http://127.0.0.1:9/", "cifar-100-python/", "cifar-100-python.tar.gz", str(tmp_path / "data")):
        assert part in caught.value.message
    assert [path.name for path in (tmp_path / "downloads").iterdir()] == [".cifar100.lock"]


@pytest.mark.parametrize(("path", "reason"), [("missing", "404"), ("short", "broke off|MD5 differs"), ("wrong", "MD5")])
def test_fetch_is_all_or_nothing(path: str, reason: str, server: tuple[str, Path], tmp_path: Path) -> None:
    url, root = server
    (root / "wrong").write_bytes(b"not it")
    target = tmp_path / "fetched" / "file"
    with pytest.raises(FetchError, match=reason):
        fetch(url + path, target, _md5(b"it"), lambda _done, _total: None)
    assert list(target.parent.iterdir()) == []
    (root / "right").write_bytes(b"it")
    fetch(url + "right", target, _md5(b"it"), lambda _done, _total: None)
    assert target.read_bytes() == b"it"


def test_only_web_addresses_are_fetched(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="not an http address"):
        fetch((tmp_path / "x").as_uri(), tmp_path / "y", "", lambda _done, _total: None)
