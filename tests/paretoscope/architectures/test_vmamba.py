"""Figures of FACTS.md section 7; the routes beside a plain walk; the block beside the paper's order of operations."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 (the field's own abbreviation)
from torch import Tensor, nn

from paretoscope.architectures.selective_scan import selective_scan_reference
from paretoscope.architectures.vmamba import Scan2d, VMambaT, along_routes, from_routes
from paretoscope.training.folding import folded
from tests.paretoscope.architectures.sizes import measured


@pytest.mark.parametrize(
    ("name", "params", "linear", "scans"),
    [
        ("vmamba_t", 30_249_064, 4.813, 0.063),
        ("vmamba_s", 50_147_752, 8.499, 0.169),
        ("vmamba_b", 88_557_800, 15.070, 0.225),
    ],
)
def test_counts(name: str, params: int, linear: float, scans: float) -> None:
    cost = measured("imagenet", name=name).baseline
    assert cost.params == params
    assert round((cost.macs - cost.scan_macs) / 1e9, 3) == linear
    assert round(cost.scan_macs / 1e9, 3) == scans
    assert cost.attention_macs == 0


def test_the_routes() -> None:
    """Row by row, column by column, and both from the end, through a picture of two rows."""
    picture = torch.tensor([[0.0, 1, 2], [3, 4, 5]])[None, :, :, None]
    routes = along_routes([picture + 10 * route for route in range(4)])
    assert routes.shape == (1, 6, 4, 1)
    assert routes[0, :, :, 0].T.tolist() == [
        [0, 1, 2, 3, 4, 5],
        [10, 13, 11, 14, 12, 15],
        [25, 24, 23, 22, 21, 20],
        [35, 32, 34, 31, 33, 30],
    ]


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 3), (5, 4)])
def test_the_routes_end_where_they_began(height: int, width: int) -> None:
    pictures = torch.randn(4, 2, height, width, 3)
    torch.testing.assert_close(from_routes(along_routes(pictures.unbind(0)), height, width), pictures.sum(0))


def test_the_scan_is_that_of_the_paper() -> None:
    """Routes first, then Δ, B and C for each route by its own weights, one position after another (SS2D)."""
    torch.manual_seed(0)
    block, (height, width), inner = Scan2d(20, 8), (4, 3), 8
    x = torch.randn(2, height, width, 20)
    hidden = F.silu(F.conv2d((x @ block.in_proj.weight.T).permute(0, 3, 1, 2), block.conv.weight, None, 1, 1, 1, inner))
    by_rows, by_columns = hidden.flatten(2), hidden.transpose(2, 3).flatten(2)
    total = torch.zeros(2, inner, height, width)
    x_weights = block.x_proj.weight.flatten(1).chunk(4)
    for route, sequence in enumerate((by_rows, by_columns, by_rows.flip(2), by_columns.flip(2))):
        own = slice(route * inner, (route + 1) * inner)
        step, write, read = torch.einsum("rd,ndl->nrl", x_weights[route], sequence).split_with_sizes([2, 1, 1], 1)
        delta = torch.einsum("dr,nrl->ndl", block.dt_proj.weight[own].flatten(1), step)
        A, D, bias = -block.A_log[own].exp(), block.D[own], block.dt_bias[own]  # noqa: N806
        y = selective_scan_reference(sequence, delta, A, write[:, None], read[:, None], D, bias)
        y = y.flip(2) if route > 1 else y
        total += y.view(2, inner, width, height).transpose(2, 3) if route % 2 else y.view(2, inner, height, width)
    normalised = F.layer_norm(total.permute(0, 2, 3, 1), (inner,), block.out_norm.weight, block.out_norm.bias)
    torch.testing.assert_close(block(x), normalised @ block.out_proj.weight.T, rtol=1e-4, atol=1e-6)


def test_steps_begin_between_a_thousandth_and_a_tenth() -> None:
    torch.manual_seed(0)
    block = Scan2d(96, 96)
    steps = F.softplus(block.dt_bias)
    assert 0.99e-3 < steps.min() < 2e-3
    assert 0.05 < steps.max() < 0.101
    assert torch.equal(block.A_log, torch.zeros(4 * 96, 1))
    assert torch.equal(block.D, torch.ones(4 * 96))


def test_each_pixel_sees_all_others() -> None:
    torch.manual_seed(0)
    block = Scan2d(8, 8)
    x = torch.randn(1, 9, 7, 8, requires_grad=True)
    block(x)[0, 4, 3].sum().backward()
    assert x.grad is not None
    assert bool((x.grad.abs().amax(-1) > 0).all())


def test_it_evaluates_the_same_when_folded_and_channels_last() -> None:
    torch.manual_seed(0)
    network = VMambaT(width=0.1).build(3, 10).eval()
    picture = torch.randn(2, 3, 49, 49)
    with torch.inference_mode():
        answer = network(picture)
        torch.testing.assert_close(folded(network)(picture), answer)
        torch.testing.assert_close(network(picture.to(memory_format=torch.channels_last)), answer)


def test_it_trains_in_bfloat16() -> None:
    torch.manual_seed(0)
    network = VMambaT(width=0.1).build(1, 5)
    with torch.autocast("cpu", torch.bfloat16):
        loss: Tensor = network(torch.randn(2, 1, 40, 40)).float().square().mean()
    loss.backward()  # type: ignore[no-untyped-call]
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


def test_what_steps_replace_are_plain_layers() -> None:
    block = Scan2d(16, 32)
    assert type(block.in_proj) is type(block.out_proj) is nn.Linear
    assert type(block.conv) is type(block.x_proj) is type(block.dt_proj) is nn.Conv2d
