"""What a variant costs, exactly and at once: counted once per layer shape, remembered, and added up."""

from dataclasses import dataclass

from paretoscope.architectures import Architecture
from paretoscope.costs.blocks import Block
from paretoscope.costs.counters import Counts
from paretoscope.costs.devices import devices
from paretoscope.costs.figures import PICOSECOND
from paretoscope.costs.quantities import Cost, Others
from paretoscope.costs.remembered import LayerCost, Stage, Trunk, trunk
from paretoscope.costs.scores import scores, task_of
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.steps import Step
from paretoscope.steps.application import StepError
from paretoscope.variants import Problem, Variant, VariantError


@dataclass(frozen=True, eq=False)
class Estimate:
    """The cost of a variant for one image, in total and layer by layer. Shared, equal by identity."""

    dataset: str
    stage: Stage
    plain: Stage
    """The network without steps."""

    @property
    def cost(self) -> Cost:
        """Sums over all layers."""
        return self.stage.figures.cost

    @property
    def others(self) -> Others:
        """Operations outside the convention, by kind."""
        return self.stage.figures.others

    @property
    def counts(self) -> Counts:
        """What other counters print."""
        return self.stage.figures.counts

    @property
    def memory(self) -> int:
        """Peak activation memory, in bytes."""
        return self.stage.memory

    @property
    def bounds(self) -> dict[str, float]:
        """Least seconds on each device, by its key."""
        return _seconds(self.stage)

    @property
    def baseline_bounds(self) -> dict[str, float]:
        """The same without steps."""
        return _seconds(self.plain)

    @property
    def scores(self) -> dict[str, float]:
        """The scores that rank compressed networks, by key."""
        return scores(self.stage.figures.tally, task_of(self.dataset))

    @property
    def layers(self) -> tuple[LayerCost, ...]:
        """Every layer of the uncompressed network, what it became, and which steps made it so."""
        return self.stage.layers

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The building blocks that the layers are in."""
        return self.stage.blocks

    @property
    def baseline(self) -> Cost:
        """The cost without steps."""
        return self.plain.figures.cost

    @property
    def baseline_memory(self) -> int:
        """Peak activation memory without steps, in bytes."""
        return self.plain.memory

    @property
    def baseline_scores(self) -> dict[str, float]:
        """The scores without steps."""
        return scores(self.plain.figures.tally, task_of(self.dataset))


def _seconds(stage: Stage) -> dict[str, float]:
    bounds = zip(devices(), stage.figures.bounds, strict=True)
    return {device.key: PICOSECOND * picoseconds for device, picoseconds in bounds}


def estimate(variant: Variant, spec: DatasetSpec) -> Estimate:
    """Return what the variant costs. Raises VariantError where its parts do not go together."""
    architecture = variant.architecture.resolved(spec.resolution, spec.num_classes)
    if problems := _problems(architecture, spec):
        raise VariantError(problems)
    network = trunk(architecture, spec.channels)
    # One by one, so that a step that does not fit is the last of those asked for.
    *_, found = [_stage(network, variant.steps[:done]) for done in range(len(variant.steps) + 1)]
    return Estimate(spec.name, found, network.plain)


def _stage(network: Trunk, steps: tuple[Step, ...]) -> Stage:
    try:
        return network.stage(steps)
    except StepError as error:
        raise VariantError(
            Problem(("steps", len(steps) - 1, *unfit.field), sentence, layer, unfit.legal)
            for layer, unfit, sentence in error.problems
        ) from error


def _problems(architecture: Architecture, spec: DatasetSpec) -> list[Problem]:
    problems = []
    resolution, classes = architecture.resolution or spec.resolution, architecture.num_classes or spec.num_classes
    if resolution < architecture.smallest:
        message = f"{architecture.title} needs pictures of at least {architecture.smallest} pixels, not {resolution}"
        problems.append(Problem(("architecture", "resolution"), message, None, {"minimum": architecture.smallest}))
    if classes < spec.num_classes:
        message = (
            f"{spec.name} has {spec.num_classes} classes: the network needs at least as many outputs, not {classes}"
        )
        problems.append(Problem(("architecture", "num_classes"), message, None, {"minimum": spec.num_classes}))
    return problems
