"""The registry of architectures: one line here and one file beside it make a new one."""

from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from paretoscope.architectures.alexnet import AlexNet, AlexNetTorchvision
from paretoscope.architectures.base import Architecture
from paretoscope.architectures.lenet import LeNet5
from paretoscope.architectures.mobilenet_v1 import MobileNetV1
from paretoscope.architectures.mobilenet_v2 import MobileNetV2
from paretoscope.architectures.mobilevit import MobileViTS, MobileViTXS, MobileViTXXS
from paretoscope.architectures.resnet import ResNet18, ResNet50
from paretoscope.architectures.resnet_cifar import ResNet20, ResNet32, ResNet44, ResNet56, ResNet110
from paretoscope.architectures.resnext import ResNeXt29, ResNeXt50
from paretoscope.architectures.squeezenet import SqueezeNet10, SqueezeNet11
from paretoscope.architectures.tinyconv import TinyConv
from paretoscope.architectures.vgg import VGG16
from paretoscope.architectures.vmamba import VMambaB, VMambaS, VMambaT
from paretoscope.architectures.wide_resnet import WideResNet28x10

ARCHITECTURES: tuple[type[Architecture], ...] = (
    TinyConv,
    LeNet5,
    AlexNet,
    AlexNetTorchvision,
    VGG16,
    ResNet18,
    ResNet50,
    ResNet20,
    ResNet32,
    ResNet44,
    ResNet56,
    ResNet110,
    WideResNet28x10,
    ResNeXt50,
    ResNeXt29,
    SqueezeNet10,
    SqueezeNet11,
    MobileNetV1,
    MobileNetV2,
    MobileViTXXS,
    MobileViTXS,
    MobileViTS,
    VMambaT,
    VMambaS,
    VMambaB,
)

if TYPE_CHECKING:
    AnyArchitecture = Architecture
else:
    AnyArchitecture = Annotated[Union[ARCHITECTURES], Field(discriminator="name")]  # noqa: UP007 (built from data)

__all__ = ["ARCHITECTURES", "AnyArchitecture", "Architecture"]
