"""Figures of FACTS.md section 7; the attention beside torch's own."""

import pytest
import torch
from torch import Tensor, nn

from paretoscope.architectures.mobilevit import Attention, MobileViTBlock, MobileViTXXS, from_tokens, to_tokens
from paretoscope.training.folding import folded
from tests.paretoscope.architectures.sizes import measured


@pytest.mark.parametrize(
    ("name", "params", "whole", "without"),
    [
        ("mobilevit_xxs", 1_272_024, 0.407, 0.329),
        ("mobilevit_xs", 2_317_848, 1.026, 0.909),
        ("mobilevit_s", 5_578_632, 2.001, 1.823),
    ],
)
def test_counts(name: str, params: int, whole: float, without: float) -> None:
    cost = measured("imagenet", name=name, resolution=256).baseline
    assert cost.params == params
    assert round(cost.macs / 1e9, 3) == whole
    assert round((cost.macs - cost.attention_macs) / 1e9, 3) == without


def test_attention_is_between_the_pixels_of_a_sequence() -> None:
    """2·dim·tokens² products for each of the 4 sequences of each transformer: 32×32, 16×16 and 8×8 pixels."""
    cost = measured("imagenet", name="mobilevit_xxs", resolution=256).baseline
    assert cost.attention_macs == sum(
        depth * 4 * 2 * dim * (side // 2) ** 4 for depth, dim, side in ((2, 64, 32), (4, 80, 16), (3, 96, 8))
    )


def test_attention_is_that_of_torch() -> None:
    torch.manual_seed(0)
    ours, theirs = Attention(24), nn.MultiheadAttention(24, 4, batch_first=True)
    theirs.load_state_dict(
        {
            "in_proj_weight": ours.qkv.weight,
            "in_proj_bias": ours.qkv.bias,
            "out_proj.weight": ours.out.weight,
            "out_proj.bias": ours.out.bias,
        }
    )
    x = torch.randn(3, 7, 24)
    torch.testing.assert_close(ours(x), theirs(x, x, x)[0])


def test_a_sequence_is_one_place_of_every_patch() -> None:
    picture = torch.arange(4.0 * 6).reshape(1, 1, 4, 6)
    assert to_tokens(picture)[..., 0].tolist() == [
        [0, 2, 4, 12, 14, 16],
        [1, 3, 5, 13, 15, 17],
        [6, 8, 10, 18, 20, 22],
        [7, 9, 11, 19, 21, 23],
    ]


@pytest.mark.parametrize("shape", [(2, 3, 4, 6), (1, 5, 2, 2)])
def test_tokens_go_back_to_where_they_came_from(shape: tuple[int, ...]) -> None:
    picture = torch.randn(shape)
    assert torch.equal(from_tokens(to_tokens(picture), picture), picture)


def test_a_map_that_patches_do_not_cover_is_stretched_and_brought_back() -> None:
    """A map of one colour, and one that grows along the rows, keep what they are."""
    ramp = torch.arange(5.0).expand(1, 1, 3, 5)
    assert to_tokens(ramp).shape == (4, 2 * 3, 1)
    back = from_tokens(to_tokens(ramp), ramp)
    assert back.shape == ramp.shape
    assert bool((back.diff(dim=3) > 0).all())
    flat = torch.full((1, 2, 7, 3), 4.0)
    torch.testing.assert_close(from_tokens(to_tokens(flat), flat), flat)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 5), (8, 6)])
def test_a_block_sees_the_whole_map(height: int, width: int) -> None:
    torch.manual_seed(0)
    block = MobileViTBlock(4, 8, 1).eval()
    x = torch.randn(1, 4, height, width, requires_grad=True)
    block(x)[0, :, 0, 0].sum().backward()
    assert x.grad is not None
    assert bool((x.grad.abs().amax(1) > 0).all())


@pytest.mark.parametrize("side", [33, 64, 72])
def test_it_evaluates_faster_and_the_same(side: int) -> None:
    """Its batch norms can be folded into its convolutions."""
    torch.manual_seed(0)
    network = MobileViTXXS(width=0.5).build(3, 10).eval()
    quick = folded(network)
    assert not [module for module in quick.modules() if isinstance(module, nn.BatchNorm2d)]
    picture = torch.randn(2, 3, side, side)
    with torch.inference_mode():
        torch.testing.assert_close(quick(picture), network(picture), rtol=1e-3, atol=1e-5)


def test_it_trains_in_bfloat16() -> None:
    torch.manual_seed(0)
    network = MobileViTXXS(width=0.5).build(1, 5)
    with torch.autocast("cpu", torch.bfloat16):
        loss: Tensor = network(torch.randn(2, 1, 40, 40)).float().square().mean()
    loss.backward()  # type: ignore[no-untyped-call]
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
