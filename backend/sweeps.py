"""A grid: one variant, and the values that places in it take."""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any

from pydantic import ValidationError

from backend.errors import ApiError, Detail, problem_of
from paretoscope.variants import Variant

MOST_RUNS = 1000


def expand(variant: Variant, axes: Sequence[tuple[str, Sequence[Any]]]) -> dict[str, Variant]:
    """Return the variant of every combination of the axes' values by the combination in words, the last axis fastest.

    An axis is a JSON pointer into the variant (`/steps/0/clusters`) and its values. Raises ApiError for a place that
    is not there, for a combination that is no variant, and for more than `MOST_RUNS` combinations.
    """
    for axis, (path, _) in enumerate(axes):
        if path in [other for other, _ in axes[:axis]]:
            raise _refused(("axes", axis, "path"), f"{path} is on two axes")
    size = prod(len(values) for _, values in axes)
    if size > MOST_RUNS:
        raise _refused(("axes",), f"{size} combinations are too many: at most {MOST_RUNS}")
    grid: dict[str, Variant] = {}
    for chosen in product(*(range(len(values)) for _, values in axes)):
        words = combination(axes, chosen)
        data = variant.model_dump(mode="json", by_alias=True, serialize_as_any=True)
        for axis, (path, values) in enumerate(axes):
            _put(data, path, values[chosen[axis]], axis)
        try:
            grid[words] = Variant.model_validate(data)
        except ValidationError as error:
            raise _refused(("axes",), f"{words}: {problem_of(error, data)}") from error
    return grid


def combination(axes: Sequence[tuple[str, Sequence[Any]]], chosen: Sequence[int]) -> str:
    """Return a combination in words: `/seed = 1, /steps/0/clusters = 4`."""
    return ", ".join(f"{path} = {values[at]!r}" for (path, values), at in zip(axes, chosen, strict=True))


def _put(data: Any, path: str, value: Any, axis: int) -> None:
    *parents, last = (part.replace("~1", "/").replace("~0", "~") for part in path.removeprefix("/").split("/"))
    try:
        for part in parents:
            data = data[_index(part)] if isinstance(data, list) else data[part]
        if isinstance(data, list):
            data[_index(last)] = value
        else:
            data[last]  # a key that is not there is an error, not a new key
            data[last] = value
    except (KeyError, IndexError, ValueError, TypeError):
        there = (
            ", ".join(data)
            if isinstance(data, dict)
            else f"0 to {len(data) - 1}"
            if isinstance(data, list)
            else "nothing"
        )
        raise _refused(("axes", axis, "path"), f"the variant has no {path}; there is {there}") from None


def _index(part: str) -> int:
    if not (part.isascii() and part.isdecimal()):
        raise ValueError(part)
    return int(part)


def _refused(loc: tuple[str | int, ...], message: str) -> ApiError:
    return ApiError(422, "validation", message, [Detail(loc=list(loc), message=message)])
