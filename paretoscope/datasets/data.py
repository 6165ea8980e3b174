"""A data set in memory."""

from dataclasses import dataclass

from torch import Tensor

from paretoscope.datasets.spec import DatasetSpec


@dataclass(frozen=True, eq=False)
class Split:
    """Images as uint8, N×C×H×W stored channels last, and labels as int64, N."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Both splits, and each channel's mean and standard deviation over the training pixels, scaled to 0…1."""

    spec: DatasetSpec
    train: Split
    test: Split
    mean: tuple[float, ...]
    std: tuple[float, ...]
