"""Warnings for the log about what lies in a person's folders."""

import logging
from functools import lru_cache

_log = logging.getLogger(__name__)


@lru_cache(maxsize=1024)
def warn_once(message: str) -> None:
    """Log a warning the first time only: the folders are looked at again with every question."""
    _log.warning("%s", message)
