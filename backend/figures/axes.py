"""What a trade-off can be drawn against: every cost, every score, and the measured latency."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from paretoscope.catalog import COSTS
from paretoscope.costs.scores import SCORES
from paretoscope.datasets import BUILT_IN
from paretoscope.training.latency import MEASURED


@dataclass(frozen=True)
class Limit:
    """The accuracy that a score asks for, in percent, and how the chart says so."""

    top1: float
    label: str


@dataclass(frozen=True)
class Axis:
    """A cost axis: its words, and for a score the least top-1 (fraction) by data set."""

    key: str
    title: str
    unit: str
    whole: bool
    """Whether its values are whole numbers."""
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The title with its unit, where that does not name the unit itself."""
        return self.title if self.unit.lower() in self.title.lower() else f"{self.title} ({self.unit})"

    @property
    def tickformat(self) -> str:
        """How Plotly writes its values (d3-format): whole numbers by prefix, 86k."""
        return "~s" if self.whole else "~g"

    @property
    def hover(self) -> str:
        """The line of a point's hover text that tells its place on the axis."""
        unit = "" if self.name == self.title else f" {self.unit}"
        return f"{self.title}: %{{x:{',' if self.whole else '.4~r'}}}{unit}"

    def limit(self, dataset: str) -> Limit | None:
        """Return what the score asks for on a data set; one that is defined on a single set asks that anywhere."""
        if dataset in self.limits:
            return Limit(100 * self.limits[dataset], f"{self.limits[dataset]:.0%} needed".replace("%", " %"))
        if len(self.limits) == 1:
            ((home, share),) = self.limits.items()
            return Limit(100 * share, f"{share:.0%} needed on {BUILT_IN[home].title}".replace("%", " %"))
        return None


AXES = {
    axis.key: axis
    for axis in (
        *(Axis(cost["key"], cost["title"], cost["unit"], whole=True) for cost in COSTS),
        *(Axis(score.key, score.title, "", whole=False, limits=score.limits) for score in SCORES),
        Axis(MEASURED["key"], MEASURED["title"], MEASURED["unit"], whole=False),
    )
}
