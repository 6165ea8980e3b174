"""The shift: each channel is moved by one position of the window and nothing is multiplied. Wu et al. 2018."""

from collections.abc import Iterator
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

Pair = tuple[int, int]


class Shift(nn.Module):
    """Maps (N, C, H, W) to (N, C, H', W'): every channel through a single tap of its window.

    It is the depthwise convolution whose kernels hold one 1 and zeros, without its multiplications. The channels are
    dealt out to the taps in equal runs, as ShiftNet fixes them before training.
    """

    def __init__(self, channels: int, kernel_size: Pair, stride: Pair, padding: Pair) -> None:
        super().__init__()
        self.groups, self.kernel_size, self.stride, self.padding = channels, kernel_size, stride, padding

    def runs(self) -> Iterator[tuple[Pair, range]]:
        """Yield each tap (row, column) that has channels, with these channels."""
        rows, columns = self.kernel_size
        area = rows * columns
        for place, tap in enumerate(product(range(rows), range(columns))):
            run = range(self.groups * place // area, self.groups * (place + 1) // area)
            if run:
                yield tap, run

    def taps(self) -> tuple[Pair, ...]:
        """Return the tap of every channel."""
        return tuple(tap for tap, run in self.runs() for _ in run)

    def forward(self, inputs: Tensor) -> Tensor:
        """Move every channel by its tap."""
        (top, left), (down, right) = self.padding, self.stride
        padded = pad(inputs, (left, left, top, top))
        height, width = (size - side + 1 for size, side in zip(padded.shape[2:], self.kernel_size, strict=True))
        moved = [
            padded[:, run.start : run.stop, row : row + height : down, column : column + width : right]
            for (row, column), run in self.runs()
        ]
        return torch.cat(moved, dim=1)
