"""McNemar's test that two models are right equally often.

Source: McNemar, Psychometrika 1947;12:153; Fagerland, Lydersen & Laake, BMC Med Res Methodol 2013;13:91, for the exact
and the mid-p form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class McNemar:
    """The test in its forms."""

    z: float
    """Its square is McNemar's chi-square without continuity correction."""
    exact_p: float
    """Two-sided, binomial: never rejects more often than its level says."""
    mid_p: float
    """Two-sided: exact p less what the probability of the table itself counts too much; rejects about as often."""


def mcnemar(num_first_alone: int, num_second_alone: int) -> McNemar:
    """Return the test from the cases that one model alone has right; all others say nothing of a difference.

    Args:
        num_first_alone: Cases that the first model alone has right.
        num_second_alone: Cases that the second alone has right.

    Returns:
        z = 0 and p = 1 where there is no such case.

    Source: Fagerland 2013, the exact conditional and the mid-p test.

    >>> test = mcnemar(1, 8)
    >>> round(test.exact_p, 10), round(test.mid_p, 10)
    (0.0390625, 0.021484375)
    """
    from scipy.stats import binom, binomtest

    num_discordant = num_first_alone + num_second_alone
    if not num_discordant:
        return McNemar(0.0, 1.0, 1.0)
    exact_p = float(binomtest(num_first_alone, num_discordant).pvalue)
    of_table = float(binom.pmf(num_first_alone, num_discordant, 0.5))
    # The table in the middle is its own mirror, so that its probability is in the two-sided p once, not twice.
    mid_p = exact_p - (of_table / 2 if num_first_alone == num_second_alone else of_table)
    return McNemar((num_first_alone - num_second_alone) / math.sqrt(num_discordant), exact_p, mid_p)
