"""Seeds for every purpose and epoch from the one seed of a variant: no generator state has to be kept."""

from hashlib import sha256

import torch


def derive(seed: int, purpose: str, number: int = 0) -> int:
    """An independent 63-bit seed for one purpose."""
    digest = sha256(f"{seed}/{purpose}/{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(seed: int, purpose: str, number: int = 0) -> torch.Generator:
    """A generator on the CPU, so that every device draws the same numbers."""
    return torch.Generator().manual_seed(derive(seed, purpose, number))
