"""What the tests of the families share: sizes of a network by data set, and torchvision's network beside ours."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from paretoscope.architectures import Architecture
from paretoscope.costs.estimate import Estimate, estimate
from paretoscope.datasets.spec import BUILT_IN
from paretoscope.torchvision_compat import import_torchvision
from paretoscope.variants import Variant


def measured(dataset: str, **architecture: Any) -> Estimate:
    """The estimate of a network without steps."""
    variant = Variant.model_validate({"dataset": dataset, "architecture": architecture})
    return estimate(variant, BUILT_IN[dataset])


def sizes(dataset: str, **architecture: Any) -> tuple[int, int]:
    """Parameters and MACs."""
    cost = measured(dataset, **architecture).baseline
    return cost.params, cost.macs


def inside(dataset: str, *modules: str, **architecture: Any) -> list[tuple[int, int]]:
    """Parameters and MACs of each module, all layers inside it together."""
    layers = measured(dataset, **architecture).layers
    return [
        (sum(part.params for part in parts), sum(part.macs for part in parts))
        for module in modules
        for parts in [[row.original for row in layers if f"{row.original.name}.".startswith(f"{module}.")]]
    ]


def torchvision_models() -> Any:
    """The module `torchvision.models`."""
    return import_torchvision("torchvision.models")


def assert_same(architecture: Architecture, build: Callable[[], nn.Module], side: int) -> None:
    """Assert that torchvision's network fits ours weight by weight and answers the same for a picture of `side`."""
    torch.manual_seed(0)
    theirs = build().eval()
    for module in theirs.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values in (module.weight, module.bias, module.running_mean, module.running_var):
                assert values is not None
                nn.init.uniform_(values, 0.5, 1.5)
    with torch.device("meta"):
        ours = architecture.build(3, 1000).eval()
    ours.load_state_dict(theirs.state_dict(), assign=True)
    picture = torch.randn(2, 3, side, side)
    with torch.inference_mode():
        torch.testing.assert_close(ours(picture), theirs(picture))
