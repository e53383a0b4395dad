"""The parameter-randomisation check: do attributions change when everything that was learned is taken away?

Source: Adebayo et al., Sanity checks for saliency maps, NeurIPS 2018, sections 3 and 3.1 (rank correlation of absolute
attributions, all layers re-initialised).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.artifacts.explanations import Randomisation
from reprodx.explanation.contributions import rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NUM_NETWORKS = 3
"""Networks with random parameters: one alone can resemble the trained one by chance."""
FEWEST_NUMBERS = 3
"""Of a case, that ranks are compared of."""
LEAST_SHARE = 1e-9
"""Of a network's largest absolute attribution, under which one is none at all."""
NO_PARAMETERS = "an estimator has no parameters that could be drawn anew"
NO_RANKS = "too few attributions differ from each other to be ranked"


def network_seeds(seed: int) -> list[int]:
    """Return a seed for each network with random parameters.

    >>> len(set(network_seeds(0)))
    3
    """
    return [int(number) for number in np.random.SeedSequence(seed).generate_state(NUM_NETWORKS)]


def rank_correlation(trained: NDArray[np.float64], random: Sequence[NDArray[np.float64]]) -> float | None:
    """Return Spearman's correlation of absolute attributions.

    Parts to which no network attributes anything, since they do not differ from the baseline, are left out: they would
    make any two networks alike.

    Args:
        trained: Of one case, shape (numbers,).
        random: Of the same case by each network with random parameters.

    Returns:
        The mean over the networks whose attributions differ from each other; None where there is none, or the trained
        network's do not, or there are fewer than three numbers.

    >>> rank_correlation(np.array([1.0, 2.0, -3.0, 0.0]), [np.array([1.0, -5.0, 9.0, 0.0])])
    1.0
    """
    from scipy.stats import spearmanr

    sizes = np.abs([trained, *random])
    sizes[sizes <= LEAST_SHARE * sizes.max(axis=1, keepdims=True, initial=0.0)] = 0
    sizes = sizes[:, sizes.any(axis=0)]
    if sizes.shape[1] < FEWEST_NUMBERS or np.ptp(sizes[0]) == 0:
        return None
    found = [float(spearmanr(sizes[0], one).statistic) for one in sizes[1:] if np.ptp(one) > 0]
    return rounded(float(np.mean(found))) if found else None


def randomisation(correlations: Sequence[float | None]) -> Randomisation:
    """Sum the cases' rank correlations up.

    Args:
        correlations: As `rank_correlation` returned them.

    Returns:
        Their mean over the cases that have one.
    """
    defined = [correlation for correlation in correlations if correlation is not None]
    if not defined:
        return Randomisation(None, 0, NUM_NETWORKS, NO_RANKS)
    return Randomisation(rounded(float(np.mean(defined))), len(defined), NUM_NETWORKS)
