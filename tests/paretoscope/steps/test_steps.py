"""Steps: what they put in place, how it starts from trained weights, and what they refuse."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from paretoscope.costs.counting import stored
from paretoscope.steps import STEPS, Step
from paretoscope.steps.application import StepError, apply
from paretoscope.steps.depthwise_separable import DepthwiseSeparable
from paretoscope.steps.grouped import Grouped
from paretoscope.steps.share_weights import ShareWeights
from paretoscope.steps.spatial_separable import SpatialSeparable
from tests.paretoscope.clustering.test_scalar import INDICES, WEIGHTS

# Deep Compression, figure 3.
GRADIENT = [
    [-0.03, -0.01, 0.03, 0.02],
    [-0.01, 0.01, -0.02, 0.12],
    [-0.01, 0.02, 0.04, 0.01],
    [-0.07, -0.02, 0.01, -0.02],
]


@st.composite
def convolutions(draw: st.DrawFn) -> nn.Conv2d:
    torch.manual_seed(draw(st.integers(0, 99)))
    kernel = (draw(st.integers(2, 5)), draw(st.integers(2, 5)))
    return nn.Conv2d(
        draw(st.integers(1, 6)),
        draw(st.integers(1, 6)),
        kernel,
        stride=(draw(st.integers(1, 3)), draw(st.integers(1, 3))),
        padding=(draw(st.integers(0, 2)), draw(st.integers(0, 2))),
        dilation=(draw(st.integers(1, 2)), draw(st.integers(1, 2))),
        bias=draw(st.booleans()),
        padding_mode=draw(st.sampled_from(["zeros", "circular", "reflect"])),
    )


def run(module: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        out: Tensor = module(x)
    return out


def replaced(conv: nn.Conv2d, step: Step) -> Any:
    holder = nn.Sequential(conv)
    return apply(holder, [step], warm=True)


def fixed(rank: int) -> SpatialSeparable:
    return SpatialSeparable.model_validate({"rank": {"rule": "fixed", "value": rank}})


@given(convolutions())
@settings(max_examples=60, deadline=None)
def test_full_rank_reproduces_the_layer(conv: nn.Conv2d) -> None:
    x = torch.randn(2, conv.in_channels, 14, 13)
    expected = run(conv, x)
    height, width = conv.kernel_size
    rank = min(conv.in_channels * height, conv.out_channels * width)
    terms = min(conv.out_channels, height * width)
    torch.testing.assert_close(run(replaced(conv, fixed(rank)), x), expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(run(replaced(conv, DepthwiseSeparable(terms=terms)), x), expected, atol=1e-4, rtol=1e-4)


def test_the_error_of_the_kernel_falls_as_rank_grows_and_is_the_best_possible() -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(4, 6, 3, bias=False)
    values = torch.linalg.svdvals(conv.weight.detach().permute(1, 2, 3, 0).reshape(12, 18).double())
    for rank in range(1, 13):
        pair = replaced(conv, fixed(rank))[0]
        vertical, horizontal = pair.vertical.weight, pair.horizontal.weight
        kernel = torch.einsum("rsh,trw->tshw", vertical.squeeze(-1), horizontal.squeeze(2))
        error = float((kernel - conv.weight).detach().double().square().sum())
        assert error == pytest.approx(float(values[rank:].square().sum()), abs=1e-6)


def test_sobel_is_separable() -> None:
    sobel = nn.Conv2d(1, 1, 3, bias=False)
    with torch.no_grad():
        sobel.weight.copy_(torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]))
    x = torch.randn(1, 1, 9, 9)
    expected = run(sobel, x)
    pair = replaced(sobel, fixed(1))
    torch.testing.assert_close(run(pair, x), expected)
    assert sum(p.numel() for p in pair.parameters()) == 6


@given(convolutions(), st.integers(2, 3))
@settings(max_examples=20, deadline=None)
def test_grouping_keeps_the_diagonal_blocks(conv: nn.Conv2d, groups: int) -> None:
    height, width = conv.kernel_size
    wide = nn.Conv2d(conv.in_channels * groups, conv.out_channels * groups, (height, width), bias=conv.bias is not None)
    with torch.no_grad():
        blocked = torch.zeros_like(wide.weight)
        for g in range(groups):
            rows = slice(g * conv.out_channels, (g + 1) * conv.out_channels)
            columns = slice(g * conv.in_channels, (g + 1) * conv.in_channels)
            blocked[rows, columns] = wide.weight[rows, columns]
        wide.weight.copy_(blocked)
    x = torch.randn(2, wide.in_channels, 11, 11)
    expected = run(wide, x)
    torch.testing.assert_close(run(replaced(wide, Grouped(groups=groups)), x), expected, atol=1e-5, rtol=1e-4)


def shared_four_by_four() -> Any:
    layer = nn.Linear(4, 4, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(WEIGHTS))
    network: Any = apply(nn.Sequential(layer), [ShareWeights(clusters=4)], warm=True)
    return network[0]


def test_weight_sharing_is_the_paper_s_example() -> None:
    """Clusters, summed gradients and the fine-tuned centroids of figure 3, and r = 3.2."""
    layer = shared_four_by_four()
    codebook = layer.parametrizations.weight
    np.testing.assert_array_equal(codebook[0].indices.view(4, 4), INDICES)
    layer.weight.backward(torch.tensor(GRADIENT))
    torch.testing.assert_close(codebook.original.grad, torch.tensor([-0.03, 0.04, 0.02, 0.04]))
    torch.optim.SGD([codebook.original], lr=1.0).step()
    torch.testing.assert_close(codebook.original.detach(), torch.tensor([-0.97, -0.04, 1.48, 1.96]))
    params, bits = stored(layer)
    assert params == 16
    assert 16 * 32 / bits == 3.2


def test_weights_stay_shared_through_fine_tuning() -> None:
    torch.manual_seed(0)
    network: Any = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(128, 2))
    x = torch.randn(16, 3, 6, 6)
    apply(network, [ShareWeights(clusters=4)], warm=True)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    for _ in range(5):
        optimizer.zero_grad()
        network(x).square().mean().backward()
        optimizer.step()
    assert len(network[0].weight.unique()) == 4
    again = apply(
        nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(128, 2)), [ShareWeights(clusters=4)], warm=True
    )
    again.load_state_dict(network.state_dict())
    torch.testing.assert_close(run(again, x), run(network, x))


def test_an_excluded_layer_is_left_alone() -> None:
    network: Any = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3))
    step = DepthwiseSeparable.model_validate({"layers": {"exclude": ["0"]}})
    first = network[0]
    apply(network, [step], warm=True)
    assert network[0] is first
    assert not isinstance(network[1], nn.Conv2d)


def test_steps_see_what_earlier_steps_made() -> None:
    network: Any = nn.Sequential(nn.Conv2d(4, 8, 3))
    share = ShareWeights.model_validate({"clusters": 4, "layers": {"include": ["0.horizontal"]}})
    apply(network, [fixed(4), share], warm=True)
    assert len(network[0].horizontal.weight.unique()) == 4
    assert len(network[0].vertical.weight.unique()) > 4


@pytest.mark.parametrize("steps", [[ShareWeights(clusters=2), DepthwiseSeparable()], [ShareWeights(clusters=2)] * 2])
def test_orders_that_would_throw_work_away_are_refused(steps: list[Step]) -> None:
    with pytest.raises(StepError, match="earlier step"):
        apply(nn.Sequential(nn.Conv2d(3, 4, 3)), steps, warm=True)


@pytest.mark.parametrize("kind", STEPS)
def test_every_step_describes_itself(kind: type[Step]) -> None:
    schema: dict[str, Any] = kind.model_json_schema()
    assert kind.title
    assert kind.summary.endswith(".")
    assert "=" in kind.formula
    assert kind.source.url.startswith("https://")
    for name, field in schema["properties"].items():
        assert name == "kind" or ("title" in field and "description" in field), f"{kind.__name__}.{name}"
