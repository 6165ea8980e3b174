"""What every architecture has: its options, the words that describe it, and how it is built."""

from abc import abstractmethod
from functools import lru_cache
from typing import ClassVar, Literal, NamedTuple, Self, cast

from pydantic import Field
from torch import nn

from paretoscope.options import Options, Source

Form = Literal["cifar", "imagenet"]
LARGEST_CIFAR = 64
"""Largest picture, in pixels a side, for which a family with two forms takes its small stem by itself."""


class Block(NamedTuple):
    """The family's building block, for a drawing: its layers in order and what becomes of its input at the end."""

    title: str
    layers: tuple[str, ...]
    join: Literal["add", "concatenate"] | None = None


class Architecture(Options):
    """A network family with its options. `resolution` and `num_classes` come from the data set when left out."""

    title: ClassVar[str]
    family: ClassVar[str]
    summary: ClassVar[str]
    source: ClassVar[Source]
    block: ClassVar[Block]

    name: str
    width: float = Field(
        default=1.0,
        gt=0,
        le=16,
        title="Width",
        description="Multiplies the channels of every layer.",
        multiple_of=None,
    )
    resolution: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        title="Resolution",
        description="Input height and width; empty: the data set's own.",
    )
    num_classes: int | None = Field(
        default=None,
        ge=2,
        le=100_000,
        title="Classes",
        description="Outputs; empty: as many as the data set has.",
    )

    @property
    @abstractmethod
    def smallest(self) -> int:
        """Smallest input height and width, in pixels, that survives the network's strides."""

    @abstractmethod
    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the freshly initialised network; it maps (N, in_channels, H, W) to logits (N, num_classes)."""

    def resolved(self, resolution: int, num_classes: int) -> Self:
        """Return the architecture with what it left to the data set written out. Idempotent."""
        return cast("Self", _resolved(self, resolution, num_classes))

    def _written_out(self, resolution: int, num_classes: int) -> Self:
        return self.model_copy(
            update={"resolution": self.resolution or resolution, "num_classes": self.num_classes or num_classes}
        )

    def unusual(self) -> str:
        """Return the family's own options that are not at their defaults, in words: `shortcut B`."""
        changed = [name for name in self._own() if getattr(self, name) != type(self).model_fields[name].default]
        return ", ".join(f"{name.replace('_', ' ')} {getattr(self, name)}" for name in changed)

    def _own(self) -> list[str]:
        """Names of the family's own options that a person chose or may have chosen."""
        return [name for name in type(self).model_fields if name not in Architecture.model_fields]

    def channels(self, base: int) -> int:
        """The width multiplier applied to `base` channels, rounded to the nearest whole number, at least 1."""
        return max(1, round(base * self.width))


# Asked for at every what-if, thousands of times for the same few networks.
@lru_cache(maxsize=1024)
def _resolved(architecture: Architecture, resolution: int, num_classes: int) -> Architecture:
    return architecture._written_out(resolution, num_classes)


def _usual(resolution: int) -> Form:
    return "cifar" if resolution <= LARGEST_CIFAR else "imagenet"


class TwoForms(Architecture):
    """A family with a small stem for CIFAR and a large one for ImageNet; the resolution decides where none is named."""

    form: Form | None = Field(
        default=None,
        title="Form",
        description="cifar: small stem, few strides; imagenet: as in the paper. Empty: by the resolution.",
    )

    def _written_out(self, resolution: int, num_classes: int) -> Self:
        known = super()._written_out(resolution, num_classes)
        return known.model_copy(update={"form": self.form or _usual(known.resolution or resolution)})

    def _own(self) -> list[str]:
        usual = self.resolution is not None and self.form == _usual(self.resolution)
        return [name for name in super()._own() if name != "form" or not usual]

    @property
    def is_small(self) -> bool:
        """Whether the network is built in its CIFAR form: as named, else by the resolution, else not."""
        if self.form is not None:
            return self.form == "cifar"
        return self.resolution is not None and self.resolution <= LARGEST_CIFAR
