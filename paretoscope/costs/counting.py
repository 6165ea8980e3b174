"""Counting what a network costs, module by module, on the modules that would really be trained.

MACs are the products of convolutions, linear layers, matrix products and selective scans. Bias, normalisation,
activation, pooling and additions are excluded; they are counted beside them, as `Others`.
"""

from collections.abc import Iterator, Sequence, Set
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import prod
from typing import Any

from torch import Tensor, nn
from torch.nn.utils import parametrize

from paretoscope.costs.quantities import Cost, Others
from paretoscope.costs.sparsity import Kept, kept
from paretoscope.costs.tracing import Shape, Tally, Trace, trace
from paretoscope.steps.base import StoredWeight

BITS_PER_NUMBER = 32


@dataclass(frozen=True)
class Part:
    """One module that has parameters or does something itself: its geometry and what it costs for one image."""

    name: str
    type: str
    kernel: Shape | None
    stride: Shape | None
    groups: int | None
    in_shapes: tuple[Shape, ...]
    batches: tuple[int, ...]
    """How many of each of `in_shapes` come from one image: more than 1 where patches are laid out along the batch."""
    out_shape: Shape
    params: int
    macs: int
    bits: int
    activations: int
    attention_macs: int
    scan_macs: int
    structured_macs: int
    sparse_macs: int
    others: Others
    weight_bits: int = BITS_PER_NUMBER
    input_bits: int = BITS_PER_NUMBER

    @property
    def in_shape(self) -> Shape:
        """Shape of the first input it is called with, without the batch."""
        return self.in_shapes[0] if self.in_shapes else ()

    @property
    def excluded(self) -> int:
        """Operations outside the convention, one a value."""
        return self.others.operations

    @cached_property
    def cost(self) -> Cost:
        """Everything that is additive."""
        return Cost(
            self.params,
            self.macs,
            self.bits,
            self.activations,
            self.attention_macs,
            self.scan_macs,
            self.structured_macs,
            self.sparse_macs,
            self.excluded,
        )

    @property
    def moved(self) -> int:
        """Bytes of inputs, parameters and output, each touched once, 4 to a number."""
        read = sum(batch * prod(shape) for batch, shape in zip(self.batches, self.in_shapes, strict=True))
        return 4 * (read + self.params + sum(self.batches) * prod(self.out_shape))

    @property
    def intensity(self) -> float | None:
        """Arithmetic intensity: operations (two a MAC) for each byte moved; None where nothing moves."""
        return 2 * self.macs / self.moved if self.in_shapes and self.moved else None


def count(network: nn.Module, *in_shapes: Shape) -> tuple[Part, ...]:
    """Return the parts of a network, in the order they are defined.

    `in_shapes` are the shapes, such as (C, H, W), of the one-image inputs it is called with, one after another. The
    network may live on any device; where it holds numbers, weights that are zero show in the structured and sparse
    columns.
    """
    alive = {name: found for name, module in network.named_modules() if (found := kept(module)) is not None}
    if any(not parameter.is_meta for parameter in network.parameters()):
        network = _on_meta(network)
    return parts_of(network, trace(network, in_shapes), alive)


def _on_meta(network: nn.Module) -> nn.Module:
    """Return a copy of a network on the meta device; no numbers are copied on the way."""
    stand_ins: dict[int, Any] = {}
    for parameter in network.parameters():
        stand_ins[id(parameter)] = nn.Parameter(parameter.detach().to("meta"), parameter.requires_grad)
    for module in network.modules():
        # Buffers, and weights that are made of others before each call, as torch's own pruning does.
        for value in chain(module.buffers(recurse=False), vars(module).values()):
            if isinstance(value, Tensor):
                stand_ins.setdefault(id(value), value.detach().to("meta"))
    return deepcopy(network, stand_ins)


def parts_of(network: nn.Module, seen: Trace, alive: dict[str, Kept] | None = None) -> tuple[Part, ...]:
    """Return the parts of a network that was traced; `alive` says what of their weights is not zero."""
    return tuple(_parts(network, seen, alive or {}))


def _parts(network: nn.Module, seen: Trace, alive: dict[str, Kept]) -> Iterator[Part]:
    inside: set[int] = set()
    known: set[int] = set()
    for name, module in network.named_modules():
        if id(module) in inside:
            continue
        if parametrize.is_parametrized(module):
            inside |= {id(inner) for inner in module.parametrizations.modules()}
        tally = seen.tallies.get(module, Tally())
        params, bits = stored(module, known)
        known |= {id(parameter) for parameter in module.parameters(recurse=False)}
        if params or tally.macs or tally.others:
            found = alive.get(name)
            yield Part(
                name=name,
                type=type_name(module),
                kernel=_shape(module, "kernel_size"),
                stride=_shape(module, "stride"),
                groups=getattr(module, "groups", None),
                in_shapes=tuple(tally.in_shapes),
                batches=tuple(tally.batches),
                out_shape=tally.out_shape,
                params=params,
                macs=tally.macs,
                bits=bits,
                activations=tally.activations,
                attention_macs=tally.attention_macs,
                scan_macs=tally.scan_macs,
                structured_macs=_share(tally.macs, found and found.structured, found),
                sparse_macs=_share(tally.macs, found and found.nonzero, found),
                others=_sum(tally.others),
            )


def _share(macs: int, part: int | None, found: Kept | None) -> int:
    """Every weight takes part in equally many products, so that the share of the weights is that of the MACs."""
    return macs if part is None or found is None or not found.numbers else macs * part // found.numbers


def _sum(others: Sequence[Others]) -> Others:
    return Others(*map(sum, zip(*others, strict=True))) if others else Others()


def stored(module: nn.Module, known: Set[int] = frozenset()) -> tuple[int, int]:
    """Return how many parameters the module itself has, and the bits they are stored in.

    `known` are the ids of parameters that another module has too and that are counted there.
    A parametrized weight counts as the numbers it stands for; where its parametrization stores it otherwise, the
    bits are that parametrization's.
    """
    own = sum(parameter.numel() for parameter in module.parameters(recurse=False) if id(parameter) not in known)
    params, bits = own, own * BITS_PER_NUMBER
    if parametrize.is_parametrized(module):
        for name, chain in module.parametrizations.items():  # type: ignore[union-attr, operator]
            numbers = getattr(module, name).numel()
            kept_bits = [link.stored_bits() for link in chain if isinstance(link, StoredWeight)]
            params += numbers
            bits += kept_bits[-1] if kept_bits else numbers * BITS_PER_NUMBER
    return params, bits


TYPES: tuple[tuple[type[nn.Module], str], ...] = (
    (nn.ConvTranspose2d, "conv_transpose2d"),
    (nn.Conv2d, "conv2d"),
    (nn.Linear, "linear"),
    (nn.BatchNorm2d, "batch_norm"),
    (nn.LayerNorm, "layer_norm"),
)


def type_name(module: nn.Module) -> str:
    """Return the layer's kind in the field's words: conv2d, linear, batch_norm, or the class name."""
    return next(
        (name for kind, name in TYPES if isinstance(module, kind)), type(module).__name__.removeprefix("Parametrized")
    )


def _shape(module: nn.Module, name: str) -> Shape | None:
    value = getattr(module, name, None)
    if isinstance(value, int):
        return (value, value)
    return tuple(value) if isinstance(value, tuple) else None
