"""The verdict on a rerun: bit-identical, equal within a tolerance, or drifted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from reprodx.reproduction.comparison import JUDGED, Equality
from reprodx.tracking.record import METRICS, PREDICTIONS, RAW, SPLIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.reproduction.comparison import Comparison

TOLERANCE = 5e-4
"""The largest difference that counts as equal unless someone says otherwise: half of what three decimals can show."""


class Word(StrEnum):
    """What a verdict says in a word."""

    BIT_IDENTICAL = "bit-identical"
    EQUAL = "equal within tolerance"
    DRIFTED = "drifted"


@dataclass(frozen=True)
class Verdict:
    """What a rerun proves."""

    word: Word
    reason: str
    """In a sentence: how far apart, from which stage on, and why."""


def judge(comparison: Comparison, causes: Mapping[str, str]) -> Verdict:
    """Return the verdict on a comparison.

    Bit-identical: every judged stage that was recorded has the same bytes, predictions or metrics among them. Equal
    within tolerance: the same data and membership, predictions and metrics no further apart than the tolerance, no case
    on another side of its threshold. What was not recorded is never called equal, and is named.

    Args:
        comparison: A run against its rerun.
        causes: Why stages differ, by stage.

    Returns:
        The verdict.
    """
    judged = {one.stage: one for one in comparison.stages if one.stage in JUDGED}
    unknown = [stage for stage in JUDGED if judged[stage].equality == Equality.NOT_RECORDED]
    but = f"; not recorded and so not compared: {', '.join(unknown)}" if unknown else ""
    earliest = comparison.earliest
    if earliest is None:
        if {PREDICTIONS, METRICS} <= set(unknown):
            return Verdict(Word.DRIFTED, f"no result was recorded that could be compared{but}")
        return Verdict(Word.BIT_IDENTICAL, f"every stage that was recorded came out in the same bytes{but}")
    why = causes.get(earliest.stage, "")
    since = f"the first stage that differs is {earliest.stage} ({why}){but}"
    # Another file of weights or cases is of no matter to who is told the same of every case.
    decisive = (judged[stage] for stage in (RAW, SPLIT, PREDICTIONS, METRICS))
    if {PREDICTIONS, METRICS} & set(unknown) or any(one.equality == Equality.DIFFERENT for one in decisive):
        return Verdict(Word.DRIFTED, f"{_how_far(comparison)}; {since}")
    return Verdict(Word.EQUAL, f"{_how_far(comparison)}; {since}")


def _how_far(comparison: Comparison) -> str:
    between = comparison.predictions
    told = [f"tolerance {comparison.tolerance:g}"]
    if between is not None:
        told.append(f"largest difference of a probability {between.largest:.3g}, {between.in_words}")
    if (of_metrics := comparison.of(METRICS).largest_difference) is not None:
        told.append(f"of a metric {of_metrics:.3g}")
    return ", ".join(told)
