"""The registry of architectures: one line here and one file beside it make a new one."""

from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from paretoscope.architectures.base import Architecture
from paretoscope.architectures.resnet_cifar import ResNet20
from paretoscope.architectures.tinyconv import TinyConv

ARCHITECTURES: tuple[type[Architecture], ...] = (
    TinyConv,
    ResNet20,
)

if TYPE_CHECKING:
    AnyArchitecture = Architecture
else:
    AnyArchitecture = Annotated[Union[ARCHITECTURES], Field(discriminator="name")]  # noqa: UP007 (built from data)

__all__ = ["ARCHITECTURES", "AnyArchitecture", "Architecture"]
