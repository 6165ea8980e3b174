"""Learning curves: accuracy and loss, epoch by epoch."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from backend.figures.style import COLOURS, Theme, as_json, axis, layout


def learning_curves(label: str, history: Sequence[dict[str, Any]], theme: Theme) -> dict[str, Any]:
    """Return a Plotly figure of a run's epochs: top-1 of both splits on the left axis, losses on the right."""
    blue, orange, *_ = COLOURS[theme]
    figure = go.Figure(layout=layout(theme, hovermode="x unified", meta={"label": label}))
    epochs = [row["epoch"] for row in history]
    for key, name, colour, loss in (
        ("test_top1", "test top-1", blue, False),
        ("train_top1", "train top-1", orange, False),
        ("test_loss", "test loss", blue, True),
        ("train_loss", "train loss", orange, True),
    ):
        values = [row.get(key) for row in history]
        figure.add_scatter(
            x=epochs,
            y=values if loss else [None if value is None else 100 * value for value in values],
            name=name,
            mode="lines+markers" if len(epochs) < 2 else "lines",
            line={"color": colour, "dash": "dot" if loss else "solid", "width": 1.5 if loss else 2},
            yaxis="y2" if loss else "y",
            hovertemplate="%{y:.4f}" if loss else "%{y:.2f} %",
        )
    figure.update_layout(
        xaxis=axis(theme, "Epoch", dtick=1 if len(epochs) <= 10 else None, unifiedhovertitle={"text": "Epoch %{x}"}),
        yaxis=axis(theme, "Top-1", ticksuffix=" %"),
        yaxis2=axis(
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
        ),
    )
    return as_json(figure)
