"""How a low-rank step is told its rank."""

from math import floor
from typing import Annotated, Literal

from pydantic import Field

from paretoscope.options import Options


class FixedRank(Options):
    """The same rank for every selected layer."""

    rule: Literal["fixed"] = "fixed"
    value: int = Field(ge=1, le=1_000_000, title="Rank", description="Rank of every selected layer.")

    @property
    def brief(self) -> str:
        """For a label."""
        return f"rank {self.value}"

    def rank(self, macs_per_rank: float, macs: int, largest: int) -> int:  # noqa: ARG002 (one signature for all rules)
        """Return the rank, which may be more than `largest`: the step then says so."""
        return self.value


class RatioRank(Options):
    """The rank at which a layer keeps this share of its own MACs."""

    rule: Literal["ratio"] = "ratio"
    value: float = Field(gt=0, le=1, title="MACs kept", description="Share of the layer's own MACs that is kept.")

    @property
    def brief(self) -> str:
        """For a label."""
        return f"{100 * self.value:g} % of its MACs"

    def rank(self, macs_per_rank: float, macs: int, largest: int) -> int:
        """Return the largest rank whose MACs stay within the share, at least 1, at most `largest`."""
        return min(largest, max(1, floor(self.value * macs / macs_per_rank + 1e-9)))


RankRule = Annotated[FixedRank | RatioRank, Field(discriminator="rule")]
