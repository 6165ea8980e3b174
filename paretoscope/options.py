"""The base of everything a person writes: strict, immutable, hashable data that refuses what it does not know."""

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """Frozen pydantic model: unknown keys, NaN, infinities and lookalikes such as `"8"` or `true` for 8 are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Source(NamedTuple):
    """Where an idea was published."""

    title: str
    year: int
    url: str
