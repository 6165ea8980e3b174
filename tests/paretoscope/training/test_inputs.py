import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from paretoscope.datasets import Split
from paretoscope.training.inputs import Inputs, Moves, Padding, crop, plan_epoch

CPU = torch.device("cpu")


def slow_crop(image: Tensor, row: int, column: int, mirrored: bool, padding: Padding) -> Tensor:
    """One image, (H, W, C): mirror it, pad it, cut the window out; the textbook way."""
    if mirrored:
        image = image.flip(1)
    side, pad = image.shape[0], image.shape[0] - 1
    mode = {"zeros": "constant", "reflect": "reflect"}[padding]
    padded = F.pad(image.permute(2, 0, 1).float(), (pad, pad, pad, pad), mode=mode)
    top, left = pad + row, pad + column
    return padded[:, top : top + side, left : left + side].permute(1, 2, 0).byte()


@settings(max_examples=50, deadline=None)
@given(
    st.integers(2, 9),
    st.sampled_from([1, 3]),
    st.integers(1, 6),
    st.sampled_from(["zeros", "reflect"]),
    st.integers(0, 2**31),
)
def test_crop_equals_padding_and_cutting_each_image(
    side: int, channels: int, count: int, padding: Padding, seed: int
) -> None:
    random = torch.Generator().manual_seed(seed)
    pixels = torch.randint(1, 256, (7, side, side, channels), dtype=torch.uint8, generator=random)
    index = torch.randint(0, 7, (count,), generator=random)
    offsets = torch.randint(-(side - 1), side, (2, count), generator=random)
    mirrored = torch.rand(count, generator=random) < 0.5
    result = crop(pixels, index, Moves(offsets[0], offsets[1], mirrored), padding)
    for number in range(count):
        expected = slow_crop(
            pixels[index[number]],
            int(offsets[0, number]),
            int(offsets[1, number]),
            bool(mirrored[number]),
            padding,
        )
        assert torch.equal(result[number], expected)


def test_a_move_beyond_the_image_leaves_nothing() -> None:
    pixels = torch.full((1, 4, 4, 1), 9, dtype=torch.uint8)
    far = Moves(torch.tensor([64]), torch.tensor([0]), torch.tensor([False]))
    assert crop(pixels, torch.tensor([0]), far, "zeros").sum() == 0
    assert bool((crop(pixels, torch.tensor([0]), far, "reflect") == 9).all())


def test_a_plan_depends_on_seed_and_epoch_alone() -> None:
    def plan(seed: int, epoch: int) -> list[Tensor]:
        found = plan_epoch(1000, shift=2, flip=True, seed=seed, epoch=epoch, device=CPU)
        assert found.moves is not None
        return [found.order, *found.moves]

    first = plan(0, 1)
    assert all(torch.equal(a, b) for a, b in zip(first, plan(0, 1), strict=True))
    for other in (plan(0, 2), plan(1, 1)):
        assert not any(torch.equal(a, b) for a, b in zip(first, other, strict=True))
    order, rows, columns, mirrored = first
    assert order.sort().values.tolist() == list(range(1000))
    assert set(rows.tolist()) == set(columns.tolist()) == {-2, -1, 0, 1, 2}
    assert 430 < int(mirrored.sum()) < 570  # 500 ± 4.4 standard deviations


def test_inputs_are_normalised_and_stored_channels_last() -> None:
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (5, 3, 6, 6), dtype=torch.uint8, generator=random)
    mean, std = (0.2, 0.5, 0.7), (0.1, 0.2, 0.3)
    inputs = Inputs(Split(images, torch.arange(5)), mean, std, resolution=6, device=CPU)
    found, labels = inputs.in_order(1, 4)
    scale = torch.tensor(mean).view(1, 3, 1, 1), torch.tensor(std).view(1, 3, 1, 1)
    torch.testing.assert_close(found, (images[1:4] / 255 - scale[0]) / scale[1], rtol=1e-5, atol=1e-5)
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert labels.tolist() == [1, 2, 3]


def test_inputs_are_resized_where_the_network_wants_another_resolution() -> None:
    images = torch.arange(4, dtype=torch.uint8).view(1, 1, 2, 2).mul(60)
    inputs = Inputs(Split(images, torch.zeros(1).long()), (0.0,), (1.0,), resolution=8, device=CPU)
    found, _ = inputs.in_order(0, 1)
    assert found.shape == (1, 1, 8, 8)
    torch.testing.assert_close(found[0, 0, [0, 0, -1, -1], [0, -1, 0, -1]], torch.tensor([0, 60, 120, 180]) / 255)
