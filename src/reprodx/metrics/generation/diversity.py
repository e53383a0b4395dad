"""Do generated cases differ from each other as real ones do? A generator whose modes collapsed makes few kinds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.generation.case_vectors import CaseVectors, drawn_rows
from reprodx.metrics.scored_cases import renumbered
from reprodx.metrics.undefined import NO_VARIANCE, ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap

    Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]

MAX_CASES = 300
"""Of a class and a side: their pairs, some 45,000, say how diverse it is."""
MIN_PATIENTS = 5
"""Of a class and a side, so that a resample of patients still has a pair."""
N = 3
"""Tokens of a trigram."""


def diversity(
    generated: NDArray[np.float32] | NDArray[np.float64],
    generated_classes: NDArray[np.int64],
    real: CaseVectors,
    real_classes: NDArray[np.int64],
    *,
    seed: int,
    bootstrap: Bootstrap,
) -> Estimate:
    """Return the mean distance between generated cases of a class over that between real patients of the class.

    Args:
        generated: Shape (generated, features).
        generated_classes: Shape (generated,), from 0; all 0 where classes do not matter or one class is asked about.
        real: Real cases.
        real_classes: Shape (cases,), from 0.
        seed: Of the cases that are drawn where there are many.
        bootstrap: How the interval is made, of patients and of generated cases.

    Returns:
        1 where generated cases are as diverse as real ones, 0 where all of a class are equal; the mean over the
        classes that were generated. Undefined where one of them has fewer than five cases or patients on a side.
    """
    alone = CaseVectors(generated, np.arange(len(generated)))
    sides = ((alone, generated_classes), (real, real_classes))
    groups: list[CaseVectors] = []
    for name in np.unique(generated_classes):
        for cases, classes in sides:
            of_class = cases.at(np.flatnonzero(classes == name))
            groups.append(of_class.at(drawn_rows(np.arange(len(of_class.vectors)), MAX_CASES, seed=seed)))
    n = sum(len(group.vectors) for group in groups)
    least = min((np.unique(group.patients).size for group in groups), default=0)
    if least < MIN_PATIENTS:
        return Estimate.undefined(f"a class has {least} generated or real cases; {MIN_PATIENTS} are needed", n=n)
    strata = np.repeat(np.arange(len(groups)), [len(group.vectors) for group in groups])
    spreads = [_mean_distance(group, np.flatnonzero(strata == place)) for place, group in enumerate(groups)]

    def statistic(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        means = [spread(weights) for spread in spreads]
        ratios = [ratio(ours, real_ones) for ours, real_ones in zip(means[::2], means[1::2], strict=True)]
        mean: NDArray[np.float64] = np.mean(ratios, axis=0)
        return mean

    if not all(spread(np.ones((1, n)))[0] for spread in spreads[1::2]):
        return Estimate.undefined("all real cases of a class are equal", n=n)
    patients = np.unique(np.concatenate([group.patients for group in groups]), return_inverse=True)[1]
    owners = renumbered(patients.astype(np.int64) * len(groups) + strata)
    return bootstrap.estimate(statistic, strata, owners, n_events=None)


def distinct_trigrams(texts: Sequence[NDArray[np.int32]], *, confidence_level: float) -> Estimate:
    """Return the share of the sequences of three tokens that are distinct: distinct-3.

    It falls with the amount of text, so it compares texts of equal amount only. Resampled texts would repeat
    themselves, hence the jackknife, whose variance is not too small.

    Args:
        texts: Token numbers of each text, in [0, 2,000,000).
        confidence_level: In (0, 1).

    Returns:
        Undefined where no text has three tokens.

    Source: Li et al., NAACL 2016 (arXiv:1510.03055), section 5.3; Efron & Stein, Ann Stat 1981;9:586, for the interval.

    >>> print(distinct_trigrams([np.array([1, 2, 3, 4]), np.array([1, 2, 3])], confidence_level=0.9).value)
    0.6666666666666666
    """
    from scipy.stats import norm

    counts = np.array([max(0, text.size - N + 1) for text in texts], dtype=np.int64)
    n, total = len(texts), int(counts.sum())
    if not total:
        return Estimate.undefined(f"no text has {N} tokens", n=n)
    kinds, num_kinds = _kinds_of_trigrams(texts)
    owners = np.repeat(np.arange(n), counts)
    value, method = num_kinds / total, "jackknife of texts"
    if (counts > 0).sum() < 2:
        return Estimate(value, None, None, n, None, method, f"interval not estimable: one text with {N} tokens")
    kinds_of_texts, owners = np.divmod(np.unique(kinds * n + owners), n)
    is_of_one_text = np.bincount(kinds_of_texts) == 1
    num_lost = np.bincount(owners, weights=is_of_one_text[kinds_of_texts], minlength=n)
    without = (num_kinds - num_lost) / (total - counts)
    variance = (n - 1) / n * float(((without - without.mean()) ** 2).sum())
    if not variance:
        return Estimate(value, None, None, n, None, method, NO_VARIANCE)
    margin = float(norm.ppf((1 + confidence_level) / 2)) * math.sqrt(variance)
    return Estimate(value, max(0.0, value - margin), min(1.0, value + margin), n, None, method)


def _kinds_of_trigrams(texts: Sequence[NDArray[np.int32]]) -> tuple[NDArray[np.int64], int]:
    """Return which trigram stands at each place of each text, numbered from 0, and how many there are."""
    base = 1 + max(int(text.max(initial=0)) for text in texts)
    wide = [text.astype(np.int64) for text in texts]
    codes = np.concatenate([(text[:-2] * base + text[1:-1]) * base + text[2:] for text in wide if text.size >= N])
    distinct, kinds = np.unique(codes, return_inverse=True)
    return kinds.astype(np.int64), distinct.size


def _mean_distance(group: CaseVectors, rows: NDArray[np.int64]) -> Statistic:
    """Return the mean distance between cases of different patients as a function of weights of all cases."""
    from scipy.spatial.distance import pdist, squareform

    is_pair = (group.patients[:, None] != group.patients[None]).astype(np.float64)
    distances = squareform(pdist(group.vectors)) * is_pair

    def mean(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        own = weights[:, rows]
        # Not a matrix product: BLAS sums in an order that depends on the number of threads.
        sums = [np.einsum("rj,rj->r", np.einsum("ri,ij->rj", own, matrix), own) for matrix in (distances, is_pair)]
        return ratio(sums[0], sums[1])

    return mean
