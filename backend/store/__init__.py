"""The record: what was asked and what came of it. Nothing else in this project speaks SQL."""
