"""Kernels that can be divided into 1-D ones, and how nearly the others can: the SVD of a kernel read as a matrix."""

from dataclasses import dataclass
from typing import Annotated

import torch
from pydantic import Field, field_validator
from torch import Tensor

from paretoscope.options import Options

LARGEST_SIDE = 7
LARGEST_VALUE = 1e6
NEAR = 1e-9
"""What the arithmetic may add to a number, relative to the largest beside it."""

Value = Annotated[float, Field(ge=-LARGEST_VALUE, le=LARGEST_VALUE)]
Row = Annotated[tuple[Value, ...], Field(strict=False, max_length=LARGEST_SIDE)]
Vector = tuple[float, ...]


class Kernel(Options):
    """A k_h×k_w kernel, row by row."""

    values: Annotated[tuple[Row, ...], Field(strict=False, max_length=LARGEST_SIDE)]

    @field_validator("values")
    @classmethod
    def _rectangular(cls, values: tuple[Vector, ...]) -> tuple[Vector, ...]:
        lengths = [len(row) for row in values]
        if not any(lengths):
            raise ValueError("a kernel has at least one value")
        for place, length in enumerate(lengths):
            if length != lengths[0]:
                raise ValueError(f"row {place} has {length} values, row 0 has {lengths[0]}: all rows must be as long")
        return values


@dataclass(frozen=True, slots=True)
class Factors:
    """A column and a row; their outer product is one term of rank 1."""

    column: Vector
    row: Vector


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """The best approximation of a kernel by `rank` pairs of 1-D kernels (Eckart–Young 1936)."""

    rank: int
    values: tuple[Vector, ...]
    factors: tuple[Factors, ...]
    error: float
    """‖K − K_R‖ / ‖K‖ in the Frobenius norm; 0 for the kernel of zeros."""
    energy: float
    """Share of the sum of squares that is kept, 1 − error²."""
    params: int
    """R·(k_h + k_w)."""


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A kernel's rank, its singular values, and its approximations of every rank up to the full one."""

    rank: int
    """Pairs of 1-D kernels that give the kernel exactly: 1 where it can be divided, 0 for the kernel of zeros."""
    params: int
    """k_h·k_w."""
    singular_values: Vector
    reconstructions: tuple[Reconstruction, ...]


def decompose(kernel: Kernel) -> Decomposition:
    """Divide a kernel, in float64; singular values below its precision are zeros."""
    matrix = torch.tensor(kernel.values, dtype=torch.float64)
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    precision = values[0] * max(matrix.shape) * torch.finfo(torch.float64).eps
    values = torch.where(values > precision, values, 0.0)
    rank = int((values > 0).sum())
    lost = _lost(values)
    terms = tuple(_factors(left[:, i], values[i], right[i]) for i in range(rank))
    reconstructions = (
        Reconstruction(
            rank=kept,
            values=tuple(map(_rounded, (left[:, :kept] * values[:kept]) @ right[:kept])),
            factors=terms[:kept],
            error=lost[kept] ** 0.5,
            energy=1.0 - lost[kept],
            params=kept * sum(matrix.shape),
        )
        for kept in range(1, len(values) + 1)
    )
    return Decomposition(rank, matrix.numel(), tuple(values.tolist()), tuple(reconstructions))


def _lost(values: Tensor) -> list[float]:
    """Return the share of the sum of squares that is lost where only the first 0, 1, 2, … values are kept."""
    squares = (values / (values[0] if values[0] > 0 else 1.0)).square()
    total = squares.sum().item() or 1.0
    return [squares[kept:].sum().item() / total for kept in range(len(values) + 1)]


def _factors(left: Tensor, value: Tensor, right: Tensor) -> Factors:
    """Return column and row of a term: in whole numbers where it can be, as one would write it, else of equal norm.

    Of the two ways to place the signs the one with more positive numbers is taken.
    """
    column, row = left * value.sqrt(), right * value.sqrt()
    scaled = column / column[column.abs() > NEAR * column.abs().max()].abs().min()
    if torch.allclose(scaled, scaled.round(), rtol=0, atol=NEAR):
        column, row = scaled.round(), row * (column.norm() / scaled.norm())
    sign = -1.0 if column.sum() + row.sum() < -NEAR * column.abs().max() else 1.0
    return Factors(_rounded(sign * column), _rounded(sign * row))


def _rounded(vector: Tensor) -> Vector:
    """Return the numbers to 12 digits, so that what is whole but for the arithmetic is whole."""
    floor = NEAR * vector.abs().max().item()
    return tuple(float(f"{number:.12g}") if abs(number) > floor else 0.0 for number in vector.tolist())
