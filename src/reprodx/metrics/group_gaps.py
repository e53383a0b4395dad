"""The largest gap between the groups of a column, beside the gap that chance alone gives if all groups are alike.

Many small groups differ without any cause, so a gap says nothing by itself. Its null band is made by handing the groups
out anew among the patients of each class.

Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, 2005, chapter 3 (permutation within strata);
Phipson & Smyth, Stat Appl Genet Mol Biol 2010;9:39, equation 2 (p-values of random permutations are never 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.asked import main_view
from reprodx.metrics.bootstrap import patient_strata
from reprodx.metrics.groups import grouped_cases, too_few
from reprodx.metrics.statistic import StatisticTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.groups import GroupedCases
    from reprodx.metrics.metric import Metric
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings

NULL_LEVEL = 0.95
"""Of the null band: the share of gaps between groups that are alike that lie in it."""
CHUNK_ELEMENTS = 400_000
"""Memberships held at a time: as many permutations as fit are computed together."""
MAX_RANKED = 200_000_000
"""Cases that all permutations of a column may rank, some seconds' worth; of very many cases fewer permutations do."""
MIN_DRAWS = 100
"""Permutations at least."""
FEWER_THAN_TWO = "fewer than two groups are large enough"
STRADDLING = "null band not estimable: a patient has cases in more than one group"


@dataclass(frozen=True)
class GroupGap:
    """How far the best group of a column is from the worst in a metric."""

    column: str
    """`site` or a `group_*` column."""
    metric: str
    """The name of one of `group_metrics`."""
    gap: float | None
    """Largest less smallest value; None where undefined."""
    highest: str | None
    """The group with the largest value."""
    lowest: str | None
    null_mean: float | None
    """Mean gap if all groups are alike."""
    null_high: float | None
    """The gap that `NULL_LEVEL` of gaps stay under if all groups are alike."""
    p_value: float | None
    """That groups that are alike give a gap as large."""
    num_draws: int
    """Permutations that the null band was made from."""
    groups: tuple[str, ...]
    """Those that the gap is over."""
    left_out: tuple[str, ...]
    """Those with too few cases."""
    reason: str | None
    """Why the gap or its null band is undefined; None where both are defined."""


