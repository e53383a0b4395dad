"""AUROCs of contenders and their differences, by formula: DeLong, clustered where patients have several cases.

There is a formula for every yes-or-no question: of a binary task, of referable grades, of a label, and of a class
against the rest. What is averaged over classes or labels has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.delong import PairedAurocs
from reprodx.comparison.difference import Difference
from reprodx.comparison.result import MetricComparison, PairedDifference
from reprodx.errors import MetricError, UndefinedMetricError
from reprodx.metrics.referable import REFERABLE
from reprodx.metrics.undefined import missing_class
from reprodx.schemas import Estimate, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.delong import Contrast
    from reprodx.comparison.result import ComparedMetric
    from reprodx.comparison.settings import ComparisonSettings

AUROC = "auroc"


def has_auroc_formula(cases: ComparedCases, metric_name: str) -> bool:
    """Return whether a metric is the AUROC of one yes-or-no question, which `auroc_comparison` compares.

    Args:
        cases: That are compared on.
        metric_name: As in `metrics.json`.

    Returns:
        False for the AUROCs that are averaged over classes or labels, and for every other metric.
    """
    if cases.task == Task.BINARY:
        return metric_name == AUROC
    of_one = {f"{AUROC}_{name}" for name in cases.classes}
    if cases.task == Task.ORDINAL:
        of_one.add(f"{AUROC}_{REFERABLE}")
    return metric_name in of_one


def auroc_comparison(
    cases: ComparedCases, metric: ComparedMetric, pairs: Sequence[tuple[int, int]], settings: ComparisonSettings
) -> MetricComparison:
    """Return the AUROC of every contender, and their differences by the paired DeLong test.

    Args:
        cases: That are compared on.
        metric: One that `has_auroc_formula`.
        pairs: Positions of contenders; the second of each is subtracted.
        settings: The level, and of grades the cut.

    Returns:
        Undefined with one class only.

    Raises:
        MetricError: If the metric is not the AUROC of one yes-or-no question.
    """
    is_positive, scores = _question(cases, metric.name, settings.ordinal_cut)
    if reason := missing_class(is_positive):
        undefined = Estimate.undefined(reason, n=is_positive.size, n_events=int(is_positive.sum()))
        nothing = tuple(PairedDifference(*pair, Difference(undefined, None, None)) for pair in pairs)
        num_contenders = len(cases.contenders)
        return MetricComparison(metric, (undefined,) * num_contenders, (None,) * num_contenders, nothing)
    areas, level = PairedAurocs(is_positive, scores, cases.patients), settings.confidence_level
    return MetricComparison(
        metric,
        tuple(areas.estimate(position, confidence_level=level) for position in range(len(cases.contenders))),
        tuple(float(one.std(ddof=1)) if one.size > 1 else None for one in areas.member_areas),
        tuple(PairedDifference(*pair, areas.difference(*pair, confidence_level=level)) for pair in pairs),
    )


def overall_contrast(cases: ComparedCases, metric_name: str, settings: ComparisonSettings) -> Contrast | None:
    """Return the test that all contenders have one AUROC.

    Args:
        cases: That are compared on.
        metric_name: As in `metrics.json`.
        settings: Of grades the cut.

    Returns:
        Chi-square; None for a metric that is not the AUROC of one yes-or-no question, and where it is not estimable.
    """
    if not has_auroc_formula(cases, metric_name):
        return None
    is_positive, scores = _question(cases, metric_name, settings.ordinal_cut)
    try:
        return PairedAurocs(is_positive, scores, cases.patients).equality()
    except UndefinedMetricError:
        return None


def _question(cases: ComparedCases, name: str, cut: int) -> tuple[NDArray[np.bool_], list[NDArray[np.float64]]]:
    """Return which cases are positive, and by contender the scores of its members, shape (members, cases)."""
    if not has_auroc_formula(cases, name):
        raise MetricError(f"{name} of a {cases.task} task has no formula: compare it by the bootstrap")
    if cases.task == Task.BINARY:
        return cases.targets == 1, _probs(cases, slice(1, 2))
    asked = name.removeprefix(f"{AUROC}_")
    if cases.task == Task.ORDINAL and asked == REFERABLE:
        return cases.targets >= cut, _probs(cases, slice(cut, None))
    index = cases.classes.index(asked)
    is_positive = cases.targets[:, index] == 1 if cases.task == Task.MULTILABEL else cases.targets == index
    return is_positive, _probs(cases, slice(index, index + 1))


def _probs(cases: ComparedCases, columns: slice) -> list[NDArray[np.float64]]:
    # A sum of shares can exceed 1 by a rounding error, which would break ties; as `metrics.referable` has it.
    return [
        np.stack([np.minimum(member.probs[:, columns].sum(axis=1), 1.0) for member in contender.members])
        for contender in cases.contenders
    ]
