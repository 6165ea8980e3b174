"""Ids of rows."""

import secrets


def new_id(prefix: str) -> str:
    """Return a fresh id such as ``run_0f3b…`` (64 random bits)."""
    return f"{prefix}_{secrets.token_hex(8)}"
