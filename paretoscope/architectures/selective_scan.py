"""The selective scan of Mamba (Gu and Dao 2023, algorithm 2) in plain PyTorch: exact, differentiable, and not slow.

One step of the recurrence, for every image, channel and state, with Δ = softplus(delta + delta_bias):

    h_t = exp(Δ_t·A)·h_{t-1} + Δ_t·B_t·u_t        y_t = Σ_states C_t·h_t + D·u_t

`selective_scan(u, delta, A, B, C, D, delta_bias)` is the operator `torch.ops.paretoscope.selective_scan`, one operation
to whoever watches a network run, and on the meta device only a shape:

    u, delta (N, D, L)    A (D, S)    B, C (N, G, S, L)    D, delta_bias (D,)    →    y (N, D, L), of the dtype of u

N images, D channels in G groups that share B and C, L positions, S states. A is negative, so that what is raised to e
is never above zero, whatever Δ is. Arithmetic is float32 at least, whatever the inputs are, also under autocast. Only
the inputs are kept for the backward pass, which computes the states again, a block of images at a time.

How it is fast: the sequence is cut into about √L pieces of about √L positions. One pass through all pieces side by
side gives what each adds to the state, one over the pieces in order the state each starts with, and one more through
all pieces every state: 3·√L steps after one another instead of L, the same sums. Channels that lie side by side in
memory (the strides of a channels-last image) save a copy.
"""
# ruff: noqa: N803, N806 (A, B, C and D are the paper's names)

