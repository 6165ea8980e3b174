"""Running a network's shapes through it on the meta device and noting every operation where it happens.

A functional call, a subclass of a layer or a module that is called twice is noted like any other.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from paretoscope.costs.liveness import Call, Event, Timeline
from paretoscope.costs.operations import ELEMENTWISE, FACTORS, FUSED_ATTENTION, MACS, SCAN, others_of
from paretoscope.costs.quantities import Others
from paretoscope.costs.reach import Reach, after

aten = torch.ops.aten
Shape = tuple[int, ...]
Join = Literal["add", "concatenate"]
KEEPING_SHAPE = frozenset(("batch_norm", "layer_norm", "relu", "sigmoid", "swish", "gelu"))
JOINS: dict[Any, Join] = {aten.add: "add", aten.add_: "add", aten.cat: "concatenate"}


@dataclass(slots=True)
class Tally:
    """What was seen of one module while the network ran, operations of the modules inside it left out."""

    in_shapes: list[Shape] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    """How many of each shape come from one image: more where patches are laid out along the batch."""
    out_shape: Shape = ()
    macs: int = 0
    attention_macs: int = 0
    scan_macs: int = 0
    activations: int = 0
    others: list[Others] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    reach: Reach | None = None
    """Of its last operation's output."""
    join: Join | None = None
    """How it brings two or more tensors that come from the picture together itself."""


@dataclass(slots=True)
class Trace:
    """What was seen while a network ran."""

    tallies: dict[nn.Module, Tally]
    timeline: Timeline
    runs: tuple[Call, ...]


def trace(network: nn.Module, in_shapes: Sequence[Shape], batches: Iterable[int] = repeat(1)) -> Trace:
    """Run one-image inputs of these shapes, without the batch, through a network on the meta device, one by one.

    `batches` says how many of each shape come from one image.
    """
    recorder = _Recorder()
    dtype = next((value.dtype for value in network.parameters() if value.is_floating_point()), None)
    runs = []
    with _evaluating(network), _watched(network, recorder), recorder, torch.no_grad():
        for shape, batch in zip(in_shapes, batches, strict=False):
            image = torch.empty((batch, *shape), device="meta", dtype=dtype)
            given, first = recorder.give(image), len(recorder.events)
            output = network(image)
            runs.append(Call(first, len(recorder.events), given, recorder.store_of(output)))
    return Trace(recorder.tallies, Timeline(recorder.events, recorder.sizes, runs), tuple(runs))


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextmanager
def _watched(network: nn.Module, recorder: "_Recorder") -> Iterator[None]:
    with ExitStack() as hooks:
        for module in network.modules():
            hooks.callback(module.register_forward_pre_hook(recorder.enter).remove)
            hooks.callback(module.register_forward_hook(recorder.leave).remove)
        yield


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes every operation for the module that is running.

    A store is a piece of memory that holds values which come from the picture; weights and what is made of them
    alone are none.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.tallies: dict[nn.Module, Tally] = {}
        self.events: list[Event] = []
        self.sizes: list[int] = []
        self._stores: dict[int, int] = {}
        self._reaches: list[Reach] = []
        self._running: list[tuple[Tally, int, int | None]] = []
        self._held: list[Tensor] = []

    def give(self, tensor: Tensor) -> int:
        """Return the store of a new input."""
        return self._new_store(tensor, Reach())

    def store_of(self, value: Any) -> int | None:
        """Return the store of a tensor that comes from the picture, None for anything else."""
        if not isinstance(value, Tensor):
            return None
        return self._stores.get(value.untyped_storage()._cdata)

    def enter(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        """A module is called."""
        tally = self.tallies.setdefault(module, Tally())
        given = inputs[0] if inputs else None
        if isinstance(given, Tensor):
            tally.in_shapes.append(tuple(given.shape[1:]))
            tally.batches.append(given.shape[0] if given.dim() else 1)
        self._running.append((tally, len(self.events), self.store_of(given)))

    def leave(self, _module: nn.Module, _inputs: tuple[Any, ...], output: Any) -> None:
        """The call ends."""
        tally, first, given = self._running.pop()
        made = self.store_of(output)
        tally.calls.append(Call(first, len(self.events), given, made))
        if isinstance(output, Tensor):
            tally.out_shape = tuple(output.shape[1:])
        if made is not None:
            tally.reach = self._reaches[made]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = _kept_shape(func, args[0]) if _keeps_shape(func) else func(*args, **(kwargs or {}))
        if not _is_view(func) and self._running:
            self._note(func.overloadpacket, args, output)
        return output

    def _note(self, operator: Any, args: Sequence[Any], output: Any) -> None:
        tally = self._running[-1][0]
        made = output[0] if isinstance(output, tuple | list) else output
        if not isinstance(made, Tensor):
            return
        reads = tuple(store for value in _tensors(args) if (store := self.store_of(value)) is not None)
        if (rule := MACS.get(operator)) is not None:
            macs = rule(args, made)
            tally.macs += macs
            tally.activations += made.numel()
            if operator is SCAN:
                tally.scan_macs += macs
            elif _is_attention(operator, [self.store_of(args[i]) for i in FACTORS.get(operator, ())]):
                tally.attention_macs += macs
        if not reads:
            return
        if len(reads) == 1 and JOINS.get(operator) == "add" and isinstance(args[1], Tensor):
            tally.others.append(Others(bias=made.numel()))  # a linear layer's, where its input is not contiguous
        elif (others := others_of(operator, args, made)) is not None:
            tally.others.append(others)
        if len(set(reads)) > 1 and operator in JOINS:
            tally.join = JOINS[operator]
        reach = after(operator, args, made, [self._reaches[store] for store in reads])
        writes: tuple[int, ...] = ()
        if (store := self.store_of(made)) is None:
            writes = (self._new_store(made, reach),)
        else:
            self._reaches[store] = reach
        self.events.append(Event(reads, writes, operator in ELEMENTWISE))

    def _new_store(self, tensor: Tensor, reach: Reach) -> int:
        storage = tensor.untyped_storage()
        store = self._stores[storage._cdata] = len(self.sizes)
        self.sizes.append(storage.nbytes())
        self._reaches.append(reach)
        self._held.append(tensor)  # freed memory could come back under the same name
        return store


def _is_attention(operator: Any, factors: Sequence[int | None]) -> bool:
    return operator in FUSED_ATTENTION or (len(factors) > 1 and None not in factors)


def _tensors(args: Iterable[Any]) -> Iterator[Tensor]:
    for value in args:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, tuple | list):
            yield from (inner for inner in value if isinstance(inner, Tensor))


@lru_cache(maxsize=1024)
def _keeps_shape(func: Any) -> bool:
    """Whether the output looks like the first input. Torch finds that out in Python: most of a whole network's time."""
    bounded_by_a_tensor = func._overloadname.startswith("Tensor")  # that of a clamp may be larger than what it bounds
    return ELEMENTWISE.get(func.overloadpacket) in KEEPING_SHAPE and not bounded_by_a_tensor


def _kept_shape(func: Any, inputs: Tensor) -> Any:
    if func._schema.is_mutable:
        return inputs
    like = torch.empty_like(inputs)
    unused = [inputs.new_empty(0) for _ in func._schema.returns[1:]]
    return (like, *unused) if unused else like


@lru_cache(maxsize=1024)
def _is_view(func: Any) -> bool:
    """Whether an operator only looks at the memory of its input in another way."""
    returns = func._schema.returns
    return bool(returns) and all(made.alias_info is not None and not made.alias_info.is_write for made in returns)
