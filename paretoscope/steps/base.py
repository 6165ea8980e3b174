"""What every step has: its parameters, the layers it accepts, what it puts in their place."""

from abc import abstractmethod
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, runtime_checkable

from pydantic import Field
from torch import nn
from torch.nn.utils import parametrize

from paretoscope.layers import LayerSelector
from paretoscope.options import Options, Source


class Unfit(NamedTuple):
    """Why a parameter does not fit a layer: which parameter, what is wrong, and what would be legal."""

    field: tuple[str | int, ...]
    message: str
    legal: dict[str, Any]


class Site(NamedTuple):
    """A layer where it stands, and the height and width of the picture it is given: None where nobody said."""

    layer: nn.Module
    in_size: tuple[int, int] | None = None


class Step(Options):
    """One compression operation on the layers it selects. Later steps see what earlier steps made."""

    title: ClassVar[str]
    summary: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[Source]
    acts_on: ClassVar[Literal["structure", "weights"]]
    """`structure`: puts another module in place, trains from scratch too. `weights`: rewrites trained weights."""

    kind: str
    layers: LayerSelector = Field(
        default=LayerSelector(),
        title="Layers",
        description="Which layers; default: every layer of the kind the step is for.",
    )

    @property
    @abstractmethod
    def brief(self) -> str:
        """The parameter that matters most, in a few words for a label: `rank 8`."""

    @abstractmethod
    def accepts(self, layer: nn.Module) -> bool:
        """Whether this kind of layer can take this kind of step at all, whatever the parameters."""

    def settled(self, site: Site) -> "Step":  # noqa: ARG002 (for steps whose parameters follow from the layer)
        """Return the step with parameters that a rule finds for this layer written out; it does the same to it.

        Two layers of one geometry with the same settled step become the same, whatever rule led there.
        """
        return self

    @abstractmethod
    def unfit(self, site: Site) -> Unfit | None:
        """Return why the parameters do not fit an accepted layer, or None where they do."""

    @abstractmethod
    def replace(self, site: Site, *, warm: bool) -> nn.Module:
        """Return the module that takes the layer's place, on its device and with its dtype.

        With `warm` it starts as close to the layer's weights as it can, else freshly initialised. The layer may be
        changed or returned itself. On the meta device shapes are all that counts.
        """


@runtime_checkable
class StoredWeight(Protocol):
    """A parametrization that stores a weight in another way than one 32-bit number each."""

    def stored_bits(self) -> int:
        """Bits needed to keep the weight for inference."""
        ...


def is_layer(module: nn.Module) -> bool:
    """Whether steps may look at this module: a 2-D convolution or a linear layer."""
    return isinstance(module, nn.Conv2d | nn.Linear)


def has_rewritten_weights(module: nn.Module) -> bool:
    """Whether a `weights` step was applied to this module."""
    return parametrize.is_parametrized(module)


def is_plain_conv(module: nn.Module) -> bool:
    """Whether this is an ungrouped 2-D convolution."""
    return isinstance(module, nn.Conv2d) and module.groups == 1
