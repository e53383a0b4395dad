"""Variables of series that name whose series it is rather than measure anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.preparation.suspicious_features import MIN_CASES_FOR_ID, MIN_DISTINCT_SHARE

if TYPE_CHECKING:
    from reprodx.inputs import Inputs


def find_naming_channels(series: Inputs) -> list[str]:
    """Return the variables that are one whole number throughout each series, and nearly always another in another.

    Args:
        series: As read; steps that cases share count once.

    Returns:
        Their names; none where fewer than `MIN_CASES_FOR_ID` series have the variable, or none has it twice.
    """
    runs = list(series.runs()[0])
    lowest = np.array([np.fmin.reduce(run, axis=0, initial=np.inf) for run in runs])
    highest = np.array([np.fmax.reduce(run, axis=0, initial=-np.inf) for run in runs])
    num_measured = sum((~np.isnan(run)).sum(axis=0) for run in runs)
    found = []
    for place, name in enumerate(series.channels):
        is_there = lowest[:, place] <= highest[:, place]
        values = lowest[is_there, place]
        is_constant = bool((values == highest[is_there, place]).all()) and num_measured[place] > len(values)
        is_enough = len(values) >= MIN_CASES_FOR_ID and len(np.unique(values)) >= MIN_DISTINCT_SHARE * len(values)
        if is_constant and is_enough and (values == np.round(values)).all():
            found.append(name)
    return found
