"""Live activation memory, against what a person works out by hand."""

import torch
from torch import Tensor, nn

from paretoscope.costs.tracing import trace

FLOAT = 4


def peak(network: nn.Module, *shape: int) -> int:
    return max(trace(network, [shape]).timeline.peaks)


def conv(inputs: int, outputs: int, **options: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1, device="meta", **options)  # type: ignore[arg-type]


def test_a_chain_needs_its_largest_input_and_output() -> None:
    chain = nn.Sequential(conv(3, 8), nn.BatchNorm2d(8, device="meta"), nn.ReLU(), conv(8, 16, stride=2), conv(16, 2))
    pixels = 16 * 16
    assert peak(chain, 3, 16, 16) == FLOAT * max(pixels * (3 + 8), pixels * 8 + pixels // 4 * 16)


def test_a_residual_keeps_its_input() -> None:
    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wide, self.narrow = conv(4, 12), conv(12, 4)

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.narrow(self.wide(x)) + x
            return out

    # the input, the twelve channels and the four that come of them
    assert peak(Residual(), 4, 10, 10) == FLOAT * 100 * (4 + 12 + 4)


def test_a_concatenation_needs_both_branches_and_the_whole() -> None:
    class Fire(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = conv(2, 6), conv(2, 6)

        def forward(self, x: Tensor) -> Tensor:
            return torch.cat([self.left(x), self.right(x)], 1)

    assert peak(Fire(), 2, 5, 5) == FLOAT * 25 * (6 + 6 + 12)


def test_weights_and_views_take_no_activation_memory() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Unflatten(1, (3, 64)), nn.Flatten(), nn.Linear(192, 5, device="meta"))
    assert peak(network, 3, 8, 8) == FLOAT * (192 + 5)


def test_pooling_leaves_no_indices_behind() -> None:
    network = nn.Sequential(conv(1, 4), nn.MaxPool2d(2))
    assert peak(network, 1, 8, 8) == FLOAT * max(64 * (1 + 4), 64 * 4 + 16 * 4)


def test_what_a_network_gives_back_is_alive_to_the_end() -> None:
    class Early(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = conv(1, 3), conv(3, 7)

        def forward(self, x: Tensor) -> Tensor:
            early: Tensor = self.first(x)
            self.second(early)
            return early

    assert peak(Early(), 1, 4, 4) == FLOAT * 16 * (3 + 7)
