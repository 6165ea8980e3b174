"""The chunked scan beside the recurrence as written, in values and gradients; what a counter sees of it."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from paretoscope.architectures import selective_scan as module
from paretoscope.architectures.selective_scan import scan_macs, selective_scan, selective_scan_reference

Inputs = tuple[Tensor, ...]


def inputs(
    images: int = 2,
    groups: int = 2,
    share: int = 3,
    length: int = 20,
    states: int = 2,
    *,
    shift: float = -3.0,
    rate: float = 1.0,
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
) -> Inputs:
    """u, delta, A, B, C, D, delta_bias: `shift` is the middle of delta, `rate` about the size of A."""
    random = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=random, dtype=dtype)

    channels = groups * share
    return (
        normal(images, channels, length),
        normal(images, channels, length) * max(1.0, abs(shift) / 2) + shift,
        -rate * torch.exp(normal(channels, states)),
        normal(images, groups, states, length),
        normal(images, groups, states, length),
        normal(channels),
        normal(channels) / 10,
    )


def trained(values: Inputs) -> Inputs:
    return tuple(value.clone().requires_grad_() for value in values)


def gradients(scan: Callable[..., Tensor], values: Inputs, upstream: Tensor) -> Inputs:
    return torch.autograd.grad(scan(*values), values, upstream)


def assert_close(found: Tensor, expected: Tensor, tolerance: float = 1e-4) -> None:
    """Relative to the largest value, where that is one that float32 still has room below."""
    assert torch.isfinite(found).all()
    assert (found - expected).abs().max() <= tolerance * max(expected.abs().max().item(), 1e-30)


def test_by_hand() -> None:
    """softplus(0) = ln 2 and A = -1 halve the state: h = ln 2·(1, 1/2 + 2, 5/4 + 3), read by 1, 1 and 2; D = 10."""
    row = torch.tensor([[[1.0, 2.0, 3.0]]])
    ones, zero = torch.ones(1, 1, 1, 3), torch.zeros(1)
    read = torch.tensor([1.0, 1.0, 2.0]).view(1, 1, 1, 3)
    y = selective_scan(row, torch.zeros(1, 1, 3), -torch.ones(1, 1), ones, read, torch.tensor([10.0]), zero)
    torch.testing.assert_close(y, math.log(2) * torch.tensor([[[1, 2.5, 8.5]]]) + 10 * row)


@given(
    images=st.integers(1, 3),
    groups=st.integers(1, 3),
    share=st.integers(1, 3),
    length=st.one_of(st.integers(1, 20), st.sampled_from([36, 37, 48, 49, 50, 196, 211])),
    states=st.sampled_from([1, 2, 16]),
    shift=st.sampled_from([-80.0, -8.0, -3.0, 0.0, 5.0, 80.0, 1e5]),
    rate=st.sampled_from([1e-6, 0.1, 1.0, 30.0, 1e6]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_it_equals_the_recurrence(**options: Any) -> None:
    """Also where a state is forgotten at once (Δ·A far below zero) or never."""
    values = inputs(**options)
    expected = selective_scan_reference(*(value.double() for value in values))
    assert_close(selective_scan(*values), expected)


@given(
    groups=st.integers(1, 2),
    length=st.sampled_from([1, 2, 3, 9, 10, 37, 64]),
    states=st.sampled_from([1, 3]),
    shift=st.sampled_from([-30.0, -3.0, 0.0, 30.0]),
    rate=st.sampled_from([1e-3, 1.0, 1e3]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=25, deadline=None)
def test_its_gradients_are_those_of_the_recurrence(**options: Any) -> None:
    values = inputs(**options)
    upstream = torch.randn(values[0].shape, generator=torch.Generator().manual_seed(1))
    exact = trained(tuple(value.double() for value in values))
    expected = gradients(selective_scan_reference, exact, upstream.double())
    for found, true in zip(gradients(selective_scan, trained(values), upstream), expected, strict=True):
        assert_close(found, true)


@pytest.mark.parametrize(("length", "states"), [(1, 1), (7, 2), (16, 1)])
def test_its_gradients_are_those_of_small_differences(length: int, states: int) -> None:
    values = trained(inputs(length=length, states=states, dtype=torch.float64))
    assert torch.autograd.gradcheck(selective_scan, values)


@pytest.mark.parametrize("states", [1, 16])
def test_a_long_sequence(states: int) -> None:
    """56×56 pixels, with states that last all the way and states that do not."""
    values = inputs(1, 2, 4, 3136, states, shift=-6.0)
    exact = trained(tuple(value.double() for value in values))
    assert_close(selective_scan(*values), selective_scan_reference(*values))
    y = selective_scan_reference(*exact)
    assert_close(selective_scan(*values), y.detach())
    assert_close(selective_scan(*exact).detach(), y.detach(), 1e-12)


def test_a_long_sequence_s_gradients() -> None:
    values = inputs(1, 2, 2, 3136, 1, shift=-6.0)
    upstream = torch.randn(values[0].shape, generator=torch.Generator().manual_seed(1))
    exact = trained(tuple(value.double() for value in values))
    expected = gradients(selective_scan_reference, exact, upstream.double())
    for found, true in zip(gradients(selective_scan, trained(values), upstream), expected, strict=True):
        assert_close(found, true)


@pytest.mark.parametrize("most", [1, 100, 400])
def test_blocks_change_nothing(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values = inputs(5, 3, 2, 30)
    upstream = torch.ones_like(values[0])
    whole, grads = selective_scan(*values), gradients(selective_scan, trained(values), upstream)
    monkeypatch.setattr(module, "BLOCK_ON_CPU", most)
    assert_close(selective_scan(*values), whole, 1e-6)
    for found, expected in zip(gradients(selective_scan, trained(values), upstream), grads, strict=True):
        assert_close(found, expected, 1e-5)


def test_channels_may_lie_side_by_side() -> None:
    u, delta, *others = inputs(length=30)
    turned = [each.transpose(1, 2).contiguous().transpose(1, 2) for each in (u, delta)]
    y = selective_scan(*turned, *others)
    assert y.stride() == turned[0].stride()
    torch.testing.assert_close(y, selective_scan(u, delta, *others))


def test_the_last_position_sees_the_first() -> None:
    values = trained(inputs(1, 1, 1, 50, 1, shift=-8.0))
    selective_scan(*values)[0, 0, -1].backward()
    assert values[0].grad is not None
    assert bool((values[0].grad != 0).all())


def test_arithmetic_is_float32_under_autocast() -> None:
    values = trained(inputs(length=40, states=16))
    plain = selective_scan(*values)
    expected = torch.autograd.grad(plain.sum(), values)
    with torch.autocast("cpu", torch.bfloat16):
        found = selective_scan(*values)
        grads = torch.autograd.grad(found.sum(), values)
    assert torch.equal(found, plain)
    for one, other in zip(grads, expected, strict=True):
        assert torch.equal(one, other)


def test_bfloat16_is_rounded_only_at_the_door() -> None:
    u, delta, A, B, C, D, bias = inputs(length=300)  # noqa: N806
    rough = [each.bfloat16() for each in (u, delta, B, C)]
    exact = [each.float() for each in rough]
    y = selective_scan(rough[0], rough[1], A, rough[2], rough[3], D, bias)
    assert y.dtype is torch.bfloat16
    expected = selective_scan(exact[0], exact[1], A, exact[2], exact[3], D, bias)
    assert torch.equal(y, expected.bfloat16())
    values = trained((rough[0], rough[1], A, rough[2], rough[3], D, bias))
    for value, grad in zip(values, torch.autograd.grad(selective_scan(*values).float().sum(), values), strict=True):
        assert grad.dtype == value.dtype


def test_only_the_inputs_are_kept_for_the_backward_pass() -> None:
    values, kept = trained(inputs(length=60)), []

    def keep(tensor: Tensor) -> Tensor:
        kept.append(tensor.data_ptr())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        selective_scan(*values)
    assert set(kept) == {value.data_ptr() for value in values}


def test_a_counter_sees_one_operation() -> None:
    seen = []

    class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            seen.append((func.overloadpacket, [tuple(value.shape) for value in args]))
            return func(*args, **(kwargs or {}))

    values = [value.to("meta") for value in inputs(1, 4, 5, 6, 3)]
    with Watch():  # type: ignore[no-untyped-call]
        y = selective_scan(*values)
    assert y.is_meta
    assert y.shape == (1, 20, 6)
    assert seen == [
        (
            torch.ops.paretoscope.selective_scan,
            [(1, 20, 6), (1, 20, 6), (20, 3), (1, 4, 3, 6), (1, 4, 3, 6), (20,), (20,)],
        )
    ]


def test_torch_finds_no_fault_with_the_operator() -> None:
    torch.library.opcheck(selective_scan, trained(inputs(length=10)))


def test_gradients_of_gradients_are_refused() -> None:
    values = trained(inputs())
    (grad,) = torch.autograd.grad(selective_scan(*values).sum(), values[:1], create_graph=True)
    with pytest.raises(RuntimeError, match="autograd"):
        grad.sum().backward()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("index", range(1, 7))
def test_shapes_that_do_not_fit_are_refused(index: int) -> None:
    values = list(inputs())
    values[index] = values[index].flatten()[:-1]
    name = ("u", "delta", "A", "B", "C", "D", "delta_bias")[index]
    with pytest.raises((ValueError, IndexError)):
        selective_scan(*values)
    values[index] = torch.zeros(*inputs()[index].shape[:-1], 99)
    with pytest.raises(ValueError, match=name if index != 2 else "B"):
        selective_scan(*(value.to("meta") for value in values))


def test_no_images_give_nothing() -> None:
    values = trained(inputs(images=0))
    y = selective_scan(*values)
    assert y.shape == (0, 6, 20)
    for value, grad in zip(values, torch.autograd.grad(y.sum(), values), strict=True):
        assert not grad.any()
        assert grad.shape == value.shape


def test_no_positions_are_refused() -> None:
    with pytest.raises(ValueError, match="0 positions"):
        selective_scan(*inputs(length=0))


def test_macs_by_hand() -> None:
    """2 images, 10 positions, 4 directions of 8 channels: ten products for each with one state, 145 with sixteen."""
    assert scan_macs(2, 10, 4 * 8, 1) == 2 * 10 * 32 * 10
    assert scan_macs(2, 10, 4 * 8, 16) == 2 * 10 * 32 * 145
