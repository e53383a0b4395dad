"""What it would take to say more of a pair: patients, or seeds where no number of patients is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reporting.wording import count, counted, number

if TYPE_CHECKING:
    from reprodx.comparison.result import Comparison, Verdict

PURPOSE = "to tell a difference of the margin from none"
"""What patients and seeds are planned for: never the difference that was seen."""


def planning_words(verdict: Verdict, comparison: Comparison) -> str:
    """Return what these cases would show, and what the margin would take; nothing where neither is known."""
    parts = []
    unit = "patient" if comparison.cases.has_patients else "case"
    if verdict.minimum_detectable is not None:
        power = f"{100 * comparison.settings.power:g}% power"
        shown = number(verdict.minimum_detectable)
        parts.append(f"These cases would show a true difference from {shown} on with {power}.")
    if verdict.seeds_needed:
        parts.append(
            f"More seeds are needed {PURPOSE}: with these, what seeds vary by alone hides any under "
            f"{number(verdict.seeds_floor)}, whatever the number of {unit}s."
        )
    elif verdict.patients_needed is not None:
        parts.append(f"About {counted(verdict.patients_needed, unit)} would be needed {PURPOSE}.")
    return " ".join(parts)


def needed_cell(verdict: Verdict) -> str:
    """Return how many patients are needed, or that seeds are."""
    return "more seeds" if verdict.seeds_needed else count(verdict.patients_needed)
