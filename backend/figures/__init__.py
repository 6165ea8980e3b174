"""Plotly figures built from rows: data in, figure out, no database."""
