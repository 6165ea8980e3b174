import pytest

from paretoscope.architectures import Architecture
from paretoscope.architectures.resnet import ResNet18, ResNet50
from tests.paretoscope.architectures.sizes import assert_same, measured, sizes, torchvision_models


def test_the_imagenet_form() -> None:
    params, macs = sizes("imagenet", name="resnet50")
    assert params == 25_557_032
    assert round(macs / 1e9, 3) == 4.089
    # https://docs.pytorch.org/vision/main/models/generated/torchvision.models.resnet18.html
    params, macs = sizes("imagenet", name="resnet18")
    assert params == 11_689_512
    assert round(macs / 1e9, 3) == 1.814


@pytest.mark.parametrize(
    ("name", "params", "macs"), [("resnet18", 11_173_962, 555_422_720), ("resnet50", 23_520_842, 1_297_829_888)]
)
def test_the_cifar_form(name: str, params: int, macs: int) -> None:
    assert sizes("cifar10", name=name) == (params, macs)
    assert sizes("cifar10", name=name, form="cifar", resolution=224)[0] == params


def test_a_named_form_is_kept_whatever_the_resolution() -> None:
    assert sizes("cifar10", name="resnet18", form="imagenet", num_classes=1000)[0] == 11_689_512


@pytest.mark.parametrize("architecture", [ResNet18(), ResNet50()], ids=lambda architecture: architecture.name)
def test_torchvisions_weights_fit(architecture: Architecture) -> None:
    assert_same(architecture, getattr(torchvision_models(), architecture.name), 64)


def test_its_blocks_add() -> None:
    blocks = measured("imagenet", name="resnet50").blocks
    assert [block.join for block in blocks].count("add") == 3 + 4 + 6 + 3
