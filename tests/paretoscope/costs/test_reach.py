"""Receptive fields, against those published with their method: Araujo et al. 2019, table of common networks.

ResNet-50 there strides elsewhere; with the stride in the 3×3 convolutions it is 11 + 3·8 + 8 + 3·16 + 16 + 5·32 + 32 +
2·64 = 427.
"""

import pytest
import torch
from torch import Tensor, nn

from paretoscope.costs.tracing import trace
from paretoscope.torchvision_compat import import_torchvision


def reach_of(network: nn.Module, name: str, side: int) -> int | None:
    reach = trace(network, [(3, side, side)]).tallies[network.get_submodule(name)].reach
    assert reach is not None
    return reach.size


@pytest.mark.parametrize(
    ("model", "layer", "size"),
    [("alexnet", "features.12", 195), ("vgg16", "features.30", 212), ("resnet50", "layer4", 427)],
)
def test_published(model: str, layer: str, size: int) -> None:
    models = import_torchvision().models
    with torch.device("meta"):
        network: nn.Module = getattr(models, model)()
    assert reach_of(network.eval(), layer, 224) == size


def test_dilation_and_transposition() -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3, dilation=4), nn.ConvTranspose2d(4, 4, 2, stride=2), nn.Conv2d(4, 4, 3)
    ).to("meta")
    assert [reach_of(network, name, 32) for name in "012"] == [9, 9, 10]
    assert reach_of(nn.Sequential(nn.MaxPool2d(3, 1, dilation=2)), "0", 32) == 5


def test_a_product_over_all_sees_all() -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mix, self.last = nn.Linear(3, 3), nn.Linear(3, 2)

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.last(self.mix(x.flatten(2).transpose(1, 2)).mean(1))
            return out

    network = Tokens().to("meta")
    assert reach_of(network, "mix", 8) == 1
    assert reach_of(network, "last", 8) is None
