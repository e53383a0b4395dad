"""All that a reproduction found, as lines for people and as an in-toto statement for machines."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx.reporting.comparison_table import WIDTH, plain
from reprodx.tracking.record import METRICS, PREDICTIONS, REPORT, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reprodx.reproduction.comparison import Comparison, StageComparison
    from reprodx.reproduction.recorded_run import RecordedRun
    from reprodx.reproduction.verdict import Verdict
    from reprodx.tracking.environment_differences import Difference

STATEMENT, PREDICATE = "https://in-toto.io/Statement/v1", "https://reprodx.github.io/reproduction/v1"
"""What the JSON is, and what it says."""
SUBJECTS = (WEIGHTS, PREDICTIONS, METRICS, REPORT)
"""The stages whose files the statement is about."""
COLUMNS = ("stage", "rerun", "largest difference", "why")


@dataclass(frozen=True)
class Outcome:
    """What a reproduction found."""

    run: RecordedRun
    differences: Sequence[Difference]
    comparison: Comparison
    causes: Mapping[str, str]
    verdict: Verdict
    hashes: Mapping[str, Mapping[str, str]]
    """Of the rerun, by stage and name."""
    notes: Sequence[str] = ()
    """What a reader should know besides, such as where the data came from."""

    def lines(self) -> list[str]:
        """Return the table of the stages and the verdict, at most `WIDTH` columns wide."""
        rows = [(one.stage, one.equality.value, _number(one), self._why(one)) for one in self.comparison.stages]
        head = [f"{self.verdict.word.value}: {self.verdict.reason}"]
        return [*_table(rows), "", *(line for text in (*head, *self.notes) for line in _wrapped(text))]

    def statement(self) -> dict[str, Any]:
        """Return the outcome as an in-toto statement about the rerun's files; no host, user or path is in it."""
        return {
            "_type": STATEMENT,
            "subject": [
                {"name": f"{stage}/{name}", "digest": {"sha256": digest}}
                for stage in SUBJECTS
                for name, digest in sorted(self.hashes.get(stage, {}).items())
            ],
            "predicateType": PREDICATE,
            "predicate": {
                "verdict": self.verdict.word.value,
                "reason": self.verdict.reason,
                "tolerance": self.comparison.tolerance,
                "run": {
                    "id": self.run.run_id,
                    "name": self.run.name,
                    "commit": self.run.commit,
                    "hashes": {stage: dict(found) for stage, found in self.run.hashes.items()},
                },
                "stages": [
                    {
                        "stage": one.stage,
                        "rerun": one.equality.value,
                        "largest_difference": _finite(one.largest_difference),
                        "detail": one.detail,
                        "why": self.causes.get(one.stage),
                    }
                    for one in self.comparison.stages
                ],
                "differences": [
                    {"kind": one.kind.value, "name": one.name, "recorded": one.recorded, "here": one.here}
                    | {"undone": one.is_undone}
                    for one in self.differences
                ],
                "notes": list(self.notes),
            },
        }

    def _why(self, one: StageComparison) -> str:
        return "; ".join(part for part in (one.detail, self.causes.get(one.stage, "")) if part)


def _number(one: StageComparison) -> str:
    return "" if one.largest_difference is None else f"{one.largest_difference:.3g}"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows in columns, the last wrapped in its place."""
    widths = [max(len(row[place]) for row in (COLUMNS, *rows)) for place in range(len(COLUMNS) - 1)]
    return [
        line.rstrip()
        for row in (COLUMNS, tuple("-" * len(name) for name in COLUMNS), *rows)
        for line in _row(row, widths)
    ]


def _row(row: tuple[str, ...], widths: Sequence[int]) -> Iterator[str]:
    first = "  ".join(cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True)) + "  "
    wrapped = textwrap.wrap(plain(row[-1]), WIDTH - len(first)) or [""]
    yield first + wrapped[0]
    for more in wrapped[1:]:
        yield " " * len(first) + more


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(plain(text), WIDTH, subsequent_indent="  ")