def group_gaps(predictions: Predictions, settings: ScoreSettings) -> list[GroupGap]:
    """Return the largest gap in each of the metrics of the task between the groups of each column.

    Args:
        predictions: Of one split.
        settings: From how many cases on a group counts, the number of permutations and their seed.

    Returns:
        By column, sites first, and metric; none for a column that all cases share one value of.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    grouped = grouped_cases(predictions, settings)
    columns: dict[str, dict[str, NDArray[np.int64]]] = {}
    for column, group, rows in grouped.groups:
        columns.setdefault(column, {})[group] = rows
    return [
        gap
        for column, groups in columns.items()
        if len(groups) > 1
        for gap in _column_gaps(column, groups, grouped, settings)
    ]


def _column_gaps(
    column: str, groups: Mapping[str, NDArray[np.int64]], grouped: GroupedCases, settings: ScoreSettings
) -> Iterator[GroupGap]:
    kept = {name: rows for name, rows in groups.items() if not too_few(grouped.answers[:, rows], settings)}
    left_out = tuple(name for name in groups if name not in kept)
    nothing = (None,) * 6
    if len(kept) < 2:
        yield from (
            GroupGap(column, one.name, *nothing, 0, tuple(kept), left_out, FEWER_THAN_TWO) for one in grouped.metrics
        )
        return
    cases = grouped.cases.select(np.concatenate(list(kept.values())))
    compared = _ComparedGroups(cases, [rows.size for rows in kept.values()], grouped.metrics, settings)
    nulls = compared.null_gaps()
    for metric, values in zip(grouped.metrics, compared.observed(), strict=True):
        name, names = metric.name, tuple(kept)
        if reason := compared.reasons[name]:
            yield GroupGap(column, name, *nothing, 0, names, left_out, reason)
            continue
        gap = float(np.ptp(values))
        ends = names[int(values.argmax())], names[int(values.argmin())]
        if np.isnan(gap):
            yield GroupGap(column, name, *nothing, 0, names, left_out, "undefined in one of the groups")
        elif isinstance(null := nulls[name], str):
            yield GroupGap(column, name, gap, *ends, None, None, None, 0, names, left_out, null)
        else:
            # Equal gaps count, whatever rounding made of them.
            p_value = (1 + int((null >= gap - 1e-12).sum())) / (1 + null.size)
            high = float(np.quantile(null, NULL_LEVEL))
            yield GroupGap(
                column, name, gap, *ends, float(null.mean()), high, p_value, null.size, names, left_out, None
            )


class _ComparedGroups:
    """The cases of the groups that are large enough, one group after the other."""

    def __init__(self, cases: ScoredCases, sizes: list[int], metrics: list[Metric], settings: ScoreSettings) -> None:
        self._cases, self._metrics, self._settings = cases, metrics, settings
        self._membership = np.repeat(np.arange(len(sizes), dtype=np.int8), sizes)
        self._num_groups = len(sizes)
        view = main_view(cases.task)
        statistics = [metric.statistic(cases, view, settings) for metric in metrics]
        self.reasons = {metric.name: one.reason for metric, one in zip(metrics, statistics, strict=True)}
        self._table = StatisticTable(statistics)

    def observed(self) -> NDArray[np.float64]:
        """Return each metric of each group, shape (metrics, groups)."""
        return self._by_group(self._membership[None])[:, 0]

    def null_gaps(self) -> dict[str, NDArray[np.float64] | str]:
        """Return by metric the gaps if all groups are alike, shape (draws,), or why there are none."""
        patients = np.arange(self._membership.size) if self._cases.patients is None else self._cases.patients
        labels = np.zeros(int(patients.max()) + 1, dtype=np.int8)
        labels[patients] = self._membership
        names = [metric.name for metric in self._metrics]
        if (labels[patients] != self._membership).any():
            return dict.fromkeys(names, STRADDLING)
        strata = patient_strata(self._cases.strata, self._cases.patients)
        chunks = [
            np.ptp(self._by_group(permuted[:, patients]), axis=2)
            for permuted in _permutations(labels, strata, self._num_draws(), self._settings.bootstrap_seed)
        ]
        return {name: _defined(gaps) for name, gaps in zip(names, np.concatenate(chunks, axis=1), strict=True)}

    def _num_draws(self) -> int:
        num_rankings = self._num_groups * max(1, sum(len(one.functions) for one in self._table.statistics))
        affordable = MAX_RANKED // (self._membership.size * num_rankings)
        return min(self._settings.num_null_draws, max(MIN_DRAWS, affordable))

    def _by_group(self, memberships: NDArray[np.int8]) -> NDArray[np.float64]:
        """Return shape (metrics, draws, groups), of memberships of shape (draws, cases)."""
        groups = [self._table((memberships == group).astype(np.float64)) for group in range(self._num_groups)]
        return np.stack(groups, axis=2)


def _permutations(
    labels: NDArray[np.int8], strata: NDArray[np.int64], num_draws: int, seed: int
) -> Iterator[NDArray[np.int8]]:
    """Yield labels that were handed out anew within each stratum, shape (draws, patients), in chunks."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    chunk = max(1, CHUNK_ELEMENTS // labels.size)
    for start in range(0, num_draws, chunk):
        size = min(chunk, num_draws - start)
        permuted = np.empty((size, labels.size), dtype=np.int8)
        for stratum in members:
            permuted[:, stratum] = rng.permuted(np.tile(labels[stratum], (size, 1)), axis=1)
        yield permuted


def _defined(gaps: NDArray[np.float64]) -> NDArray[np.float64] | str:
    num_undefined = int(np.isnan(gaps).sum())
    if num_undefined:
        return f"null band not estimable: {num_undefined} of {gaps.size} permutations leave it undefined"
    return gaps
