"""Images per second of training and evaluation, ours against a plain loop; the protocol is in benchmarks/README.md.

python -m benchmarks.training                          # synthetic JPEG images
python -m benchmarks.training --data cifar10-jpeg.zip  # a zip or folder of train/<class>/ and test/<class>/
python -m benchmarks.training --busy                   # also with one other process spinning on the same cores
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
BATCH = 128


def main() -> None:
    """Measure and print; or be one of the measured processes."""
    options = _options()
    if options.role:
        _serve({"ours": _ours, "reference": _reference}[options.role], options)
        return
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        data = _image_folder(options, Path(scratch))
        cores = len(os.sched_getaffinity(0))
        ours = [stack.enter_context(_child("ours", data, options, _worker_environment(1))) for _ in range(cores)]
        plain = {**os.environ}
        plain.pop("OMP_WAIT_POLICY", None)  # a plain script does not set it
        reference = [stack.enter_context(_child("reference", data, options, plain))]
        for work in ("train", "evaluate"):
            for children in (ours, reference):
                _rate(children, work)  # warm up: kernels chosen, memory obtained, loader workers started
        _measure(ours, reference, options.rounds, ("quiet", "busy") if options.busy else ("quiet",))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="image folder or zip; default: synthetic 32×32 JPEG images")
    parser.add_argument("--architecture", default="resnet20", help="a name of the registry")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--train-images", type=int, default=1280, help="a round and process")
    parser.add_argument("--test-images", type=int, default=5000, help="a round and process")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--reference", choices=("folder", "decoded"), default="folder", help="what it reads")
    parser.add_argument("--busy", action="store_true", help="measure again beside a spinning process")
    parser.add_argument("--role", choices=("ours", "reference"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(ours: list[Any], reference: list[Any], rounds: int, modes: tuple[str, ...]) -> None:
    """Everything once in every round, so that what else the machine does falls on all alike."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for _ in range(rounds):
        for mode in modes:
            with _neighbour() if mode == "busy" else ExitStack():
                for work in ("train", "evaluate"):
                    for name, children in (("ours", ours), ("reference", reference)):
                        found.setdefault((mode, work, name), []).append(_rate(children, work))
    print(f"images/s, median of {rounds} rounds (lowest–highest)")
    for mode in modes:
        for work in ("train", "evaluate"):
            mine, theirs = found[mode, work, "ours"], found[mode, work, "reference"]
            ratio = f"ratio {median(mine) / median(theirs):.2f}, of the best rounds {max(mine) / max(theirs):.2f}"
            quiet = found["quiet", work, "ours"]
            kept = f", ours keeps {median(mine) / median(quiet):.0%} of quiet" if mode == "busy" else ""
            print(f"  {mode:6} {work:9} ours {_spread(mine)}   reference {_spread(theirs)}   {ratio}{kept}")


def _spread(rates: list[float]) -> str:
    return f"{median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"


def _rate(children: list[Any], work: str) -> float:
    """Images per second of all children together, from the first one's start to the last one's end."""
    started = time.perf_counter()
    for child in children:
        child.stdin.write(work + "\n")
        child.stdin.flush()
    images = sum(int(child.stdout.readline()) for child in children)
    return images / (time.perf_counter() - started)


