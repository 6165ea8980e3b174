"""A grid: one variant, and the values that places in it take."""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any

from pydantic import ValidationError

from backend.errors import ApiError, Detail
from paretoscope.variants import Variant

MOST_RUNS = 1000


def expand(variant: Variant, axes: Sequence[tuple[str, Sequence[Any]]]) -> list[Variant]:
    """Return the variants of every combination of the axes' values, the last axis fastest.

    An axis is a JSON pointer into the variant (`/steps/0/clusters`) and its values. Raises ApiError for a place that
    is not there, for a combination that is no variant, and for more than `MOST_RUNS` combinations.
    """
    size = prod(len(values) for _, values in axes)
    if size > MOST_RUNS:
        raise _refused(("axes",), f"{size} combinations are too many: at most {MOST_RUNS}")
    grid = []
    for chosen in product(*(range(len(values)) for _, values in axes)):
        data = variant.model_dump(mode="json", by_alias=True, serialize_as_any=True)
        for axis, (path, values) in enumerate(axes):
            _put(data, path, values[chosen[axis]], axis)
        try:
            grid.append(Variant.model_validate(data))
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"]))
            raise _refused(("axes",), f"combination {list(chosen)}: {where}: {problem['msg']}") from error
    return grid


def _put(data: Any, path: str, value: Any, axis: int) -> None:
    *parents, last = (part.replace("~1", "/").replace("~0", "~") for part in path.removeprefix("/").split("/"))
    try:
        for part in parents:
            data = data[int(part)] if isinstance(data, list) else data[part]
        if isinstance(data, list):
            data[int(last)] = value
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


def _refused(loc: tuple[str | int, ...], message: str) -> ApiError:
    return ApiError(422, "validation", message, [Detail(loc=list(loc), message=message)])
