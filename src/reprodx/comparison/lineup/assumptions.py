"""What a reader must know of how compared cases came together, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.comparison.lineup.comparability import threshold_entries
from reprodx.schemas import WEIGHT, Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprodx.comparison.compared_cases import Contender
    from reprodx.comparison.lineup.answers import Answers, Calling
    from reprodx.comparison.source import Source

WEIGHTS = (WEIGHT, "weights", "sample_weight")
"""What tools call the weight of a case."""
GROUPS = "those of the same picture, text or category"
"""What counts together where nobody names patients."""


def file_notes(sources: Sequence[Source]) -> Iterator[str]:
    """Yield what was assumed of files of other tools in reading them, and what of them is not used.

    Args:
        sources: Of all contenders.

    Yields:
        Full sentences.
    """
    for source in sources:
        yield from (f"{source.label}: {note}." for note in source.predictions.notes)
    if weighted := [one.label for one in sources if set(WEIGHTS) & set(one.predictions.table.columns)]:
        yield f"The weights of cases in {listed(weighted)} are not used: no metric weighs cases."


def lost_notes(contenders: Sequence[Contender], num_cases: int) -> Iterator[str]:
    """Yield what was lost where the common cases alone are compared."""
    losers = [one for one in contenders if one.num_lost]
    if losers:
        lost = ", ".join(f"{one.num_lost} cases of {one.name}{_events(one)}" for one in losers)
        yield f"Only the {num_cases} common cases are compared; left out are {lost}."


def _events(contender: Contender) -> str:
    return f" ({contender.num_events_lost} with the event)" if contender.num_events_lost else ""


def patient_notes(without_patients: Sequence[str], *, has_patients: bool, has_groups: bool = False) -> Iterator[str]:
    """Yield whose patients are not known.

    Args:
        without_patients: Labels of files that name none while others do.
        has_patients: Whether a file names patients.
        has_groups: Whether cases of the same inputs or category count together.

    Yields:
        One sentence at most.
    """
    if not has_patients:
        but = f" but for {GROUPS}" if has_groups else ""
        so = "which they are not if a patient has several"
        yield f"No file names patients: cases{but} are treated as independent, {so}."
    elif without_patients:
        yield f"No patients are named by {listed(without_patients)}: they are taken from the other files."


def threshold_notes(members: Sequence[Answers], calling: Calling, *, task: Task, split: str) -> Iterator[str]:
    """Yield which files were called at a threshold that is not their own, or that these very cases chose.

    Args:
        members: Of all contenders.
        calling: How cases were called where a file does not say.
        task: Of all.
        split: The split that is compared on.

    Yields:
        Two sentences at most.
    """
    if fixed := [label for one in members for label in one.without_threshold]:
        yield f"No threshold of its own has {listed(fixed)}: cases are called at {calling.fixed:g}, {calling.origin}."
    chosen = [
        source.label
        for one in members
        for source in one.member.sources
        for entry in threshold_entries(source.predictions.metadata)
        if entry["chosen_on"] == split
    ]
    if chosen and task != Task.MULTICLASS:
        labels = listed([*dict.fromkeys(chosen)])
        what = "The threshold of {} was" if len(chosen) == 1 else f"The {len(chosen)} thresholds of {{}} were"
        yield f"{what.format(labels)} chosen on the cases compared here, which flatters the calls."


def listed(labels: Sequence[str]) -> str:
    """Return labels in words, no more than a line holds.

    >>> listed(["a", "b", "c", "d", "e"])
    'a, b, c and 2 others'
    """
    shown = ", ".join(labels[:3])
    num_others = len(labels) - 3
    return shown if num_others <= 0 else f"{shown} and {num_others} other{'s' if num_others > 1 else ''}"
