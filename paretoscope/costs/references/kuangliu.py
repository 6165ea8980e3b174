"""CIFAR-10 networks of kuangliu/pytorch-cifar, the lab's starting point."""

from typing import Any

from paretoscope.costs.references.base import Row, table
from paretoscope.options import Source

REPOSITORY = Source("kuangliu/pytorch-cifar", 2021, "https://github.com/kuangliu/pytorch-cifar")
_COUNTED = "Size and MACs were counted on the repository's code; its README prints accuracies only."
_EXPANSION = " Its ResNeXt-29 has expansion 2: not the paper's network."


def _cifar(name: str) -> dict[str, Any]:
    return {"name": name, "form": "cifar"}


# label, accuracy % in the README, params and MACs counted on its code, architecture, note
_NETWORKS: tuple[tuple[str, str | None, str, str, dict[str, Any] | None, str], ...] = (
    ("VGG-16", "92.64", "14728266", "313201664", _cifar("vgg16"), _COUNTED),
    ("ResNet-18", "93.02", "11173962", "555422720", _cifar("resnet18"), _COUNTED),
    ("ResNet-50", "93.62", "23520842", "1297829888", _cifar("resnet50"), _COUNTED),
    ("ResNet-101", "93.75", "42512970", "2509983744", None, _COUNTED),
    ("RegNetX-200MF", "94.24", "2321946", "223317600", None, _COUNTED),
    ("RegNetY-400MF", "94.29", "5714362", "467089152", None, _COUNTED),
    ("MobileNetV2", "94.43", "2296922", "91154944", _cifar("mobilenet_v2"), _COUNTED),
    ("ResNeXt-29, 32×4d", "94.73", "4774218", "772483072", None, _COUNTED + _EXPANSION),
    ("ResNeXt-29, 2×64d", "94.82", "9128778", "1409492992", None, _COUNTED + _EXPANSION),
    ("SimpleDLA", "94.89", "15142970", "913495040", None, _COUNTED),
    ("DenseNet-121", "95.04", "6956298", "888350720", None, _COUNTED),
    ("PreActResNet-18", "95.11", "11171146", "555422720", None, _COUNTED),
    ("DPN-92", "95.16", "34236634", "2042422272", None, _COUNTED),
    ("DLA", "95.47", "16291386", "1030935552", None, _COUNTED),
    (
        *("MobileNet (the lab's file)", None, "3217226", "46354432", _cifar("mobilenet_v1")),
        _COUNTED + " No accuracy was ever published for this one.",
    ),
    ("ShuffleNetV2 ×1", None, "1263854", "45002112", None, _COUNTED),
    ("ShuffleNetV2 ×0.5", None, "352042", "10902016", None, _COUNTED),
)

CIFAR10 = table(
    "kuangliu_cifar10",
    "CIFAR-10 networks of kuangliu/pytorch-cifar",
    REPOSITORY,
    "README",
    "cifar10",
    ("top1", "params", "macs"),
    [Row(label, (top1, params, macs), known, note) for label, top1, params, macs, known, note in _NETWORKS],
)

TABLES = (CIFAR10,)
