"""Learning rates as pure functions of the step, so that resuming needs no state."""

from math import cos, pi

from paretoscope.recipe import Constant, Cosine, StepDecay

AnySchedule = Cosine | StepDecay | Constant


def rate_factor(schedule: AnySchedule, step: int, steps: int) -> float:
    """The share, 0 < f ≤ 1, of the peak learning rate that step number `step` (from 0) of `steps` trains with."""
    if isinstance(schedule, Cosine):
        warmup = schedule.warmup * steps
        if step < warmup:
            return min(1.0, (step + 1) / warmup)
        return (1 + cos(pi * (step - warmup) / (steps - warmup))) / 2
    if isinstance(schedule, StepDecay):
        passed = sum(step >= milestone * steps for milestone in schedule.milestones)
        return schedule.gamma**passed
    return 1.0
