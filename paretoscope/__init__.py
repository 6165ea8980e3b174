"""Paretoscope: what a CNN compression choice costs before you train it, and what accuracy it keeps after."""

__version__ = "0.1.0"
