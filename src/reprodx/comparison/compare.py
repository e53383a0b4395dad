"""The one way in: from cases that models answered to everything that is said of their differences."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from reprodx.comparison.adjusted import adjusted
from reprodx.comparison.asked_members import asked_members
from reprodx.comparison.by_fold import fold_differences
from reprodx.comparison.contrast import equality
from reprodx.comparison.ensembles import ensembles
from reprodx.comparison.group_differences import group_differences
from reprodx.comparison.metric_comparisons import compared_metrics, measured_by, metric_comparisons
from reprodx.comparison.result import Comparison
from reprodx.comparison.selection import best, select
from reprodx.comparison.verdict import verdict
from reprodx.errors import UndefinedMetricError

if TYPE_CHECKING:
    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.result import Selection
    from reprodx.comparison.settings import ComparisonSettings


def compare_cases(cases: ComparedCases, settings: ComparisonSettings, *, is_search: bool) -> Comparison:
    """Return everything that was found.

    Args:
        cases: With the reference first.
        settings: How differences are measured and judged.
        is_search: Whether the contenders are the candidates of a search, so that the best of them was lucky too.

    Returns:
        The primary metric first.

    Raises:
        ConfigError: If the task has no metric of the primary one's name.
    """
    every_pair = tuple((second, first) for first, second in combinations(range(len(cases.contenders)), 2))
    pairs = every_pair if settings.all_pairs else cases.pair_positions
    wanted = compared_metrics(cases, settings)
    found = adjusted(metric_comparisons(cases, wanted, pairs, settings))
    names = [contender.name for contender in cases.contenders]
    num_patients = cases.table.height if cases.patients is None else int(cases.patients.max()) + 1
    return Comparison(
        cases=cases,
        settings=settings,
        metrics=found,
        overall=equality(measured_by(wanted[0], asked_members(cases, settings), settings)),
        verdicts=tuple(verdict(found[0], pair, names, settings, num_patients) for pair in found[0].pairs),
        by_fold=fold_differences(cases, wanted[0], pairs, settings),
        groups=group_differences(cases, wanted[0], pairs, settings),
        selection=_selection(cases, settings) if is_search else None,
        ensembles=ensembles(cases, settings),
    )


def with_best_first(cases: ComparedCases, settings: ComparisonSettings) -> ComparedCases:
    """Return the cases with the best contender of a search as the reference, the first where none can be told."""
    try:
        winner = best(cases, settings)
    except UndefinedMetricError:
        return cases
    order = [winner, *(place for place in range(len(cases.contenders)) if place != winner)]
    return replace(cases, contenders=tuple(cases.contenders[place] for place in order))


def _selection(cases: ComparedCases, settings: ComparisonSettings) -> Selection | None:
    try:
        return select(cases, settings)
    except UndefinedMetricError:
        # The table says of each contender why it has no value.
        return None
