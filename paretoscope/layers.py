"""How a step says which layers it means: glob patterns on the layers' qualified names."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import translate
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from paretoscope.options import Options

Pattern = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Patterns = Annotated[tuple[Pattern, ...], Field(strict=False, max_length=100)]


class LayerSelector(Options):
    """Layers whose name, or the name of a module that contains them, matches `include` and not `exclude`.

    `conv1` means the top-level layer of that name, `layer1` all layers inside `layer1`, `*.conv2` every `conv2` of a
    block. A layer made by an earlier step is found by the name of the layer it replaced as well.
    """

    include: Patterns = Field(default=("*",), title="Include", description="Globs on layer names; `*` is every layer.")
    exclude: Patterns = Field(default=(), title="Exclude", description="Globs on layer names that are left alone.")

    def select(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of `names` that are meant."""
        return _selected(self.include, self.exclude, tuple(names))

    @property
    def brief(self) -> str:
        """For a label: nothing for every layer, else `, only fc` or `, not conv1`."""
        only = "" if self.include == ("*",) else f", only {_listed(self.include)}"
        return only + (f", not {_listed(self.exclude)}" if self.exclude else "")

    def unmatched(self, names: Iterable[str]) -> list[str]:
        """The patterns, of both lists, that match none of `names`; `*` is never reported."""
        return list(_unmatched((*self.include, *self.exclude), tuple(names)))


# While a person moves a slider the same layers are selected again and again.
@lru_cache(maxsize=1024)
def _selected(include: tuple[str, ...], exclude: tuple[str, ...], names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for name in names if _any(include, name) and not _any(exclude, name))


@lru_cache(maxsize=1024)
def _unmatched(patterns: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(p for p in patterns if p != "*" and not any(_any((p,), name) for name in names))


def _listed(patterns: tuple[str, ...], most: int = 2) -> str:
    return " ".join(patterns[:most]) + (" …" if len(patterns) > most else "")


def _any(patterns: tuple[str, ...], name: str) -> bool:
    return any(_compiled(pattern).match(own) for pattern in patterns for own in _with_ancestors(name))


def _with_ancestors(name: str) -> Iterator[str]:
    yield name
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))
