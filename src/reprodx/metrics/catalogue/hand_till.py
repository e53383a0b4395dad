"""Hand and Till's M: the mean AUROC over ordered pairs of classes, which no class's frequency changes.

Source: Hand & Till, Mach Learn 2001;45:171, equation 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.catalogue.auroc import WeightedAuroc
from reprodx.metrics.metric import CLASSES, HIGHER, Metric, Need, Scale
from reprodx.metrics.statistic import Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings


class _Pairwise:
    """A(one | other): the AUROC of one class against another, by the probability of the one."""

    def __init__(self, cases: ScoredCases, one: int, other: int) -> None:
        self.num_cases = cases.num_cases
        self._rows = np.flatnonzero((cases.targets == one) | (cases.targets == other))
        self._area = WeightedAuroc(cases.targets[self._rows] == one, cases.probs[self._rows, one])

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._area(weights[:, self._rows])

    def influence(self) -> NDArray[np.float64]:
        influence = np.zeros(self.num_cases)
        influence[self._rows] = self._area.influence()
        return influence


def _hand_till(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    places = range(len(cases.classes))
    pairs = [_Pairwise(cases, one, other) for one in places for other in places if one != other]
    return Statistic.mean_of(pairs, n=cases.num_cases)


METRICS = (
    Metric(
        name="hand_till",
        label="Hand and Till's M",
        place=150,
        views=dict.fromkeys(CLASSES, _hand_till),
        better=HIGHER,
        needs=frozenset({Need.CLASSES}),
        hint="0.5 is chance",
        chance=0.5,
        scale=Scale.LOGIT,
        is_by_rank=True,
        few=10,
        doubtful=30,
    ),
)
