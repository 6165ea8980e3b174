"""The optimizer of a recipe, and which parameters it treats in which way."""

from collections.abc import Iterable

import torch
from torch import nn
from torch.nn.utils import parametrize

from paretoscope.recipe import SGD, AdamW


def build_optimizer(network: nn.Module, options: SGD | AdamW) -> torch.optim.Optimizer:
    """SGD or AdamW in fused form.

    Weight decay acts on weights of two and more dimensions only: biases and batch norms set scales that it should not
    pull to zero, and so do codebooks. With SGD a value that stands for many weights (a centroid of `share_weights`)
    gets their summed gradient but moves by its mean: its learning rate is divided by how many weights it stands for
    on average, so that one rate suits the whole network. Adam is indifferent to that scale.
    """
    shared = {id(value): scale for value, scale in _shared_values(network)}
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for parameter in network.parameters():
        if parameter.requires_grad:
            decay = options.weight_decay if parameter.ndim > 1 else 0.0
            scale = shared.get(id(parameter), 1.0) if isinstance(options, SGD) else 1.0
            groups.setdefault((decay, scale), []).append(parameter)
    described = [
        {"params": parameters, "weight_decay": decay, "rate_scale": scale}
        for (decay, scale), parameters in groups.items()
    ]
    if isinstance(options, SGD):
        nesterov = options.nesterov and options.momentum > 0
        return torch.optim.SGD(described, lr=options.lr, momentum=options.momentum, nesterov=nesterov, fused=True)
    return torch.optim.AdamW(described, lr=options.lr, fused=True)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["rate_scale"]


def _shared_values(network: nn.Module) -> Iterable[tuple[nn.Parameter, float]]:
    """Parameters that stand for more weights than they have values, and the ratio of values to weights."""
    for module in network.modules():
        if not parametrize.is_parametrized(module):
            continue
        for name, chain in module.parametrizations.items():  # type: ignore[union-attr,operator]
            value = getattr(chain, "original", None)
            if value is not None:
                weights = getattr(module, name).numel()
                if weights > value.numel():
                    yield value, value.numel() / weights