from collections.abc import Iterator, Sequence
from functools import reduce
from math import e, isqrt, log2
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 (the field's own abbreviation)
from torch import Tensor

LOG2_E = log2(e)
BLOCK_ON_CPU, BLOCK_ELSEWHERE = 2**20, 2**26
"""Numbers (images × channels × positions) worked on at once: few enough for the cache, or enough to keep a GPU busy."""


def scan_macs(batch: int, length: int, channels: int, states: int) -> int:
    """Return 9·N·L·D·S + N·L·D, the published count of a selective scan with its skip connection.

    `channels` are those of all directions together. Source: `flops_selective_scan_fn` of MzeroMiko/VMamba, after
    https://github.com/state-spaces/mamba/issues/110.
    """
    return batch * length * channels * (9 * states + 1)


@torch.library.custom_op("paretoscope::selective_scan", mutates_args=())
def selective_scan(u: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, delta_bias: Tensor) -> Tensor:
    """Return y (N, D, L); this module's docstring gives the shapes. Raises ValueError where they do not fit."""
    _check(u, delta, A, B, C, D, delta_bias)
    y = torch.empty_like(u)
    with torch.autocast(u.device.type, enabled=False):
        for block in _blocks(u, B.shape[1]):
            x, step = block.cut(u), F.softplus(block.cut(delta) + block.each(delta_bias))
            out = reduce(Tensor.add_, _read_states(block, x, step, A, B, C))
            block.join(out.addcmul_(x, block.each(D)), y)
    return y


@torch.library.custom_op("paretoscope::selective_scan_backward", mutates_args=())
def selective_scan_backward(
    grad: Tensor, u: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, delta_bias: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return the gradients of the seven inputs of `selective_scan`, given that of y (N, D, L)."""
    grad_u, grad_delta, grad_B, grad_C = (torch.empty_like(each) for each in (u, delta, B, C))
    grad_A, grad_D, grad_bias = (torch.zeros_like(each, dtype=_arithmetic(u)) for each in (A, D, delta_bias))
    with torch.autocast(u.device.type, enabled=False):
        for block in _blocks(u, B.shape[1]):
            x, dy, total = block.cut(u), block.cut(grad), block.cut(delta) + block.each(delta_bias)
            slope, step = torch.sigmoid(total), F.softplus(total)
            dx, dstep, across = dy * block.each(D), torch.zeros_like(step), step.sum(2)
            grad_D[block.channels] += (dy * x).sum((0, 1, 2))
            for state in range(A.shape[1]):
                rate = block.each(A[:, state])
                decay, over_piece = _exp(step, rate), _exp(across, rate)
                write, read = block.cut_groups(B, state), block.cut_groups(C, state)
                states = block.by_group(step * x).mul_(write).flatten(-2)
                starts = _scan(decay, states, over_piece)
                block.join_groups(dy * states, grad_C, state)
                # The gradient of h_t is C_t·dy_t + k_{t+1} with k_t = decay_t·(C_t·dy_t + k_{t+1}), what reaches
                # h_{t-1} through h_t: the same recurrence, run backwards.
                dstates = (block.by_group(dy) * read).flatten(-2)
                carried = decay * dstates
                ends = _scan(decay, carried, over_piece, backwards=True)
                dstates[:, :, :-1] += carried[:, :, 1:]
                dstates[:, :, -1] += ends
                carried[:, :, 1:] *= states[:, :, :-1]  # now that of A·Δ_t: k_t·h_{t-1}
                carried[:, :, 0] *= starts
                grad_A[block.channels, state] += (carried * step).sum((0, 1, 2))
                dstep.addcmul_(carried, rate)
                block.join_groups(dstates * step * x, grad_B, state)
                dadded = block.by_group(dstates).mul_(write).flatten(-2)
                dstep.addcmul_(dadded, x)
                dx.addcmul_(dadded, step)
            dstep.mul_(slope)
            grad_bias[block.channels] += dstep.sum((0, 1, 2))
            block.join(dstep, grad_delta)
            block.join(dx, grad_u)
    return grad_u, grad_delta, grad_A.to(A.dtype), grad_B, grad_C, grad_D.to(D.dtype), grad_bias.to(delta_bias.dtype)


def selective_scan_reference(
    u: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, delta_bias: Tensor
) -> Tensor:
    """The recurrence as it is written, one position after another: slow, and what `selective_scan` must equal."""
    dtype, share = _arithmetic(u), u.shape[1] // B.shape[1]
    x, step = u.to(dtype), F.softplus(delta.to(dtype) + delta_bias.to(dtype)[:, None])
    write, read = (each.to(dtype).repeat_interleave(share, dim=1) for each in (B, C))  # (N, D, S, L)
    decay = torch.exp(step[:, :, None] * A.to(dtype)[:, :, None])
    added = (step * x)[:, :, None] * write
    state, outputs = torch.zeros_like(added[..., 0]), []
    for kept, new, weight in zip(decay.unbind(-1), added.unbind(-1), read.unbind(-1), strict=True):
        state = kept * state + new
        outputs.append((state * weight).sum(2))
    return (torch.stack(outputs, 2) + x * D.to(dtype)[:, None]).to(u.dtype)


def _check(u: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, delta_bias: Tensor) -> None:
    images, channels, length = u.shape
    groups, states = B.shape[1], A.shape[1]
    wanted = {
        "delta": (delta, (images, channels, length)),
        "A": (A, (channels, states)),
        "B": (B, (images, groups, states, length)),
        "C": (C, (images, groups, states, length)),
        "D": (D, (channels,)),
        "delta_bias": (delta_bias, (channels,)),
    }
    for name, (tensor, shape) in wanted.items():
        if tensor.shape != shape:
            raise ValueError(f"{name} must be of shape {shape}, not {tuple(tensor.shape)}")
    if channels % groups or not length:
        raise ValueError(f"{channels} channels, {groups} groups and {length} positions: nothing that can be scanned")


def _arithmetic(u: Tensor) -> torch.dtype:
    return torch.promote_types(u.dtype, torch.float32)


class _Block(NamedTuple):
    """Some images and some groups of channels, and how their sequences are cut into pieces.

    Cut, a tensor is (images, pieces, positions of a piece, channels), the last position filled up with zeros: nothing
    that comes before depends on them.
    """

    images: slice
    groups: slice
    channels: slice
    length: int
    size: int
    pieces: int
    dtype: torch.dtype

    def cut(self, x: Tensor) -> Tensor:
        """(N, D, L) → this block's part, cut, in the dtype of the arithmetic."""
        return self._cut(x[self.images, self.channels])

    def each(self, x: Tensor) -> Tensor:
        """(D,) → the numbers of this block's channels, in the dtype of the arithmetic."""
        return x[self.channels].to(self.dtype)

    def join(self, x: Tensor, target: Tensor) -> None:
        """Write a cut tensor into this block's part of (N, D, L)."""
        target[self.images, self.channels] = x.flatten(1, 2)[:, : self.length].transpose(1, 2)

    def cut_groups(self, x: Tensor, state: int) -> Tensor:
        """(N, G, S, L) → one state's numbers, cut, (images, pieces, positions, groups, 1)."""
        return self._cut(x[self.images, self.groups, state]).unsqueeze(-1)

    def join_groups(self, x: Tensor, target: Tensor, state: int) -> None:
        """Write the sums over each group's channels into one state of (N, G, S, L)."""
        target[self.images, self.groups, state] = (
            self.by_group(x).sum(-1).flatten(1, 2)[:, : self.length].transpose(1, 2)
        )

    def by_group(self, x: Tensor) -> Tensor:
        """View channels as (groups, channels of a group)."""
        return torch.unflatten(x, -1, (self.groups.stop - self.groups.start, -1))

    def _cut(self, x: Tensor) -> Tensor:
        x = x.transpose(1, 2).to(self.dtype)
        if missing := self.size * self.pieces - self.length:
            x = F.pad(x, (0, 0, 0, missing))
        elif x.stride(-1) != 1:  # a step through the pieces would jump from channel to channel
            x = x.contiguous()
        return torch.unflatten(x, 1, (self.pieces, self.size))


def _blocks(u: Tensor, groups: int) -> Iterator[_Block]:
    images, channels, length = u.shape
    share = channels // groups
    most = BLOCK_ON_CPU if u.device.type == "cpu" else BLOCK_ELSEWHERE
    groups_at_once = min(groups, max(1, most // (length * share)))
    images_at_once = max(1, most // (length * share * groups_at_once))
    size = isqrt(length - 1) + 1
    pieces = -(-length // size)
    for image in range(0, images, images_at_once):
        for group in range(0, groups, groups_at_once):
            beyond = min(group + groups_at_once, groups)
            yield _Block(
                images=slice(image, image + images_at_once),
                groups=slice(group, beyond),
                channels=slice(group * share, beyond * share),
                length=length,
                size=size,
                pieces=pieces,
                dtype=_arithmetic(u),
            )


def _read_states(block: _Block, x: Tensor, step: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Iterator[Tensor]:
    """Yield C·h for one state after another, cut."""
    across = step.sum(2)
    for state in range(A.shape[1]):
        rate = block.each(A[:, state])
        states = block.by_group(step * x).mul_(block.cut_groups(B, state))
        _scan(_exp(step, rate), states.flatten(-2), _exp(across, rate))
        yield states.mul_(block.cut_groups(C, state)).flatten(-2)


def _exp(x: Tensor, rate: Tensor) -> Tensor:
    """Return exp(x·rate). A power of two takes a quarter of the time on CPUs."""
    return (x * (rate * LOG2_E)).exp2_()


def _scan(decay: Tensor, added: Tensor, over_piece: Tensor, *, backwards: bool = False) -> Tensor:
    """Replace `added` by the states state_t = decay_t·state_{t-1} + added_t, in place, beginning with zero.

    `decay` and `added` are cut: (N, pieces, size, channels); `over_piece` (N, pieces, channels) is the product of a
    piece's decays. Returns the state before each piece, (N, pieces, channels). Backwards, t-1 is t+1.
    """
    decays, states = _ordered(decay, 2, backwards), _ordered(added, 2, backwards)
    gained = states[0].clone()
    for a, b in zip(decays[1:], states[1:], strict=True):
        torch.addcmul(b, a, gained, out=gained)
    starts = torch.empty_like(gained)
    pieces = _ordered(starts, 1, backwards)
    pieces[0].zero_()
    kept, new = _ordered(over_piece, 1, backwards), _ordered(gained, 1, backwards)
    for index in range(len(pieces) - 1):
        torch.addcmul(new[index], kept[index], pieces[index], out=pieces[index + 1])
    state = starts
    for a, b in zip(decays, states, strict=True):
        state = torch.addcmul(b, a, state, out=b)
    return starts


def _ordered(x: Tensor, dim: int, backwards: bool) -> Sequence[Tensor]:
    return x.unbind(dim)[::-1] if backwards else x.unbind(dim)


def _shape_of_y(u: Tensor, *others: Tensor) -> Tensor:
    _check(u, *others)
    return torch.empty_like(u)


def _shapes_of_gradients(_: Tensor, *inputs: Tensor) -> tuple[Tensor, ...]:
    return tuple(torch.empty_like(each) for each in inputs)


def _keep(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:  # noqa: ARG001 (torch's signature)
    ctx.save_for_backward(*inputs)


def _backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
    return tuple(selective_scan_backward(grad, *ctx.saved_tensors))


selective_scan.register_fake(_shape_of_y)
selective_scan.register_autograd(_backward, setup_context=_keep)
selective_scan_backward.register_fake(_shapes_of_gradients)
