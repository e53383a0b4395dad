"""Pairs of timings, ours beside a bare baseline's, and the line that they make in the table."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

NUM_PAIRS = 5


@dataclass(frozen=True)
class Timing:
    """How long something took, in seconds."""

    clock: float
    processor: float
    """Of all its threads and child processes; other programs on the machine disturb it less."""

    def __sub__(self, part: Timing) -> Timing:
        """Return what is left without a part."""
        return Timing(self.clock - part.clock, self.processor - part.processor)


class Scale(NamedTuple):
    """How the seconds of a pair become the number that is held against a target."""

    compare: Callable[[float, float], float]
    """Takes our seconds and the baseline's."""
    unit: str
    sign: str
    """`<=` where the target is the most that it may be, `>=` where it is the least."""


TIMES_AS_LONG = Scale(lambda ours, bare: ours / bare, "x", "<=")
SHARE_OF_SPEED = Scale(lambda ours, bare: bare / ours, "x", ">=")
SECONDS_MORE = Scale(lambda ours, bare: ours - bare, "s", "<=")
PERCENT_MORE = Scale(lambda ours, bare: 100 * (ours / bare - 1), "%", "<=")


@dataclass(frozen=True)
class Comparison:
    """Timings of reprodx and of a baseline that were taken in turn."""

    what: str
    ours: Sequence[Timing]
    bare: Sequence[Timing]
    """Of the baseline, in the same order."""
    scale: Scale
    target: float | None = None
    """None where nothing was promised."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """What else was seen, such as seconds of each part."""

    @classmethod
    def in_turn(
        cls, what: str, ours: Callable[[], Timing], bare: Callable[[], Timing], scale: Scale, target: float
    ) -> Self:
        """Time both in turn, so that what else the machine does falls on both alike."""
        pairs = [(ours(), bare()) for _ in range(NUM_PAIRS)]
        return cls(what, [pair[0] for pair in pairs], [pair[1] for pair in pairs], scale, target)

    def median(self, kind: str) -> float:
        """Return the median over the pairs.

        Args:
            kind: "clock" or "processor".
        """
        return statistics.median(
            self.scale.compare(getattr(ours, kind), getattr(bare, kind))
            for ours, bare in zip(self.ours, self.bare, strict=True)
        )

    def is_met(self) -> bool | None:
        """Tell whether the target is kept by the clock."""
        if self.target is None:
            return None
        found = self.median("clock")
        return found <= self.target if self.scale.sign == "<=" else found >= self.target

    def details(self) -> str:
        """Return the raw seconds and the notes, a line each."""
        raw = {
            f"{name}, {kind}": in_words([getattr(timing, kind) for timing in timings])
            for kind in ("clock", "processor")
            for name, timings in (("ours", self.ours), ("bare", self.bare))
        }
        lines = (f"    {name:24} {text}" for name, text in {**raw, **self.notes}.items())
        return "\n".join([f"{self.what}: {', '.join(self._medians())}", *lines])

    def row(self) -> str:
        """Return the comparison's row of the Markdown table."""
        ours, bare = (statistics.median(timing.clock for timing in timings) for timings in (self.ours, self.bare))
        target = "" if self.target is None else f"{self.scale.sign} {self.target:g} {self.scale.unit}"
        verdict = {True: "met", False: "missed", None: ""}[self.is_met()]
        return f"| {' | '.join([self.what, f'{ours:.2f}', f'{bare:.2f}', *self._medians(), target, verdict])} |"

    def _medians(self) -> list[str]:
        return [f"{self.median(kind):.2f} {self.scale.unit}" for kind in ("clock", "processor")]


def time_work(work: Callable[[], None]) -> Timing:
    """Return how long some work of this process takes."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Timing(time.perf_counter() - clock, time.process_time() - processor)


TABLE_HEAD = "| | ours, s | bare, s | by the clock | by processor time | target | |\n|---|---|---|---|---|---|---|"


def medians(parts: Sequence[Mapping[str, Timing]]) -> dict[str, str]:
    """Return the median of each part over several measurements, in words."""
    return {name: f"{statistics.median(part[name].clock for part in parts):.2f} s" for name in parts[0]}


def in_words(seconds: Sequence[float]) -> str:
    """Return raw seconds with their median."""
    return f"{'  '.join(f'{value:.2f}' for value in seconds)}  (median {statistics.median(seconds):.2f} s)"
