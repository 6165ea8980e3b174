"""Applying steps to a network: which layers a step means, whether it fits them, and the replacement itself."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from paretoscope.layers import LayerSelector
from paretoscope.steps.base import Site, Step, Unfit, has_rewritten_weights, is_layer


class StepError(ValueError):
    """A step that cannot be applied: `problems` are (layer, why, a sentence that says both)."""

    def __init__(self, step: Step, problems: Sequence[tuple[str | None, Unfit]]) -> None:
        self.problems = tuple((layer, unfit, describe(step, layer, unfit)) for layer, unfit in problems)
        super().__init__("; ".join(sentence for _, _, sentence in self.problems))


def describe(step: Step, layer: str | None, unfit: Unfit) -> str:
    """One sentence for a person."""
    return f"{step.title} on layer {layer}: {unfit.message}" if layer else f"{step.title}: {unfit.message}"


def layers_of(network: nn.Module) -> dict[str, nn.Module]:
    """The network's layers by qualified name, in the order they were defined."""
    return {name: module for name, module in network.named_modules() if is_layer(module)}


def sites_of(network: nn.Module, in_shape: Sequence[int] | None) -> dict[str, Site]:
    """The network's layers where they stand, for one-image inputs of this shape, without the batch.

    The network is run on the meta device for that, whatever device it lives on; without a shape no sizes are known.
    """
    layers = layers_of(network)
    sizes: dict[nn.Module, tuple[int, int]] = {}

    def note(layer: nn.Module, inputs: tuple[Any, ...]) -> None:
        if inputs and isinstance(inputs[0], Tensor) and inputs[0].dim() == 4:
            sizes.setdefault(layer, (inputs[0].shape[2], inputs[0].shape[3]))

    if in_shape is not None:
        state = {name: value.to("meta") for name, value in chain(network.named_parameters(), network.named_buffers())}
        training = {module: module.training for module in network.modules()}
        network.eval()
        with ExitStack() as hooks, torch.no_grad():
            for layer in layers.values():
                hooks.callback(layer.register_forward_pre_hook(note).remove)
            functional_call(network, state, (torch.empty((1, *in_shape), device="meta"),))
        for module, mode in training.items():
            module.training = mode
    return {name: Site(layer, sizes.get(layer)) for name, layer in layers.items()}


def select(step: Step, sites: Mapping[str, Site]) -> list[str]:
    """Return the names of the layers that `step` applies to.

    Raises StepError where a pattern matches nothing, where no selected layer accepts the step, and for every
    selected layer that the step's parameters do not fit.
    """
    if unmatched := step.layers.unmatched(sites):
        raise StepError(step, [(None, _nothing_matches(pattern, sites)) for pattern in unmatched])
    meant = step.layers.select(sites)
    chosen = {name: site for name, site in sites.items() if name in meant and step.accepts(site.layer)}
    if not chosen:
        accepted = [name for name, site in sites.items() if step.accepts(site.layer)]
        raise StepError(step, [(None, _nothing_selected(accepted))])
    if idle := LayerSelector(include=step.layers.include).unmatched(chosen):
        raise StepError(step, [(None, _cannot_take(pattern)) for pattern in idle])
    if problems := [(name, unfit) for name, site in chosen.items() if (unfit := _unfit(step, site))]:
        raise StepError(step, problems)
    return list(chosen)


def apply(network: nn.Module, steps: Iterable[Step], *, warm: bool, in_shape: Sequence[int] | None = None) -> nn.Module:
    """Apply `steps` in order to `network`, in place, and return it; `in_shape` is one input's, without the batch.

    Raises StepError.
    """
    for step in steps:
        sites = sites_of(network, in_shape)
        for name in select(step, sites):
            network = put(network, name, step.replace(sites[name], warm=warm))
    return network


def put(network: nn.Module, name: str, module: nn.Module) -> nn.Module:
    """Set the module called `name` (empty: the network itself) and return the network."""
    if not name:
        return module
    parent, _, own = name.rpartition(".")
    network.get_submodule(parent).register_module(own, module)
    return network


def _unfit(step: Step, site: Site) -> Unfit | None:
    if step.acts_on == "structure" and has_rewritten_weights(site.layer):
        message = "an earlier step rewrote its weights, which this one would throw away; put this step before that one"
        return Unfit(("kind",), message, {})
    return step.unfit(site)


def _nothing_matches(pattern: str, layers: Iterable[str]) -> Unfit:
    return Unfit(
        ("layers",),
        f"the pattern {pattern!r} matches no layer; the layers are {_listed(layers)}",
        {"enum": list(layers)},
    )


def _cannot_take(pattern: str) -> Unfit:
    return Unfit(("layers",), f"no layer that {pattern!r} matches can take this step, or all of them are excluded", {})


def _nothing_selected(accepted: Sequence[str]) -> Unfit:
    instead = (
        f"it can be applied to {_listed(accepted)}" if accepted else "the network has no layer it can be applied to"
    )
    return Unfit(("layers",), f"no selected layer can take this step; {instead}", {"enum": list(accepted)})


def _listed(names: Iterable[str], most: int = 12) -> str:
    known = list(names)
    rest: list[Any] = [f"and {len(known) - most} more"] if len(known) > most else []
    return ", ".join([*known[:most], *rest])
