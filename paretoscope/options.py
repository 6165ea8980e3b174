"""The base of everything a person writes: strict, immutable, hashable data that refuses what it does not know."""

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, field_validator


class Options(BaseModel):
    """Frozen pydantic model: unknown keys, NaN, infinities and lookalikes such as `"8"` or `true` for 8 are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @field_validator("*", mode="after")
    @classmethod
    def _one_zero(cls, value: Any) -> Any:
        """Write minus zero as zero: equal options must have equal text."""
        return value + 0.0 if isinstance(value, float) else value


class Source(NamedTuple):
    """Where an idea was published."""

    title: str
    year: int
    url: str
