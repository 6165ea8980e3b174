"""What every architecture has: its options, the words that describe it, and how it is built."""

from abc import abstractmethod
from typing import ClassVar

from pydantic import Field
from torch import nn

from paretoscope.options import Options, Source


class Architecture(Options):
    """A network family with its options. `resolution` and `num_classes` come from the data set when left out."""

    title: ClassVar[str]
    family: ClassVar[str]
    summary: ClassVar[str]
    source: ClassVar[Source]
    smallest: ClassVar[int]
    """Smallest input height and width, in pixels, that survives the network's strides."""

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

    @abstractmethod
    def build(self, in_channels: int, num_classes: int) -> nn.Module:
        """Return the freshly initialised network; it maps (N, in_channels, H, W) to logits (N, num_classes)."""

    def unusual(self) -> str:
        """Return the family's own options that are not at their defaults, in words: `shortcut B`."""
        own = [name for name in type(self).model_fields if name not in Architecture.model_fields]
        changed = [name for name in own if getattr(self, name) != type(self).model_fields[name].default]
        return ", ".join(f"{name.replace('_', ' ')} {getattr(self, name)}" for name in changed)

    def channels(self, base: int) -> int:
        """The width multiplier applied to `base` channels, rounded to the nearest whole number, at least 1."""
        return max(1, round(base * self.width))
