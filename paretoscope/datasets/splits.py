"""Decoded images on their way into memory, as every source hands them over."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Arrays:
    """Both splits as NumPy arrays: images uint8 N×H×W×C, labels int64 N."""

    train_images: Bytes
    train_labels: NDArray[np.int64]
    test_images: Bytes
    test_labels: NDArray[np.int64]

    def named(self) -> dict[str, NDArray[Any]]:
        """The arrays by the names under which they are kept."""
        return {
            "train.images": self.train_images,
            "train.labels": self.train_labels,
            "test.images": self.test_images,
            "test.labels": self.test_labels,
        }


def moments(images: Bytes) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each channel of N×H×W×C images, scaled to 0…1.

    Sums are exact integers, so the result depends neither on the order nor on the number of threads.
    """
    channels = images.shape[-1]
    total = np.zeros(channels, dtype=np.int64)
    squares = np.zeros(channels, dtype=np.int64)
    for start in range(0, len(images), 1024):
        block = images[start : start + 1024].reshape(-1, channels).astype(np.int64)
        total += block.sum(axis=0)
        squares += np.square(block).sum(axis=0)
    count = images.size // channels
    mean = total / count
    variance = np.maximum(squares / count - np.square(mean), 0.0)
    # A channel that never changes carries nothing; dividing by 1 keeps it finite.
    std = np.where(variance > 0, np.sqrt(variance), 255.0)
    return (mean / 255).tolist(), (std / 255).tolist()
