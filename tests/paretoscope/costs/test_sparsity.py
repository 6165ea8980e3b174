"""Pruned weights: dense, structured and ideal-sparse MACs, against counting by hand."""

import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from paretoscope.costs.counting import Part, count
from paretoscope.costs.sparsity import kept


def only(network: nn.Module, *shape: int) -> Part:
    (part,) = [part for part in count(network, shape) if part.macs]
    return part


def test_nothing_is_zero_in_a_dense_layer() -> None:
    part = only(nn.Conv2d(4, 6, 3, padding=1), 4, 8, 8)
    assert part.macs == part.structured_macs == part.sparse_macs == 64 * 9 * 4 * 6


def test_columns_of_a_pruned_convolution() -> None:
    conv = nn.Conv2d(4, 6, 3, padding=1, bias=False)
    with torch.no_grad():
        conv.weight[:2] = 0  # two of six filters
        conv.weight[:, 3] = 0  # one of four input channels
        conv.weight[2, 0, 0, 0] = 0  # and one more weight
    part = only(conv, 4, 8, 8)
    assert part.macs == 64 * 9 * 4 * 6
    assert part.structured_macs == 64 * 9 * 3 * 4
    assert part.sparse_macs == 64 * (9 * 3 * 4 - 1)


def test_groups_lose_their_own_filters_and_channels() -> None:
    conv = nn.Conv2d(4, 4, 1, groups=2, bias=False)
    with torch.no_grad():
        conv.weight[0] = 0  # the first group keeps one filter of two channels
        conv.weight[2:, 1] = 0  # the second two filters of one channel
    part = only(conv, 4, 3, 3)
    assert (part.macs, part.structured_macs, part.sparse_macs) == (9 * 8, 9 * 4, 9 * 4)


def test_linear_layers_and_masks_of_torch() -> None:
    linear = nn.Linear(10, 4)
    prune.random_unstructured(linear, "weight", amount=30)  # type: ignore[no-untyped-call]
    part = only(nn.Sequential(nn.Flatten(), linear), 10, 1, 1)
    assert part.macs == 40
    assert part.sparse_macs == 10


def test_a_layer_that_is_all_zero_has_nothing_to_do() -> None:
    conv = nn.Conv2d(2, 2, 3)
    nn.init.zeros_(conv.weight)
    part = only(conv, 2, 5, 5)
    assert (part.structured_macs, part.sparse_macs) == (0, 0)


@pytest.mark.parametrize("module", [nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten()])
def test_only_matrices_can_be_sparse(module: nn.Module) -> None:
    assert kept(module) is None


def test_counting_leaves_a_real_network_where_it_is() -> None:
    conv = nn.Conv2d(3, 4, 3)
    network, before = nn.Sequential(conv, nn.BatchNorm2d(4)), conv.weight.clone()
    count(network, (3, 8, 8))
    assert torch.equal(conv.weight, before)
    assert network.training
