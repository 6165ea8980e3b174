"""The registry of steps: one line here and one file beside it make a new one."""

from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from paretoscope.steps.base import Step
from paretoscope.steps.depthwise_separable import DepthwiseSeparable
from paretoscope.steps.grouped import Grouped
from paretoscope.steps.share_weights import ShareWeights
from paretoscope.steps.spatial_separable import SpatialSeparable

STEPS: tuple[type[Step], ...] = (
    DepthwiseSeparable,
    SpatialSeparable,
    Grouped,
    ShareWeights,
)

if TYPE_CHECKING:
    AnyStep = Step
else:
    AnyStep = Annotated[Union[STEPS], Field(discriminator="kind")]  # noqa: UP007 (built from data)

__all__ = ["STEPS", "AnyStep", "Step"]
