"""What a run is asked to do, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paretoscope.datasets import DataFolders
from paretoscope.variants import Variant

OnEvent = Callable[[str, dict[str, Any]], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class Start:
    """Trained weights to start from: the variant they belong to, and a safetensors file of its network's state."""

    variant: Variant
    weights: Path


@dataclass(frozen=True)
class Job:
    """One run. `work` is its own folder and survives attempts: checkpoints lie there, results in `work/out`."""

    variant: Variant
    folders: DataFolders
    work: Path
    start: Start | None = None
    device: str = "cpu"


@dataclass(frozen=True)
class Outcome:
    """The metrics of a finished run and the files it leaves."""

    metrics: dict[str, Any]
    artifacts: tuple[Path, ...]


class Stopped(Exception):  # noqa: N818 (a request that was followed, not an error)
    """`should_stop` answered yes at a batch boundary; the last epoch's checkpoint stays."""
