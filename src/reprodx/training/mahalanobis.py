"""How far a case lies from the training cases, in units that a reader understands: those of the validation cases.

Source: Mahalanobis, Proc Natl Inst Sci India 1936;2:49; Ledoit & Wolf, J Multivar Anal 2004;88:365 (a covariance that
can be inverted whatever the number of cases); Jackson & Mudholkar, Technometrics 1979;21:341 (what principal
components leave); Lee et al., NeurIPS 2018 (the distance as a sign that a case is foreign).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.schemas import SCORED_SPLITS, SPLIT, TRAIN, VAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sklearn.decomposition import PCA

    from reprodx.artifacts.prepared import PreparedCases

MAX_COMPONENTS = 64
"""Principal components that stand for more features than these."""
MAX_FITTED = 20_000
"""Training cases that are fitted on, evenly spaced among all: a mean and a covariance take no more."""
BLOCK = 10_000
"""Cases whose distance is computed at a time."""
DIGITS = 9
"""Significant digits of a distance: equal cases have equal ones, whatever order their features were summed in."""
UNKNOWN = 0.5
"""The score of every case where nothing is nearer than anything else."""


def novelty_scores(prepared: PreparedCases, splits: Sequence[str] = SCORED_SPLITS) -> NDArray[np.float64]:
    """Return the share of validation cases that lie nearer to the training cases than a case does.

    The distance is Mahalanobis', with a shrunken covariance, in the features of a table or the summary features of
    pictures, signals, series and texts (the most telling terms); of more than `MAX_COMPONENTS` features in their
    principal components and the length of what these leave. Equal distances count half, and a validation case is not
    compared with itself.

    Args:
        prepared: All cases. The training cases alone decide what is near.
        splits: Whose cases are scored; validation among them.

    Returns:
        Shape (scored cases,), in [0, 1], in the order of these cases among all. 0.99 means farther
        than 99% of the validation cases. 0.5 for all where the training cases do not vary or there is no validation
        case.
    """
    values, _ = prepared.model_inputs.arrays(takes_summary=True)
    distances = _distances(values, prepared.rows(TRAIN))
    is_scored = prepared.cases[SPLIT].is_in(splits).to_numpy()
    is_val = (prepared.cases[SPLIT] == VAL).to_numpy()[is_scored]
    return _shares_nearer(distances[is_scored], is_val)


def _distances(values: NDArray[np.float32], train: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the squared distance of each case, shape (cases,); 0 for all where the training cases do not vary."""
    from sklearn.covariance import LedoitWolf
    from sklearn.decomposition import PCA

    step = -(-train.size // MAX_FITTED) or 1
    fitted = values[train[::step]].astype(np.float64)
    if not fitted.size or not np.ptp(fitted, axis=0).any():
        return np.zeros(len(values))
    pca = None
    if fitted.shape[1] > MAX_COMPONENTS:
        # Neither random nor dependent on how many cases there are, as the other solvers are.
        num_components = min(MAX_COMPONENTS, *fitted.shape)
        pca = PCA(num_components, svd_solver="covariance_eigh").fit(fitted)
    covariance = LedoitWolf().fit(_reduced(fitted, pca))
    blocks = (values[start : start + BLOCK].astype(np.float64) for start in range(0, len(values), BLOCK))
    return _rounded(np.concatenate([covariance.mahalanobis(_reduced(block, pca)) for block in blocks]))


def _reduced(values: NDArray[np.float64], pca: PCA | None) -> NDArray[np.float64]:
    """Return principal components and the length of what they leave, in which a case may be strange too."""
    if pca is None:
        return values
    components = pca.transform(values)
    left = np.square(values - pca.mean_).sum(axis=1) - np.square(components).sum(axis=1)
    return np.column_stack([components, np.sqrt(np.maximum(left, 0))])


def _rounded(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return distances to `DIGITS` significant digits."""
    # Never below 0, which rounding errors of a distance of 0 may be.
    positive = np.maximum(distances, np.finfo(np.float64).tiny)
    unit = 10.0 ** (np.floor(np.log10(positive)) - DIGITS + 1)
    return np.asarray(np.round(positive / unit) * unit, dtype=np.float64)


def _shares_nearer(distances: NDArray[np.float64], is_val: NDArray[np.bool_]) -> NDArray[np.float64]:
    from scipy.stats import rankdata

    val = np.sort(distances[is_val])
    shares = np.full(distances.size, UNKNOWN)
    if val.size > 1:
        shares[is_val] = (rankdata(distances[is_val]) - 1) / (val.size - 1)
    if val.size:
        foreign = distances[~is_val]
        nearer = np.searchsorted(val, foreign, side="left") + np.searchsorted(val, foreign, side="right")
        shares[~is_val] = nearer / (2 * val.size)
    return shares
