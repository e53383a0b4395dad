"""Which models are one for a metric."""

import numpy as np
import pytest

from reprodx.metrics.alike import answer_alike
from reprodx.metrics.asked import View
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.measured import measured
from tests.scored import asked
from tests.settings import score_settings

SETTINGS = score_settings()
IS_POSITIVE = np.array([0, 1, 0, 1, 1])
PROBS = np.array([0.1, 0.4, 0.3, 0.8, 0.9])
OTHERS = np.array([0.2, 0.7, 0.1, 0.6, 0.9])


def alike(name, first, second, thresholds=(0.5, 0.5)):
    """Each side a list of its members' probabilities."""
    sides = (
        [asked(IS_POSITIVE, said, threshold=at) for said in members]
        for members, at in zip((first, second), thresholds, strict=True)
    )
    return answer_alike(*(measured(metric_of(name), View.BINARY, side, SETTINGS) for side in sides))


@pytest.mark.parametrize(("name", "is_alike"), [("auroc", True), ("brier", False), ("accuracy", False)])
def test_where_ranks_decide_ranks_are_enough(name, is_alike):
    assert alike(name, [PROBS], [PROBS**2]) == is_alike
    assert alike(name, [PROBS], [PROBS])
    assert not alike(name, [PROBS], [OTHERS])


def test_other_calls_are_another_model_and_ranks_know_none():
    assert not alike("accuracy", [PROBS], [PROBS], (0.5, 0.35))
    assert alike("auroc", [PROBS], [PROBS], (0.5, 0.35))


def test_members_are_matched_in_any_order_and_each_once():
    assert alike("brier", [PROBS, OTHERS], [OTHERS, PROBS])
    assert not alike("brier", [PROBS, PROBS], [PROBS, OTHERS])
    assert not alike("brier", [PROBS], [PROBS, PROBS])
