"""The share of cases of which something is true, with an interval that knows of patients with several cases."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue.proportions import ACCURACY
from reprodx.metrics.estimation import estimate
from reprodx.metrics.measured import measured
from reprodx.metrics.scored_cases import ScoredCases, renumbered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.settings import ScoreSettings
    from reprodx.schemas import Estimate


def share(is_hit: NDArray[np.bool_], patients: NDArray[np.int64] | None, settings: ScoreSettings) -> Estimate:
    """Return the share of cases of which something is true.

    Args:
        is_hit: Shape (cases,).
        patients: Shape (cases,), a number for each patient; None where every case is a patient of its own.
        settings: How intervals are made.

    Returns:
        The share, with the interval that an accuracy has. Undefined without cases.

    >>> from types import SimpleNamespace
    >>> settings = SimpleNamespace(confidence_level=0.95, proportion_interval="wilson")
    >>> print(share(np.array([True, False]), None, settings).value)
    0.5
    """
    truth, probs = np.zeros(is_hit.size, dtype=np.int64), np.zeros((is_hit.size, 2))
    cases = ScoredCases(truth, probs, renumbered(patients), ("hit", "missed"), calls=(~is_hit).astype(np.int64))
    return dataclasses.replace(estimate(measured(ACCURACY, View.BINARY, [cases], settings), settings), n_events=None)
