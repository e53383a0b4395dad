"""Summaries that give each class the same say: F1, macro F1, balanced accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.undefined import absent_classes, ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.confusion import ConfusionTable


def f1(table: ConfusionTable) -> Estimate:
    """Return the harmonic mean of sensitivity and positive predictive value of a 2x2 table.

    Args:
        table: Of two classes, the negative one first.

    Returns:
        In [0, 1]; undefined where no case is positive and none is predicted so.

    Source: van Rijsbergen, Information Retrieval, 2nd ed. 1979, chapter 7, with equal weights.
    """
    n, n_events = int(table.counts.sum()), int(table.counts[1].sum())
    if not n_events + int(table.counts[0, 1]):
        return Estimate.undefined("no case is positive or predicted positive", n=n, n_events=n_events)
    return table.estimate(lambda tables: _f1_by_class(tables)[:, 1], n=n, n_events=n_events)


def f1_macro(table: ConfusionTable) -> Estimate:
    """Return the mean F1 of the classes, each against the rest.

    Args:
        table: Of two classes or more.

    Returns:
        In [0, 1]; undefined where a class has no case.
    """
    if reason := absent_classes(table.counts.sum(axis=1)):
        return Estimate.undefined(reason, n=int(table.counts.sum()))
    return table.estimate(lambda tables: _f1_by_class(tables).mean(axis=1), n=int(table.counts.sum()), n_events=None)


def balanced_accuracy(table: ConfusionTable) -> Estimate:
    """Return the mean over classes of the share of cases that are recognised; in a 2x2 table (J + 1) / 2.

    Args:
        table: Of two classes or more.

    Returns:
        In [0, 1]; undefined where a class has no case.

    Source: Brodersen et al, ICPR 2010, equation 6.
    """
    n = int(table.counts.sum())
    n_events = int(table.counts[1].sum()) if len(table.counts) == 2 else None
    if reason := absent_classes(table.counts.sum(axis=1)):
        return Estimate.undefined(reason, n=n, n_events=n_events)
    return table.estimate(lambda tables: _recalls(tables).mean(axis=1), n=n, n_events=n_events)


def _f1_by_class(tables: NDArray[np.int64]) -> NDArray[np.float64]:
    hits = np.diagonal(tables, axis1=1, axis2=2)
    return ratio(2 * hits, tables.sum(axis=1) + tables.sum(axis=2))


def _recalls(tables: NDArray[np.int64]) -> NDArray[np.float64]:
    return ratio(np.diagonal(tables, axis1=1, axis2=2), tables.sum(axis=2))
