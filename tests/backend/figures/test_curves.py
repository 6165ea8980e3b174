"""Learning curves of short, long and incomplete histories."""

import json
from typing import Any

import plotly.io
import pytest

from backend.figures.curves import learning_curves
from backend.figures.style import Theme

EPOCH = {"test_top1": 0.5, "train_top1": 0.25, "test_loss": 1.5, "train_loss": 2.5}


@pytest.mark.parametrize("count", [0, 1, 3, 30])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_notebook_opens_the_curves(count: int, theme: Theme) -> None:
    history: list[dict[str, Any]] = [{"epoch": number, **EPOCH} for number in range(1, count + 1)]
    figure = plotly.io.from_json(json.dumps(learning_curves("a run", history, theme)))
    curves = {trace.name: trace for trace in figure.data}
    assert list(curves["test top-1"].y) == [50] * count
    assert list(curves["train loss"].y) == [2.5] * count
    assert {trace.yaxis for trace in figure.data} == {"y", "y2"}
    assert figure.layout.xaxis.dtick == (1 if count <= 10 else None)


def test_what_an_epoch_does_not_tell_is_a_gap() -> None:
    figure = learning_curves("a run", [{"epoch": 1, "test_top1": 0.5}], "light")
    assert [trace["y"] for trace in figure["data"]] == [[50], [None], [None], [None]]
