"""Counting operations: hand-computed shapes, the lecture's example, and torch's own counter on the meta device."""

from collections.abc import Iterable
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from paretoscope.costs.counting import Part, count
from paretoscope.costs.estimate import estimate
from paretoscope.costs.figures import figures_of
from paretoscope.costs.formulas import formula
from paretoscope.costs.quantities import Cost
from paretoscope.costs.tracing import trace
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.networks import skeleton
from paretoscope.steps.application import apply
from paretoscope.steps.depthwise_separable import DepthwiseSeparable
from paretoscope.steps.grouped import Grouped
from paretoscope.steps.spatial_separable import SpatialSeparable
from paretoscope.variants import Variant
from tests.paretoscope.strategies import specs, variants


def meta(build: Any) -> nn.Module:
    with torch.device("meta"):
        network: nn.Module = build()
    return network


def total(parts: Iterable[Part]) -> Cost:
    return figures_of(parts).cost


def torch_macs(network: nn.Module, *shape: int, batch: int = 1) -> int:
    with FlopCounterMode(display=False) as counter:
        network.eval()(torch.empty(batch, *shape, device="meta"))
    flops: int = counter.get_total_flops()
    return flops // 2


def memory_of(network: nn.Module, shape: tuple[int, ...]) -> int:
    return max(trace(network, [shape]).timeline.peaks)


