"""A published table as data: what stands in it, where it stands, and the variants that recompute its rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from paretoscope.options import Source

Status = Literal["read in the source", "digitised from the figure"]


class Column(NamedTuple):
    """A published quantity."""

    title: str
    unit: str


COLUMNS = {
    "top1": Column("Top-1 accuracy", "fraction"),
    "top5": Column("Top-5 accuracy", "fraction"),
    "macs": Column("MACs", "MAC"),
    "params": Column("Parameters", ""),
    "flops": Column("FLOPs", "FLOP"),
    "values": Column("Parameters + activations", ""),
    "megabytes": Column("Size", "MB"),
    "original_megabytes": Column("Size before", "MB"),
    "original_top1": Column("Top-1 accuracy before", "fraction"),
    "ratio": Column("Times smaller", "×"),
    "milliseconds": Column("Latency on a Pixel 1", "ms"),
    "images_per_second": Column("Throughput on an A100", "images/s"),
}
_PERCENT = ("top1", "top5", "original_top1")

Printed = tuple[str | None, ...]
"""Digits as they are printed, one for each column: accuracies in percent, `569e6` for 569 M; None where none stand."""


@dataclass(frozen=True, eq=False)
class Reference:
    """One row: what was published, digit by digit, and the variant that recomputes it."""

    table: str
    label: str
    dataset: str
    published: Mapping[str, Decimal]
    """By column; accuracies are fractions. The exponent says to which digit it was printed."""
    variant: Mapping[str, Any] | None
    note: str | None
    """Why the recomputed value differs, or what else the reader must know."""
    source: Source
    place: str

    @property
    def top1(self) -> float | None:
        """Published accuracy, a fraction."""
        return float(self.published["top1"]) if "top1" in self.published else None


@dataclass(frozen=True, eq=False)
class Table:
    """A published table."""

    key: str
    title: str
    source: Source
    place: str
    """Where in the source it stands."""
    status: Status
    columns: tuple[str, ...]
    rows: tuple[Reference, ...]


class Row(NamedTuple):
    """A row while its table is written: the architecture recomputes it on the table's data set."""

    label: str
    printed: Printed
    architecture: Mapping[str, Any] | None = None
    note: str | None = None


def table(
    key: str,
    title: str,
    source: Source,
    place: str,
    dataset: str,
    columns: tuple[str, ...],
    rows: Iterable[Row],
    *,
    counted_on: str | None = None,
    status: Status = "read in the source",
) -> Table:
    """Return a table; `counted_on` is the data set whose pictures the rows are recomputed on, where it is another."""
    return Table(
        key,
        title,
        source,
        place,
        status,
        columns,
        tuple(
            Reference(
                key,
                row.label,
                dataset,
                {name: _number(name, text) for name, text in zip(columns, row.printed, strict=True) if text},
                None
                if row.architecture is None
                else {"dataset": counted_on or dataset, "architecture": row.architecture},
                row.note,
                source,
                place,
            )
            for row in rows
        ),
    )


def agrees(published: Decimal, recomputed: int) -> bool:
    """Whether a recomputed value rounds to the printed digits."""
    exponent = published.as_tuple().exponent
    if not isinstance(exponent, int):
        raise TypeError(f"{published} is not finite")
    return abs(recomputed - published) <= Decimal(5).scaleb(exponent - 1)


def accuracy(error: str) -> str:
    """Return an accuracy in percent from a printed error in percent, with as many digits."""
    return str(100 - Decimal(error))


def _number(column: str, text: str) -> Decimal:
    number = Decimal(text)
    return number.scaleb(-2) if column in _PERCENT else number
