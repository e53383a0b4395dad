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

from reprodx.metrics.answered_cases import AnsweredCases, table_metric
from reprodx.metrics.auroc import weighted_auroc
from reprodx.metrics.bootstrap import patient_strata
from reprodx.metrics.groups import GROUP_METRICS, grouped_rows, too_few

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.settings import ScoreSettings

AUROC = "auroc"
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
    """One of `GROUP_METRICS`."""
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
    columns: dict[str, dict[str, NDArray[np.int64]]] = {}
    for column, group, rows in grouped_rows(predictions.table):
        columns.setdefault(column, {})[group] = rows
    if not columns:
        return []
    cases = AnsweredCases.of(predictions, settings.ordinal_cut)
    metrics = GROUP_METRICS[predictions.task]
    return [
        gap
        for column, groups in columns.items()
        if len(groups) > 1
        for gap in _column_gaps(column, groups, metrics, cases, settings)
    ]


def _column_gaps(
    column: str,
    groups: Mapping[str, NDArray[np.int64]],
    metrics: tuple[str, ...],
    cases: AnsweredCases,
    settings: ScoreSettings,
) -> Iterator[GroupGap]:
    kept = {name: rows for name, rows in groups.items() if not too_few(cases.answers[:, rows], settings)}
    left_out = tuple(name for name in groups if name not in kept)
    nothing = (None,) * 6
    if len(kept) < 2:
        yield from (GroupGap(column, name, *nothing, 0, tuple(kept), left_out, FEWER_THAN_TWO) for name in metrics)
        return
    compared = _ComparedGroups(cases.select(np.concatenate(list(kept.values()))), [rows.size for rows in kept.values()])
    nulls = compared.null_gaps(metrics, settings)
    for name, values in compared.observed(metrics).items():
        if values is None:
            yield GroupGap(column, name, *nothing, 0, tuple(kept), left_out, cases.not_called)
            continue
        gap, names = float(np.ptp(values)), tuple(kept)
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

    def __init__(self, cases: AnsweredCases, sizes: list[int]) -> None:
        self._cases = cases
        self._membership = np.repeat(np.arange(len(sizes), dtype=np.int8), sizes)
        self._num_groups = len(sizes)
        self._areas = [
            weighted_auroc(row == 1, scores) for row, scores in zip(cases.answers, cases.scores, strict=True)
        ]

    def observed(self, metrics: tuple[str, ...]) -> dict[str, NDArray[np.float64] | None]:
        """Return each metric of each group, shape (groups,); None where nothing is called."""
        by_metric = self._by_group(metrics, self._membership[None])
        return {name: by_metric[name][0] if name in by_metric else None for name in metrics}

    def null_gaps(self, metrics: tuple[str, ...], settings: ScoreSettings) -> dict[str, NDArray[np.float64] | str]:
        """Return the gaps if all groups are alike, shape (draws,), or why there are none."""
        patients = np.arange(self._membership.size) if self._cases.patients is None else self._cases.patients
        labels = np.zeros(int(patients.max()) + 1, dtype=np.int8)
        labels[patients] = self._membership
        if (labels[patients] != self._membership).any():
            return dict.fromkeys(metrics, STRADDLING)
        strata = patient_strata(self._cases.strata, self._cases.patients)
        chunks = [
            {name: np.ptp(values, axis=1) for name, values in self._by_group(metrics, permuted[:, patients]).items()}
            for permuted in _permutations(labels, strata, self._num_draws(metrics, settings), settings.bootstrap_seed)
        ]
        return {name: _defined(np.concatenate([chunk[name] for chunk in chunks])) for name in chunks[0]}

    def _num_draws(self, metrics: tuple[str, ...], settings: ScoreSettings) -> int:
        num_rankings = len(self._areas) * self._num_groups if AUROC in metrics else 1
        affordable = MAX_RANKED // (self._membership.size * num_rankings)
        return min(settings.num_null_draws, max(MIN_DRAWS, affordable))

    def _by_group(self, metrics: tuple[str, ...], memberships: NDArray[np.int8]) -> dict[str, NDArray[np.float64]]:
        """Return metrics by draw and group, shape (draws, groups), of memberships of shape (draws, cases)."""
        found = {}
        if AUROC in metrics:
            found[AUROC] = np.stack([self._mean_areas(memberships == group) for group in range(self._num_groups)], 1)
        if self._cases.cells is not None:
            num_draws, size = len(memberships), self._cases.num_classes
            parts = np.arange(num_draws)[:, None] * self._num_groups + memberships
            cells = (parts * size**2 + self._cases.cells).ravel()
            counts = np.bincount(cells, minlength=num_draws * self._num_groups * size**2)
            tables = counts.reshape(-1, size, size).astype(np.int64)
            found |= {name: table_metric(name, tables).reshape(num_draws, -1) for name in metrics if name != AUROC}
        return found

    def _mean_areas(self, is_member: NDArray[np.bool_]) -> NDArray[np.float64]:
        weights = is_member.astype(np.float64)
        mean: NDArray[np.float64] = np.mean([area(weights) for area in self._areas], axis=0)
        return mean


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