class Standardised(nn.Conv2d):
    """A subclass that does something of its own with its weight."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (torch's name for it)
        return F.conv2d(input, self.weight - self.weight.mean(), self.bias)


class Foreign(nn.Module):
    """What module hooks miss: functional calls, einsum, subclasses, a call twice, token-wise linear, attention."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(6, 3, 3, 3))
        self.twice = Standardised(6, 6, 1)
        self.mixing = nn.Parameter(torch.empty(8, 5, 8))
        self.line, self.volume = nn.Conv1d(8, 8, 3, padding=1), nn.Conv3d(1, 2, 3)
        self.tokens = nn.Linear(6, 8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2, groups=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.twice(self.twice(F.conv2d(x, self.weight, padding=1)))
        n, _, h, w = x.shape
        tokens = self.tokens(x.flatten(2).transpose(1, 2))
        tokens = tokens + self.attention(tokens, tokens, tokens, need_weights=False)[0]
        tokens = torch.einsum("nlc,ckd->nld", tokens, self.mixing) @ torch.empty(8, 8, device=x.device)
        tokens = F.scaled_dot_product_attention(tokens, tokens, tokens)
        tokens = self.line(tokens.transpose(1, 2)).transpose(1, 2)
        self.volume(tokens.reshape(n, 1, 8, h, w))
        out: Tensor = self.up(tokens.transpose(1, 2).reshape(n, 8, h, w))
        return out


def test_the_lecture_s_example() -> None:
    """5×5 output, 3×3 kernel, 3 → 128 channels: 86 400 products, 10 275 when depthwise separable."""
    conv = meta(lambda: nn.Conv2d(3, 128, 3, bias=False))
    assert total(count(conv, (3, 7, 7))).macs == 86_400
    separable = total(count(apply(conv, [DepthwiseSeparable()], warm=False), (3, 7, 7)))
    assert (separable.macs, separable.params) == (10_275, 411)
    assert separable.macs / 86_400 == pytest.approx(1 / 128 + 1 / 9)


def test_grouping_divides_by_the_groups() -> None:
    conv = meta(lambda: nn.Conv2d(96, 256, 5, padding=2))
    assert total(count(conv, (96, 27, 27))).macs == 447_897_600
    grouped = total(count(apply(conv, [Grouped(groups=2)], warm=False), (96, 27, 27)))
    assert (grouped.macs, grouped.params) == (223_948_800, 307_456)  # AlexNet's second layer


def test_spatially_separable_costs_what_its_formula_says() -> None:
    rank, height, width = 7, 16, 12
    step = SpatialSeparable.model_validate({"rank": {"rule": "fixed", "value": rank}})
    pair = apply(meta(lambda: nn.Conv2d(8, 20, 3, stride=2, padding=1, bias=False)), [step], warm=False)
    cost = total(count(pair, (8, 2 * height, 2 * width)))
    assert cost.params == rank * 3 * (8 + 20)
    assert cost.macs == (8 * rank * 3 * 2 + rank * 20 * 3) * height * width


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_foreign_modules_count_as_torch_counts_them(batch: int) -> None:
    network = meta(Foreign)
    cost = total(count(network, (3, 10, 10)))
    assert batch * cost.macs == torch_macs(network, 3, 10, 10, batch=batch)
    # both products of self-attention, by MultiheadAttention and by the function: 100 tokens, 8 channels
    assert cost.attention_macs == 4 * 100 * 100 * 8


def test_counting_leaves_the_network_as_it_was() -> None:
    network: Any = meta(lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    network.train()
    count(network, (3, 8, 8))
    assert network.training
    assert not network[0]._forward_hooks


@given(variants(), specs())
@settings(max_examples=60, deadline=None)
def test_the_remembered_cost_is_that_of_the_network_built(some: Variant, spec: DatasetSpec) -> None:
    resolved = some.resolved(spec)
    network = skeleton(resolved, spec)
    found = estimate(resolved, spec)
    fresh = count(network, (spec.channels, spec.resolution, spec.resolution))
    assert [part for layer in found.layers for part in layer.parts] == list(fresh)
    assert found.cost == total(fresh)
    assert found.memory == memory_of(network, (spec.channels, spec.resolution, spec.resolution))
    seen = found.cost.macs - found.cost.scan_macs  # torch's counter knows no scans
    assert seen == torch_macs(network, spec.channels, spec.resolution, spec.resolution)


@given(variants(), specs())
@settings(max_examples=30, deadline=None)
def test_the_baseline_is_the_network_without_steps(some: Variant, spec: DatasetSpec) -> None:
    plain = some.model_copy(update={"steps": ()})
    assert estimate(some, spec).baseline == estimate(plain, spec).cost


@given(
    st.integers(2, 7),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(8, 20),
    st.sampled_from([0.2, 0.35, 0.5, 0.9]),
)
@settings(deadline=None, max_examples=40)
def test_a_ratio_is_kept_whatever_the_padding(kernel: int, stride: int, padding: int, side: int, share: float) -> None:
    """The largest rank within the share: the next one is beyond it, or there is none, or not even one fits."""
    network = meta(lambda: nn.Sequential(nn.Conv2d(12, 24, kernel, stride, padding, bias=False)))
    dense = total(count(network, (12, side, side))).macs
    step = SpatialSeparable.model_validate({"rank": {"rule": "ratio", "value": share}})
    pair: Any = apply(network, [step], warm=False, in_shape=(12, side, side))
    rank = pair[0].vertical.out_channels
    macs = total(count(pair, (12, side, side))).macs
    assert macs <= share * dense or rank == 1
    assert macs * (rank + 1) // rank > share * dense or rank == 12 * kernel


class Folding(nn.Module):
    """Lays the four places of each 2×2 patch out along the batch, as MobileViT does."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Linear(3, 5, device="meta")

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        patches = x.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 2, 4, 1)
        out: Tensor = self.tokens(patches.reshape(4 * n, h * w // 4, c))
        return out


def test_patches_along_the_batch_are_of_one_image() -> None:
    (part,) = count(Folding(), (3, 8, 8))
    assert (part.batches, part.in_shape, part.macs) == ((4,), (16, 3), 64 * 3 * 5)
    assert part.moved == 4 * (64 * 3 + 3 * 5 + 5 + 64 * 5)
    assert formula(part).macs == "4·16·3·5 = 960"


def test_a_bias_is_one_however_the_input_lies_in_memory() -> None:
    """Torch adds it by itself where the input is not contiguous."""
    turned = nn.Sequential(nn.Flatten(2), Turned(), nn.Linear(3, 5, device="meta"))
    plain = nn.Sequential(nn.Flatten(2), nn.Linear(16, 5, device="meta"))
    for network, outputs in ((turned, 16 * 5), (plain, 3 * 5)):
        (part,) = count(network, (3, 4, 4))
        assert (part.others.bias, part.others.addition) == (outputs, 0)


class Turned(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2)


def test_tied_weights_are_stored_once() -> None:
    first, second = nn.Linear(5, 5), nn.Linear(5, 5, bias=False)
    second.weight = first.weight
    parts = count(nn.Sequential(first, second), (5,))
    assert [(part.params, part.bits, part.macs) for part in parts] == [(30, 960, 25), (0, 0, 25)]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_a_network_is_given_pictures_of_its_own_dtype(dtype: torch.dtype) -> None:
    assert total(count(nn.Conv2d(3, 8, 3).to(dtype), (3, 9, 9))).macs == 49 * 27 * 8


def test_a_bound_may_be_larger_than_what_it_bounds() -> None:
    class Bounded(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.least, self.out = nn.Parameter(torch.zeros(8)), nn.Linear(8, 2)

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.out(torch.clamp(x, min=self.least))
            return out

    assert total(count(Bounded(), (1,))).macs == 16


def test_each_module_stays_in_its_own_mode_even_where_the_network_fails() -> None:
    network: Any = meta(lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(6, 2)))
    network.train()[1].eval()
    count(network, (3, 8, 8))
    with pytest.raises(RuntimeError):
        count(network, (3, 9, 9))
    assert [module.training for module in network] == [True, False, True]
