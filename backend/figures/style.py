"""How figures look: one set of colours and one layout for light and dark.

A figure is plain data, the JSON that Plotly draws: building it through plotly's classes takes ten times as long.
"""

import textwrap
from typing import Any, Literal

Theme = Literal["light", "dark"]
Figure = dict[str, Any]
"""Plotly's `{"data": [traces], "layout": {…}}`."""

INK = {"light": "#1d2430", "dark": "#e6e9ef"}
MUTED = {"light": "#6b7482", "dark": "#98a2b3"}
GRID = {"light": "#e6e9ee", "dark": "#2b3442"}
FRONT = {"light": "#1d2430", "dark": "#e6e9ef"}

# Okabe and Ito's colours, told apart by colour-blind people; darker or lighter variants where contrast asks for it.
COLOURS = {
    "light": ("#0068a8", "#c2410c", "#00805e", "#a6408a", "#946200", "#3a7ca5", "#555f6d"),
    "dark": ("#56b4e9", "#f28c4b", "#2fc99a", "#e08bc6", "#e3b341", "#9ad0f5", "#aab4c3"),
}
LABEL_CHARACTERS = 44  # a line of the hover text; more would not fit beside a point on a narrow screen
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "star", "hexagon", "cross")


def scatter(**trace: Any) -> dict[str, Any]:
    """Return a trace of points or lines."""
    return {"type": "scatter", **trace}


def layout(theme: Theme, **more: Any) -> dict[str, Any]:
    """Return the layout that all figures share, `more` on top."""
    base = {
        "font": {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 13, "color": INK[theme]},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 60, "r": 16, "t": 16, "b": 52},
        "hoverlabel": {"align": "left"},
        "separators": ".\u202f",  # 86 400, as everywhere on the page
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": {"text": ""}},
    }
    return base | more


def axis(theme: Theme, title: str, **more: Any) -> dict[str, Any]:
    """Return an axis with a title and quiet grid lines."""
    base = {
        "title": {"text": title, "font": {"color": MUTED[theme]}},
        "gridcolor": GRID[theme],
        "linecolor": GRID[theme],
        "tickfont": {"color": MUTED[theme]},
        "zeroline": False,
        "automargin": True,
    }
    return base | more


def wrapped(label: str) -> str:
    """Return a hover text in lines that fit beside a point."""
    return "<br>".join(textwrap.wrap(label, LABEL_CHARACTERS))
