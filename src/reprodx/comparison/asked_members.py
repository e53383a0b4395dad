"""What is asked of the members of contenders, in the same form as of a model that is scored alone."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from reprodx.errors import ConfigError
from reprodx.metrics.asked import EACH, TOGETHER, Asked, View
from reprodx.metrics.referable import referable_cases
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import Sampling, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.comparison.compared_cases import ComparedCases, Member
    from reprodx.comparison.settings import ComparisonSettings

USUAL_THRESHOLD = 0.5
"""At which net benefit is compared where nobody chose a threshold."""


def asked_members(
    cases: ComparedCases, settings: ComparisonSettings, *, thresholds: Mapping[str, float] | None = None
) -> list[list[Mapping[Asked, ScoredCases]]]:
    """Return by contender what each of its members said to everything that is asked of the task.

    Args:
        cases: With the contenders.
        settings: What net benefit and grades are taken at.
        thresholds: Probabilities at which net benefit is taken; None asks `decision_thresholds`.

    Returns:
        As `metrics.questions.asked_of` has it for one model.

    Raises:
        ConfigError: If the cut does not leave a grade on both sides, or the stated threshold is not between 0 and 1.
    """
    at = decision_thresholds(cases, settings) if thresholds is None else thresholds
    return [
        [_asked(cases, member, at, settings.ordinal_cut) for member in contender.members]
        for contender in cases.contenders
    ]


def decision_thresholds(cases: ComparedCases, settings: ComparisonSettings) -> dict[str, float]:
    """Return the probability at which the net benefit of all contenders is compared, by what it is about.

    Args:
        cases: With the reference first.
        settings: May state the threshold.

    Returns:
        For each label of a multi-label task, else for the empty name: what the settings state, else the reference's
        threshold (the mean over its runs), else 0.5; in (0, 1).

    Raises:
        ConfigError: If the settings state one that is not between 0 and 1.
    """
    stated = settings.decision_threshold
    if stated is not None and not 0 < stated < 1:
        raise ConfigError(f"evaluation.decision_threshold: {stated:g} is no threshold: give one between 0 and 1")
    found = {}
    for about in cases.classes if cases.task == Task.MULTILABEL else ("",):
        chosen = [stated] if stated is not None else _reference_thresholds(cases, about)
        found[about] = math.fsum(chosen) / len(chosen) if chosen else USUAL_THRESHOLD
    return found


def threshold_in_words(cases: ComparedCases, settings: ComparisonSettings, asked: Asked) -> str:
    """Return at what probability net benefit is compared, and whose that is; each run's threshold counts."""
    about = asked.about if asked.view == View.LABEL else ""
    words = f"at probability {decision_thresholds(cases, settings)[about]:.2f}"
    num_chosen = 0 if settings.decision_threshold is not None else len(_reference_thresholds(cases, about))
    if not num_chosen:
        return words
    whose = "the threshold" if num_chosen == 1 else f"the mean of the {num_chosen} thresholds"
    return f"{words}, {whose} of the reference"


def _reference_thresholds(cases: ComparedCases, about: str) -> list[float]:
    found = [one for member in cases.contenders[0].members for one in member.thresholds_for(about)]
    return [one for one in found if one is not None and 0 < one < 1]


def _asked(cases: ComparedCases, member: Member, at: Mapping[str, float], cut: int) -> dict[Asked, ScoredCases]:
    calls = None if cases.task == Task.MULTILABEL else member.called
    every = ScoredCases(cases.targets, member.probs, cases.patients, cases.classes, cases.task, calls)
    every = every.with_fixed_classes() if cases.sampling == Sampling.CASE_CONTROL else every
    if cases.task == Task.BINARY:
        return {Asked(View.BINARY): dataclasses.replace(every, decision_threshold=at[""])}
    asked = {Asked(TOGETHER[cases.task]): every}
    if cases.task == Task.ORDINAL:
        graded = dataclasses.replace(referable_cases(every, cut), calls=member.called_referable)
        asked[Asked(View.REFERABLE)] = dataclasses.replace(graded, decision_threshold=at[""])
    for index, name in enumerate(cases.classes):
        one = every.about(index)
        if cases.task == Task.MULTILABEL:
            calls = None if member.called is None else member.called[:, index]
            one = dataclasses.replace(one, calls=calls, decision_threshold=at[name])
        asked[Asked(EACH[cases.task], name)] = one
    return asked
