"""From resident uint8 images to network inputs, a batch at a time, without a loop over images."""

from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 (the field's own abbreviation)
from torch import Tensor

from paretoscope.datasets import Split
from paretoscope.training.randomness import generator

Padding = Literal["zeros", "reflect"]


class Moves(NamedTuple):
    """How each of n images is changed: moved by rows and columns of pixels (int64, n), mirrored first (bool, n)."""

    rows: Tensor
    columns: Tensor
    mirrored: Tensor


class EpochPlan(NamedTuple):
    """The order of the images in one epoch, int64 N, and what happens to each; None: nothing does."""

    order: Tensor
    moves: Moves | None


def plan_epoch(count: int, *, shift: int, flip: bool, seed: int, epoch: int, device: torch.device) -> EpochPlan:
    """Draw order, moves by up to `shift` pixels, and mirrors of half the images, from (seed, epoch) alone."""
    random = generator(seed, "epoch", epoch)
    order = torch.randperm(count, generator=random)
    moves = None
    if shift or flip:
        offsets = torch.randint(-shift, shift + 1, (2, count), generator=random)
        mirrored = torch.rand(count, generator=random) < 0.5 if flip else torch.zeros(count, dtype=torch.bool)
        moves = Moves(offsets[0].to(device), offsets[1].to(device), mirrored.to(device))
    return EpochPlan(order.to(device), moves)


def crop(pixels: Tensor, index: Tensor, moves: Moves, padding: Padding) -> Tensor:
    """Gather images and move them: (N, H, W, C) and an index of n → (n, H, W, C).

    The pixel at (r, c) of the result is that of the (perhaps mirrored) image at (r + rows, c + columns); outside the
    image it is 0, or the image reflected at its border. One gather of whole pixels does both crop and mirror.
    """
    _, height, width, channels = pixels.shape
    rows = torch.arange(height, device=pixels.device) + moves.rows[:, None]
    columns = torch.arange(width, device=pixels.device) + moves.columns[:, None]
    if padding == "reflect":
        rows, columns = _reflected(rows, height), _reflected(columns, width)
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    columns = torch.where(moves.mirrored[:, None], width - 1 - columns, columns)
    line = index[:, None] * height + rows.clamp(0, height - 1)
    pixel = line[:, :, None] * width + columns.clamp(0, width - 1)[:, None, :]
    gathered = pixels.reshape(-1, channels).index_select(0, pixel.reshape(-1))
    return gathered.view(len(index), height, width, channels).mul_(inside[..., None])


def _reflected(position: Tensor, size: int) -> Tensor:
    """Mirror positions at the first and last pixel, as often as it takes."""
    period = max(1, 2 * (size - 1))
    position = position.remainder(period)
    return torch.minimum(position, period - position)


class Inputs:
    """The images and labels of a split on a device, and the network inputs made from them."""

    def __init__(
        self,
        split: Split,
        mean: tuple[float, ...],
        std: tuple[float, ...],
        *,
        resolution: int,
        device: torch.device,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Keep the split (no copy on the CPU); inputs will be `resolution` pixels a side and of `dtype`."""
        images = split.images.permute(0, 2, 3, 1)
        self.pixels = images.contiguous().to(device, non_blocking=True)
        self.labels = split.labels.to(device, non_blocking=True)
        self.resolution, self.dtype = resolution, dtype
        # One line of pixels at a time: the inner loop is then W·C long, not C.
        width = images.shape[2]
        scale = torch.tensor(std, dtype=torch.float32).mul(255).reciprocal()
        offset = torch.tensor(mean, dtype=torch.float32).div(torch.tensor(std)).neg()
        self._scale, self._offset = scale.repeat(width).to(device), offset.repeat(width).to(device)

    def __len__(self) -> int:
        return len(self.labels)

    def in_order(self, start: int, stop: int) -> tuple[Tensor, Tensor]:
        """Inputs and labels of images start…stop, unchanged."""
        return self._network_input(self.pixels[start:stop]), self.labels[start:stop]

    def planned(self, plan: EpochPlan, start: int, stop: int, padding: Padding) -> tuple[Tensor, Tensor]:
        """Inputs and labels of places start…stop of an epoch's plan."""
        index = plan.order[start:stop]
        if plan.moves is None:
            pixels = self.pixels.index_select(0, index)
        else:
            rows, columns, mirrored = (move[start:stop] for move in plan.moves)
            pixels = crop(self.pixels, index, Moves(rows, columns, mirrored), padding)
        return self._network_input(pixels), self.labels.index_select(0, index)

    def _network_input(self, pixels: Tensor) -> Tensor:
        """Normalise (n, H, W, C) bytes to (n, C, h, w) floats stored channels last."""
        count, height, width, channels = pixels.shape
        lines = pixels.reshape(count * height, width * channels).to(torch.float32)
        lines = torch.addcmul(self._offset, lines, self._scale)
        images = lines.to(self.dtype).view(count, height, width, channels).permute(0, 3, 1, 2)
        if self.resolution != height:
            images = F.interpolate(images.float(), self.resolution, mode="bilinear", antialias=True).to(self.dtype)
            images = images.contiguous(memory_format=torch.channels_last)
        return images