@contextmanager
def _child(role: str, data: Path, options: argparse.Namespace, environment: dict[str, str]) -> Iterator[Any]:
    command = [sys.executable, "-m", "benchmarks.training", "--role", role, "--data", str(data)]
    for name in ("architecture", "train_images", "test_images", "precision", "reference"):
        command += [f"--{name.replace('_', '-')}", str(getattr(options, name))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@contextmanager
def _neighbour() -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        yield
        process.kill()


def _worker_environment(threads: int) -> dict[str, str]:
    from worker.process import environment

    return environment(threads)


def _serve(prepare: Callable[[argparse.Namespace], dict[str, Callable[[], int]]], options: argparse.Namespace) -> None:
    """Do what standard input says until it ends; answer with the number of images done."""
    works = prepare(options)
    for line in sys.stdin:
        print(works[line.strip()](), flush=True)


def _network(options: argparse.Namespace, channels: int, classes: int) -> Any:
    from pydantic import TypeAdapter

    from paretoscope.architectures import AnyArchitecture

    architecture: Any = TypeAdapter(AnyArchitecture).validate_python({"name": options.architecture})
    return architecture.build(channels, classes)


def _ours(options: argparse.Namespace) -> dict[str, Callable[[], int]]:
    """The product's own path: resident images from the cache, its trainer and its evaluation."""
    import torch

    from paretoscope.datasets import DataFolders, Dataset, Split, load
    from paretoscope.recipe import Recipe
    from paretoscope.training import Trainer

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    scratch = options.data.parent
    full = load(options.data.name, DataFolders((scratch,), scratch / "downloads", scratch / "cache"))
    order = torch.randperm(len(full.train), generator=torch.Generator().manual_seed(0))[: options.train_images]
    some = Split(full.train.images[order].contiguous(memory_format=torch.channels_last), full.train.labels[order])
    data = Dataset(full.spec, some, _first(full.test, options.test_images), full.mean, full.std)
    recipe = Recipe(epochs=1000, batch_size=BATCH, precision=options.precision)
    trainer = Trainer(_network(options, full.spec.channels, full.spec.num_classes), data, recipe)

    def train() -> int:
        trainer.train_epoch(1)
        return trainer.steps_per_epoch * trainer.batch_size

    return {"train": train, "evaluate": lambda: trainer.evaluate(1).count}


def _first(split: Any, count: int) -> Any:
    from paretoscope.datasets import Split

    return Split(split.images[:count], split.labels[:count])


def _reference(options: argparse.Namespace) -> dict[str, Callable[[], int]]:
    """The loop of a tutorial: PIL images, torchvision transforms, two loader workers, NCHW, float32.

    With `--reference decoded` its JPEG files are decoded before the clock starts, which favours it.
    """
    import torch
    from torch import nn
    from torch.utils.data import DataLoader

    from paretoscope.torchvision_compat import import_torchvision

    transforms = import_torchvision("torchvision.transforms")
    folder = import_torchvision("torchvision.datasets").ImageFolder
    end = [transforms.ToTensor(), transforms.Normalize((0.491, 0.482, 0.447), (0.247, 0.243, 0.262))]

    class Images(torch.utils.data.Dataset[Any]):
        """Some images of a split, as PIL images or decoded whenever they are asked for."""

        def __init__(self, split: str, count: int, steps: list[Any]) -> None:
            found = folder(str(options.data / split))
            order = torch.randperm(len(found), generator=torch.Generator().manual_seed(0))[:count].tolist()
            self.samples = [found.samples[number] for number in order]
            self.decoded = [found.loader(path) for path, _ in self.samples] if options.reference == "decoded" else []
            self.load, self.transform = found.loader, transforms.Compose(steps)

        def __len__(self) -> int:
            return len(self.samples)

        def __getitem__(self, index: int) -> Any:
            path, label = self.samples[index]
            return self.transform(self.decoded[index] if self.decoded else self.load(path)), label

    augmentation = [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip()]
    training = Images("train", options.train_images, [*augmentation, *end])
    testing = Images("test", options.test_images, end)
    common: dict[str, Any] = {"batch_size": BATCH, "num_workers": 2, "persistent_workers": True}
    train_loader = DataLoader(training, shuffle=True, drop_last=True, **common)
    test_loader = DataLoader(testing, **common)
    classes = len({label for _, label in training.samples})
    network = _network(options, 3, classes)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    criterion = nn.CrossEntropyLoss()

    def train() -> int:
        network.train()
        seen, running = 0, 0.0
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(network(images), labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
            seen += len(labels)
        return seen

    def evaluate() -> int:
        network.eval()
        seen, correct = 0, 0
        with torch.no_grad():
            for images, labels in test_loader:
                correct += int((network(images).argmax(1) == labels).sum().item())
                seen += len(labels)
        return seen

    return {"train": train, "evaluate": evaluate}


def _image_folder(options: argparse.Namespace, scratch: Path) -> Path:
    """An image folder inside `scratch`: a link to the given one, the unpacked zip, or synthetic images."""
    target = scratch / "images"
    if options.data is None:
        _synthesize(target, options.train_images, options.test_images)
    elif options.data.is_dir():
        target.symlink_to(options.data.resolve(), target_is_directory=True)
    else:
        with zipfile.ZipFile(options.data) as archive:
            archive.extractall(target)
    return target


def _synthesize(target: Path, train: int, test: int) -> None:
    """Random smooth 32×32 JPEG images of ten classes, about as large as photos of that size."""
    from PIL import Image

    random = np.random.default_rng(0)
    for split, count in (("train", train), ("test", test)):
        for number in range(count):
            folder = target / split / f"class{number % 10}"
            folder.mkdir(parents=True, exist_ok=True)
            coarse = Image.fromarray(random.integers(0, 256, (8, 8, 3), dtype=np.uint8))
            coarse.resize((32, 32), Image.Resampling.BICUBIC).save(folder / f"{number}.jpg", quality=85)


if __name__ == "__main__":
    main()
