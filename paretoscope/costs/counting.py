"""Counting what a network costs by running its shapes through it on the meta device, operation by operation.

Operations are counted where they happen, so a functional call, a subclass of a layer or a module that is called twice
count like any other. MACs are the products of convolutions, linear layers and matrix products; bias, normalisation,
activation and pooling are excluded.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.utils._python_dispatch import TorchDispatchMode

from paretoscope.costs.operations import conv_macs, matmul_macs, transposed_conv_macs
from paretoscope.steps.base import StoredWeight

aten = torch.ops.aten
Shape = tuple[int, ...]
BITS_PER_NUMBER = 32


@dataclass(frozen=True, slots=True)
class Part:
    """One module that has parameters or multiplies: its geometry and what it costs for one image."""

    name: str
    type: str
    kernel: Shape | None
    stride: Shape | None
    groups: int | None
    in_shapes: tuple[Shape, ...]
    out_shape: Shape
    params: int
    macs: int
    bits: int
    activations: int

    @property
    def in_shape(self) -> Shape:
        """Shape of the first input it is called with, without the batch."""
        return self.in_shapes[0] if self.in_shapes else ()


@dataclass(slots=True)
class _Tally:
    in_shapes: list[Shape] = field(default_factory=list)
    out_shape: Shape = ()
    macs: int = 0
    activations: int = 0


@dataclass(slots=True)
class _Calls:
    """What was seen while the network ran, by module, and which modules are running now, innermost last."""

    tallies: dict[nn.Module, _Tally] = field(default_factory=dict)
    running: list[nn.Module] = field(default_factory=list)


def count(network: nn.Module, *in_shapes: Shape) -> tuple[Part, ...]:
    """Return the parts of a network on the meta device, in the order they are defined.

    `in_shapes` are the shapes (C, H, W) of the one-image inputs it is called with, one after another.
    """
    calls = _Calls()
    training = network.training
    network.eval()
    with _watched(network, calls), _Operations(calls), torch.no_grad():
        for shape in in_shapes:
            network(torch.empty((1, *shape), device="meta"))
    network.train(training)
    return tuple(_parts(network, calls))


def _parts(network: nn.Module, calls: _Calls) -> Iterator[Part]:
    inside: set[int] = set()
    for name, module in network.named_modules():
        if id(module) in inside:
            continue
        if parametrize.is_parametrized(module):
            inside |= {id(inner) for inner in module.parametrizations.modules()}
        tally = calls.tallies.get(module, _Tally())
        params, bits = stored(module)
        if params or tally.macs:
            yield Part(
                name=name,
                type=type_name(module),
                kernel=_shape(module, "kernel_size"),
                stride=_shape(module, "stride"),
                groups=getattr(module, "groups", None),
                in_shapes=tuple(tally.in_shapes),
                out_shape=tally.out_shape,
                params=params,
                macs=tally.macs,
                bits=bits,
                activations=tally.activations,
            )


def stored(module: nn.Module) -> tuple[int, int]:
    """Return how many parameters the module itself has, and the bits they are stored in.

    A parametrized weight counts as the numbers it stands for; where its parametrization stores it otherwise, the
    bits are that parametrization's.
    """
    own = sum(parameter.numel() for parameter in module.parameters(recurse=False))
    params, bits = own, own * BITS_PER_NUMBER
    if parametrize.is_parametrized(module):
        for name, chain in module.parametrizations.items():  # type: ignore[union-attr, operator]
            numbers = getattr(module, name).numel()
            kept = [link.stored_bits() for link in chain if isinstance(link, StoredWeight)]
            params += numbers
            bits += kept[-1] if kept else numbers * BITS_PER_NUMBER
    return params, bits


def type_name(module: nn.Module) -> str:
    """Return the layer's kind in the field's words: conv2d, linear, batch_norm, or the class name."""
    for kind, name in ((nn.Conv2d, "conv2d"), (nn.Linear, "linear"), (nn.BatchNorm2d, "batch_norm")):
        if isinstance(module, kind):
            return name
    return type(module).__name__


@contextmanager
def _watched(network: nn.Module, calls: _Calls) -> Iterator[None]:
    """Keep `calls.running` up to date and note each module's input shapes and last output shape."""

    def enter(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        calls.running.append(module)
        tally = calls.tallies.setdefault(module, _Tally())
        if inputs and isinstance(inputs[0], Tensor):
            tally.in_shapes.append(tuple(inputs[0].shape[1:]))

    def leave(module: nn.Module, _: tuple[Any, ...], output: Any) -> None:
        calls.running.pop()
        if isinstance(output, Tensor):
            calls.tallies[module].out_shape = tuple(output.shape[1:])

    with ExitStack() as hooks:
        for module in network.modules():
            hooks.callback(module.register_forward_pre_hook(enter).remove)
            hooks.callback(module.register_forward_hook(leave).remove)
        yield


class _Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds the MACs of every operation to the module that is running."""

    def __init__(self, calls: _Calls) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls = calls

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = func(*args, **(kwargs or {}))
        macs = _MACS.get(func.overloadpacket)
        if macs is not None and self.calls.running:
            tally = self.calls.tallies[self.calls.running[-1]]
            tally.macs += macs(args, output)
            tally.activations += output.numel()
        return output


def _convolution(args: Sequence[Any], output: Tensor) -> int:
    inputs, weight, transposed, groups = args[0], args[1], args[6], args[8]
    if transposed:
        return transposed_conv_macs(inputs.shape, weight.shape[1] * groups, weight.shape[2:], groups)
    return conv_macs(output.shape, inputs.shape[1], weight.shape[2:], groups)


_MACS: dict[Any, Callable[[Sequence[Any], Tensor], int]] = {
    aten.convolution: _convolution,
    aten.mm: lambda args, _: matmul_macs(args[0].shape, args[1].shape),
    aten.bmm: lambda args, _: matmul_macs(args[0].shape, args[1].shape),
    aten.addmm: lambda args, _: matmul_macs(args[1].shape, args[2].shape),
    aten.baddbmm: lambda args, _: matmul_macs(args[1].shape, args[2].shape),
}


def _shape(module: nn.Module, name: str) -> Shape | None:
    value = getattr(module, name, None)
    return tuple(value) if isinstance(value, tuple) else None
