"""Short runs on a small data set for tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from paretoscope.datasets import DataFolders, spec
from paretoscope.training import Job, Outcome, Start, execute
from paretoscope.variants import Variant


def variant(folders: DataFolders, steps: list[dict[str, Any]] | None = None, **recipe: Any) -> Variant:
    """A TinyConv of half the width on digits, resolved; three short epochs unless said."""
    wanted = {
        "dataset": "digits",
        "architecture": {"name": "tinyconv", "width": 0.25},
        "steps": steps or [],
        "recipe": {"epochs": 3, "batch_size": 128} | recipe,
    }
    return Variant.model_validate(wanted).resolved(spec("digits", folders))


class Events(list[tuple[str, dict[str, Any]]]):
    """What a run told; also asked whether to stop."""

    def __init__(self, stop: Callable[["Events"], bool] = lambda _events: False) -> None:
        super().__init__()
        self.stop = stop

    def __call__(self, kind: str, data: dict[str, Any]) -> None:
        self.append((kind, data))

    def should_stop(self) -> bool:
        return self.stop(self)

    def epochs(self) -> list[dict[str, Any]]:
        return [data for kind, data in self if kind == "epoch"]

    def progress(self) -> list[dict[str, Any]]:
        return [data for kind, data in self if kind == "progress"]


def run(
    wanted: Variant, folders: DataFolders, work: Path, start: Start | None = None, events: Events | None = None
) -> Outcome:
    heard = Events() if events is None else events
    return execute(Job(wanted, folders, work, start), on_event=heard, should_stop=heard.should_stop)
