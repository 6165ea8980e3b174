"""Applying steps to a network: which layers a step means, whether it fits them, and the replacement itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import nn

from paretoscope.layers import LayerSelector
from paretoscope.steps.base import Step, Unfit, has_rewritten_weights, is_layer


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


def select(step: Step, layers: Mapping[str, nn.Module]) -> list[str]:
    """Return the names of the layers that `step` applies to.

    Raises StepError where a pattern matches nothing, where no selected layer accepts the step, and for every
    selected layer that the step's parameters do not fit.
    """
    if unmatched := step.layers.unmatched(layers):
        raise StepError(step, [(None, _nothing_matches(pattern, layers)) for pattern in unmatched])
    chosen = {name: layer for name, layer in layers.items() if step.layers.selects(name) and step.accepts(layer)}
    if not chosen:
        accepted = [name for name, layer in layers.items() if step.accepts(layer)]
        raise StepError(step, [(None, _nothing_selected(accepted))])
    if idle := LayerSelector(include=step.layers.include).unmatched(chosen):
        raise StepError(step, [(None, _cannot_take(pattern)) for pattern in idle])
    if problems := [(name, unfit) for name, layer in chosen.items() if (unfit := _unfit(step, layer))]:
        raise StepError(step, problems)
    return list(chosen)


def apply(network: nn.Module, steps: Iterable[Step], *, warm: bool) -> nn.Module:
    """Apply `steps` in order to `network`, in place, and return it. Raises StepError."""
    for step in steps:
        layers = layers_of(network)
        for name in select(step, layers):
            network = put(network, name, step.replace(layers[name], warm=warm))
    return network


def put(network: nn.Module, name: str, module: nn.Module) -> nn.Module:
    """Set the module called `name` (empty: the network itself) and return the network."""
    if not name:
        return module
    parent, _, own = name.rpartition(".")
    network.get_submodule(parent).register_module(own, module)
    return network


def _unfit(step: Step, layer: nn.Module) -> Unfit | None:
    if step.acts_on == "structure" and has_rewritten_weights(layer):
        message = "an earlier step rewrote its weights, which this one would throw away; put this step before that one"
        return Unfit(("kind",), message, {})
    return step.unfit(layer)


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
