"""Pages of a list by keyset: a page stays what it was while rows come and go before it."""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.store.errors import InvalidCursorError

T = TypeVar("T")
MAX_LIMIT = 1000
_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, how many there are in all, and the cursor of the next ones."""

    items: list[T]
    total: int
    next: str | None


def page(
    session: Session,
    statement: Select[T],
    *,
    sort: str,
    keys: Mapping[str, InstrumentedAttribute[Any]],
    row_id: InstrumentedAttribute[str],
    limit: int,
    cursor: str | None,
) -> Page[T]:
    """Return one page of ``statement`` in the order of ``sort``, a name of ``keys`` (``-`` in front: descending).

    Rows without a value come last either way; ties go by id. Raises InvalidCursorError for a cursor of
    another list or order, and ValueError for an unknown sort or a limit outside 1 to 1000.
    """
    name = sort.removeprefix("-")
    if name not in keys:
        raise ValueError(f"sort must be one of {', '.join(keys)}, with - in front for descending, not {sort!r}")
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"limit must be 1 to {MAX_LIMIT}, not {limit}")
    column, descending = keys[name], sort.startswith("-")
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    if cursor is not None:
        value, last = decode(cursor, sort, column)
        statement = statement.where(_after(column, row_id, value, last, descending=descending))
    rows = session.scalars(
        statement.order_by(
            column.is_(None),
            column.desc() if descending else column.asc(),
            row_id.desc() if descending else row_id.asc(),
        ).limit(limit + 1)
    ).all()
    items = list(rows[:limit])
    more = len(rows) > limit
    return Page(items, total, _encode(sort, items[-1], column, row_id) if more else None)


def _after(
    column: InstrumentedAttribute[Any],
    row_id: InstrumentedAttribute[str],
    value: Any,
    last: str,
    *,
    descending: bool,
) -> ColumnElement[bool]:
    beyond = row_id < last if descending else row_id > last
    if value is None:
        return and_(column.is_(None), beyond)
    further = column < value if descending else column > value
    return or_(further, and_(column == value, beyond), column.is_(None))


def _encode(sort: str, row: Any, column: InstrumentedAttribute[Any], row_id: InstrumentedAttribute[str]) -> str:
    place = [sort, getattr(row, column.key), getattr(row, row_id.key)]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def decode(cursor: str, sort: str, column: InstrumentedAttribute[Any]) -> tuple[Any, str]:
    """Read a cursor; it comes from outside, so nothing in it is believed."""
    try:
        place = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        place = None
    match place:
        case [str(order), value, str(last)] if order == sort and last.isprintable() and last.isascii():
            if value is None or _fits(value, column.type.python_type):
                return value, last
    raise InvalidCursorError(f"The cursor does not belong to this list in the order {sort!r}; start without one.")


def _fits(value: Any, kind: type) -> bool:
    if kind is str:
        return isinstance(value, str) and value.isascii() and value.isprintable()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if kind is int:
        return isinstance(value, int) and -_INT64 <= value < _INT64
    return math.isfinite(value) and abs(value) < _INT64
