"""Differences of contenders fold by fold of cross-validation, beside the comparison of all folds' cases together.

Scores of folds depend on one another, since their training sets overlap; the corrected resampled t test allows for it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.asked_members import asked_members, decision_thresholds
from reprodx.comparison.resampled import METHOD, corrected_resampled_t
from reprodx.comparison.result import FoldDifference
from reprodx.metrics.difference import Difference
from reprodx.metrics.statistic import StatisticTable
from reprodx.schemas import CASE_ID, FOLD, Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases, Contender, Member
    from reprodx.comparison.result import ComparedMetric
    from reprodx.comparison.settings import ComparisonSettings

UNKNOWN_TRAINING = "interval not estimable: the files do not say how many cases a fold was trained on"
NO_SCORE = "the metric is undefined in every fold"


def fold_differences(
    cases: ComparedCases, metric: ComparedMetric, pairs: Sequence[tuple[int, int]], settings: ComparisonSettings
) -> tuple[FoldDifference, ...]:
    """Return the mean difference over folds and repetitions with its corrected test.

    Args:
        cases: That are compared on.
        metric: Of the cases' task.
        pairs: Positions of contenders; the second of each is subtracted.
        settings: The level, and what net benefit and grades are taken at.

    Returns:
        One for each pair; of several seeds their mean in each fold. None at all without cross-validation. Folds in
        which the metric is undefined, such as those of one class, are left out, and `estimate.method` says how many.
    """
    if cases.folds is None:
        return ()
    folds = _folds_by_repeat(cases)
    scores = {
        position: _scores_by_repeat(cases, metric, cases.contenders[position], folds, settings)
        for position in sorted({position for pair in pairs for position in pair})
    }
    return tuple(
        FoldDifference(
            first,
            second,
            metric.name,
            _difference(
                {repeat: scores[first][repeat] - scores[second][repeat] for repeat in folds},
                folds,
                _mean_num_train(cases.contenders[first], cases.contenders[second]),
                settings.confidence_level,
            ),
        )
        for first, second in pairs
    )


def _folds_by_repeat(cases: ComparedCases) -> dict[int, NDArray[np.int64]]:
    """Return the fold that tested each case, shape (cases,), in each repetition."""
    members = cases.contenders[0].members
    by_repeat = {member.repeat: member for member in reversed(members)}
    if len(by_repeat) == 1:
        assert cases.folds is not None, "cases without folds have no differences"
        return dict.fromkeys(by_repeat, cases.folds)
    return {repeat: _folds_of(by_repeat[repeat], cases) for repeat in sorted(by_repeat)}


def _folds_of(member: Member, cases: ComparedCases) -> NDArray[np.int64]:
    import polars as pl

    tested = pl.concat(source.predictions.of(cases.split).table.select(CASE_ID, FOLD) for source in member.sources)
    joined = cases.table.select(CASE_ID).join(tested, on=CASE_ID, how="left", maintain_order="left")
    return joined[FOLD].to_numpy().astype(np.int64)


def _scores_by_repeat(
    cases: ComparedCases,
    metric: ComparedMetric,
    contender: Contender,
    folds: Mapping[int, NDArray[np.int64]],
    settings: ComparisonSettings,
) -> dict[int, NDArray[np.float64]]:
    """Return the metric in each fold, the mean over seeds, by repetition; NaN where it is undefined."""
    every = asked_members(
        dataclasses.replace(cases, contenders=(contender,)), settings, thresholds=decision_thresholds(cases, settings)
    )
    scores = {}
    for repeat, tested_in in folds.items():
        weights = (tested_in == np.unique(tested_in)[:, None]).astype(np.float64)
        of_members = [
            StatisticTable([metric.metric.statistic(asked[metric.asked], metric.asked.view, settings)])(weights)[0]
            for member, asked in zip(contender.members, every[0], strict=True)
            if member.repeat == repeat
        ]
        scores[repeat] = np.mean(of_members, axis=0) if of_members else np.full(len(weights), np.nan)
    return scores


def _mean_num_train(first: Contender, second: Contender) -> int | None:
    if first.num_train is None or second.num_train is None:
        return None
    return round((first.num_train + second.num_train) / 2)


def _difference(
    by_repeat: Mapping[int, NDArray[np.float64]],
    folds: Mapping[int, NDArray[np.int64]],
    num_train: int | None,
    confidence_level: float,
) -> Difference:
    differences = np.concatenate(list(by_repeat.values()))
    sizes = np.concatenate([np.unique(tested_in, return_counts=True)[1] for tested_in in folds.values()])
    is_defined = ~np.isnan(differences)
    method = _method(int(is_defined.sum()), differences.size)
    if not is_defined.any():
        return Difference(Estimate.undefined(NO_SCORE, n=0, method=method), None, None)
    defined = differences[is_defined]
    if not num_train:
        without = Estimate(float(defined.mean()), None, None, defined.size, None, method, UNKNOWN_TRAINING)
        return Difference(without, None, None)
    num_test = round(float(sizes[is_defined].mean()))
    tested = corrected_resampled_t(defined, num_train=num_train, num_test=num_test, confidence_level=confidence_level)
    return dataclasses.replace(tested, estimate=dataclasses.replace(tested.estimate, method=method))


def _method(num_defined: int, num_folds: int) -> str:
    num_left_out = num_folds - num_defined
    return f"{METHOD}; {num_left_out} of {num_folds} folds left out as undefined" if num_left_out else METHOD
