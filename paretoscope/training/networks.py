"""The network of a run at each moment: fresh, started from trained weights, before and after its weight steps."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from paretoscope.datasets import DatasetSpec
from paretoscope.errors import TrainingError
from paretoscope.networks import baseline, in_shape, skeleton
from paretoscope.steps import Step
from paretoscope.steps.application import apply
from paretoscope.training.job import Start
from paretoscope.training.randomness import derive
from paretoscope.variants import Variant


class Plan(NamedTuple):
    """Which steps a network begins with, which follow, and after how many epochs."""

    first: tuple[Step, ...]
    later: tuple[Step, ...]
    boundary: int

    def steps_after(self, epochs: int) -> tuple[Step, ...]:
        """The steps that the network saved after that many epochs has: at the boundary itself still the first ones."""
        return self.first if epochs <= self.boundary and self.later else (*self.first, *self.later)


def plan_steps(variant: Variant, *, trained: bool) -> Plan:
    """From trained weights every step comes first. From scratch, the first `weights` step and all after it wait.

    They are applied after `ceil(compress_at · epochs)` epochs, to weights that have something to say by then.
    """
    if trained:
        return Plan(variant.steps, (), 0)
    waiting = next((i for i, step in enumerate(variant.steps) if step.acts_on == "weights"), len(variant.steps))
    # Rounded first: 0.7 · 10 must be 7 epochs although floats make it a trifle more.
    boundary = ceil(round(variant.recipe.compress_at * variant.recipe.epochs, 9))
    return Plan(variant.steps[:waiting], variant.steps[waiting:], boundary)


def fresh(variant: Variant, spec: DatasetSpec, steps: Sequence[Step]) -> nn.Module:
    """A network with the variant's initial weights and `steps` applied."""
    torch.manual_seed(derive(variant.seed, "weights"))
    return apply(baseline(variant, spec), steps, warm=False, in_shape=in_shape(variant, spec))


def compress(network: nn.Module, variant: Variant, spec: DatasetSpec, steps: Sequence[Step]) -> nn.Module:
    """Apply steps of the variant to its network with trained weights."""
    torch.manual_seed(derive(variant.seed, "steps"))
    return apply(network, steps, warm=True, in_shape=in_shape(variant, spec))


def filled(variant: Variant, spec: DatasetSpec, steps: Sequence[Step], state: Mapping[str, Tensor]) -> nn.Module:
    """The variant's network with `steps` and exactly this state. Raises ValueError naming what does not fit."""
    network = skeleton(variant.model_copy(update={"steps": tuple(steps)}), spec)
    expected = network.state_dict()
    problems = [f"{name} is missing" for name in expected.keys() - state.keys()]
    problems += [f"{name} is not part of the network" for name in state.keys() - expected.keys()]
    for name in expected.keys() & state.keys():
        ours, theirs = expected[name], state[name]
        if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            problems.append(f"{name} is {theirs.dtype} {tuple(theirs.shape)}, not {ours.dtype} {tuple(ours.shape)}")
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise ValueError("; ".join(sorted(problems)[:5]) + more)
    network.load_state_dict({name: tensor.clone() for name, tensor in state.items()}, assign=True)
    return network


def started(variant: Variant, spec: DatasetSpec, start: Start) -> nn.Module:
    """A network with another run's trained weights and all of this variant's steps.

    That run must have the same architecture, and its steps must be the first of this variant's. Raises
    TrainingError(`start_mismatch`); weights are taken whole or not at all.
    """
    before, wanted = start.variant.steps, variant.steps
    if start.variant.architecture != variant.architecture:
        raise _mismatch(f"its network is {start.variant.architecture}, this one is {variant.architecture}")
    if wanted[: len(before)] != before:
        raise _mismatch(f"its steps ({_kinds(before)}) are not the first of this variant's steps ({_kinds(wanted)})")
    try:
        state = load_file(start.weights)
        network = filled(variant, spec, before, state)
    except (SafetensorError, ValueError) as error:
        raise _mismatch(f"its weights do not fit: {error}") from error
    for name, tensor in state.items():
        if not torch.isfinite(tensor).all():
            raise _mismatch(f"its {name} holds infinite or NaN values")
    return compress(network, variant, spec, wanted[len(before) :])


def _mismatch(reason: str) -> TrainingError:
    return TrainingError("start_mismatch", f"The run to start from cannot be used: {reason}.")


def _kinds(steps: Sequence[Step]) -> str:
    return ", ".join(step.kind for step in steps) or "none"
