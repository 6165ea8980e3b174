"""Learning curves: accuracy and loss, epoch by epoch."""

from collections.abc import Sequence
from typing import Any

from backend.figures.style import COLOURS, Figure, Theme, axis, layout, scatter


def learning_curves(label: str, history: Sequence[dict[str, Any]], theme: Theme) -> Figure:
    """Return a Plotly figure of a run's epochs: top-1 of both splits on the left axis, losses on the right."""
    blue, orange, *_ = COLOURS[theme]
    epochs = [row["epoch"] for row in history]
    traces = []
    for key, name, colour, loss in (
        ("test_top1", "test top-1", blue, False),
        ("train_top1", "train top-1", orange, False),
        ("test_loss", "test loss", blue, True),
        ("train_loss", "train loss", orange, True),
    ):
        values = [row.get(key) for row in history]
        trace = scatter(
            x=epochs,
            y=values if loss else [None if value is None else 100 * value for value in values],
            name=name,
            mode="lines+markers" if len(epochs) < 2 else "lines",
            line={"color": colour, "dash": "dot" if loss else "solid", "width": 1.5 if loss else 2},
            yaxis="y2" if loss else "y",
            hovertemplate="%{y:.4f}" if loss else "%{y:.2f} %",
        )
        traces.append(trace)
    every_epoch = {"dtick": 1} if len(epochs) <= 10 else {}
    loss_axis = axis(
        theme,
        "Loss",
        overlaying="y",
        side="right",
        showgrid=False,
        rangemode="tozero",
        # Not in step with the other axis, which would put ticks at 0.864433.
        tickmode="auto",
        nticks=5,
        tickformat="~g",
    )
    return {
        "data": traces,
        "layout": layout(
            theme,
            hovermode="x unified",
            meta={"label": label},
            xaxis=axis(theme, "Epoch", unifiedhovertitle={"text": "Epoch %{x}"}, **every_epoch),
            yaxis=axis(theme, "Top-1", ticksuffix=" %"),
            yaxis2=loss_axis,
        ),
    }
