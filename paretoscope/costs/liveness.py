"""Activation memory in use at once: a tensor lives from the operation that makes it to the last that reads it.

Operations on single values (normalisation, activation, addition) write where they read if nobody reads that again,
as inference engines do; so a chain of layers needs its largest input + output, and a residual what it keeps besides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Event:
    """One operation: the stores it reads, the stores it makes, and whether it may write where it reads."""

    reads: tuple[int, ...]
    writes: tuple[int, ...]
    in_place: bool


class Call(NamedTuple):
    """One call of a module: the events from `first` to before `last`, and the stores of its input and output."""

    first: int
    last: int
    input: int | None
    output: int | None


class Need(NamedTuple):
    """Bytes that a call needs beside what lives elsewhere, where its input dies within it and where it is kept."""

    dropped: int
    kept: int


class Surroundings(NamedTuple):
    """What a call finds: the bytes that live elsewhere while it runs, and whether its input is read again after it."""

    elsewhere: int
    keeps_input: bool

    def peak(self, need: Need) -> int:
        """Return the bytes in use at the worst moment of the call."""
        return self.elsewhere + (need.kept if self.keeps_input else need.dropped)


class Timeline:
    """What is alive when, over one or several runs of a network one after another.

    `sizes` are the stores' bytes. A run's input is alive from its start, its output to its end.
    """

    def __init__(self, events: Sequence[Event], sizes: Sequence[int], runs: Sequence[Call]) -> None:
        self.events, self.sizes, self.runs = events, sizes, runs
        self.last_read = {store: at for at, event in enumerate(events) for store in (*event.writes, *event.reads)}
        for run in runs:
            if run.output is not None:
                self.last_read[run.output] = run.last
        self.peaks, self.before = self._walk(self.last_read)

    def need(self, run: Call) -> Need:
        """Return what a whole run needs."""
        dropped = max(self.peaks[run.first : run.last], default=0)
        if run.input is None or run.first == run.last:
            return Need(dropped, dropped)
        peaks, _ = self._walk(self.last_read | {run.input: run.last})
        return Need(dropped, max(peaks[run.first : run.last], default=0))

    def surroundings(self, call: Call) -> Surroundings:
        """Return what lives beside a call."""
        if call.first == call.last:
            return Surroundings(0, keeps_input=True)
        elsewhere, store = self.before[call.first], call.input
        if store is None:
            return Surroundings(elsewhere, keeps_input=False)
        return Surroundings(elsewhere - self.sizes[store], self.last_read.get(store, -1) >= call.last)

    def _walk(self, last_read: Mapping[int, int]) -> tuple[list[int], list[int]]:
        """Return the bytes in use at each event, and those before it."""
        starts = {run.first: run.input for run in self.runs}
        alive: set[int] = set()
        peaks: list[int] = []
        before: list[int] = []
        live = 0
        for at, event in enumerate(self.events):
            if at in starts:
                given = starts[at]
                alive = set() if given is None else {given}
                live = sum(self.sizes[store] for store in alive)
            before.append(live)
            made = sum(self.sizes[store] for store in event.writes)
            read = [store for store in set(event.reads) if store in alive and last_read[store] <= at]
            reused = event.in_place and any(self.sizes[store] >= made for store in read)
            peaks.append(live + (0 if reused else made))
            dying = [*read, *(store for store in event.writes if last_read[store] <= at)]
            alive.update(event.writes)
            alive.difference_update(dying)
            live += made - sum(self.sizes[store] for store in dying)
        return peaks, before
