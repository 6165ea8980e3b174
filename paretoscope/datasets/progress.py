"""How loading tells where it is."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with a fraction 0…1 and a note for people; whatever it raises ends the loading cleanly."""


def silent(_fraction: float, _note: str) -> None:
    """Report nothing."""
