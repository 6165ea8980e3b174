"""How weights are obtained: start, optimizer, schedule, augmentation."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator

from paretoscope.options import Options

ID = r"^[A-Za-z0-9_-]{1,64}$"


class Scratch(Options):
    """Start from fresh random weights."""

    from_: Literal["scratch"] = Field(default="scratch", alias="from")


class FromRun(Options):
    """Start from the weights of a finished run: same architecture, and its steps are the first of this variant's."""

    from_: Literal["run"] = Field(default="run", alias="from")
    id: str = Field(pattern=ID, title="Run", description="Id of the run to start from.")


class FromCheckpoint(Options):
    """Start from an uploaded checkpoint."""

    from_: Literal["checkpoint"] = Field(default="checkpoint", alias="from")
    id: str = Field(pattern=ID, title="Checkpoint", description="Id of the checkpoint to start from.")


class SGD(Options):
    """Stochastic gradient descent with momentum."""

    kind: Literal["sgd"] = "sgd"
    lr: float = Field(default=0.1, gt=0, le=100, title="Learning rate", description="Peak learning rate.")
    momentum: float = Field(default=0.9, ge=0, lt=1, title="Momentum")
    nesterov: bool = Field(default=True, title="Nesterov")
    weight_decay: float = Field(default=5e-4, ge=0, le=1, title="Weight decay")


class AdamW(Options):
    """Adam with decoupled weight decay."""

    kind: Literal["adamw"] = "adamw"
    lr: float = Field(default=1e-3, gt=0, le=100, title="Learning rate", description="Peak learning rate.")
    weight_decay: float = Field(default=0.01, ge=0, le=10, title="Weight decay")


class Cosine(Options):
    """Linear warm-up, then half a cosine down to zero."""

    kind: Literal["cosine"] = "cosine"
    warmup: float = Field(
        default=0.1, ge=0, lt=1, title="Warm-up", description="Share of the training spent warming up."
    )


class StepDecay(Options):
    """The rate is multiplied by gamma at each milestone."""

    kind: Literal["step"] = "step"
    milestones: Annotated[
        tuple[Annotated[float, Field(gt=0, lt=1)], ...],
        Field(strict=False, max_length=100, title="Milestones", description="Shares of the training, rising."),
    ] = (0.5, 0.75)
    gamma: float = Field(default=0.1, gt=0, le=1, title="Gamma", description="Factor at each milestone.")

    @field_validator("milestones")
    @classmethod
    def _rising(cls, milestones: tuple[float, ...]) -> tuple[float, ...]:
        if any(later <= earlier for earlier, later in pairwise(milestones)):
            raise ValueError("each milestone must be later than the one before")
        return milestones


class Constant(Options):
    """The same rate throughout."""

    kind: Literal["constant"] = "constant"


class Augmentation(Options):
    """Random changes of the training images, drawn anew each epoch."""

    shift: int | None = Field(
        default=None,
        ge=0,
        le=64,
        title="Shift",
        description="Random crop: up to this many pixels; empty: the data set's choice.",
    )
    flip: bool | None = Field(
        default=None, title="Flip", description="Mirror half of the images; empty: the data set's choice."
    )


class Recipe(Options):
    """How the weights of a variant are obtained. `epochs: 0` compresses and evaluates only."""

    start: Annotated[Scratch | FromRun | FromCheckpoint, Field(discriminator="from_")] = Field(
        default=Scratch(), title="Start", description="Where the weights come from."
    )
    epochs: int = Field(default=20, ge=0, le=1000, title="Epochs")
    batch_size: int | None = Field(
        default=None, ge=2, le=8192, title="Batch size", description="Images a step; empty: the data set's choice."
    )
    optimizer: Annotated[SGD | AdamW, Field(discriminator="kind")] = Field(default=SGD(), title="Optimizer")
    schedule: Annotated[Cosine | StepDecay | Constant, Field(discriminator="kind")] = Field(
        default=Cosine(), title="Schedule"
    )
    label_smoothing: float = Field(default=0.0, ge=0, lt=1, title="Label smoothing")
    augmentation: Augmentation = Field(default=Augmentation(), title="Augmentation")
    compress_at: float = Field(
        default=0.7,
        ge=0,
        le=1,
        title="Compress at",
        description="From scratch: share of the epochs trained before steps that need trained weights are applied.",
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        default="auto", title="Precision", description="auto: bf16 where the device computes in it natively."
    )
