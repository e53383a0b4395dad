"""What compared cases say of their contenders."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from reprodx.comparison.compared_cases import ComparedCases
from reprodx.comparison.source import Source
from tests.comparisons import thresholds_of


def test_each_contender_is_paired_with_the_reference(make_compared: Callable[..., ComparedCases]) -> None:
    assert make_compared([0, 1], [[[0.1, 0.9]]] * 3).pair_positions == ((1, 0), (2, 0))
    assert make_compared([0, 1], [[[0.1, 0.9]]]).pair_positions == ()


def test_thresholds_are_known_by_their_source(
    make_compared: Callable[..., ComparedCases], make_source: Callable[..., Source]
) -> None:
    cases = make_compared([0, 1], [[[0.1, 0.9], [0.2, 0.8]]])
    one, two = cases.contenders[0].members
    folds = replace(one, sources=(make_source("a"), make_source("b")), thresholds=(0.3, None))
    seed = replace(two, sources=(make_source("c"),), thresholds=(0.4,))
    cases = replace(cases, contenders=(replace(cases.contenders[0], members=(folds, seed)),))
    assert thresholds_of(cases, 0) == {"a": 0.3, "b": None, "c": 0.4}
    np.testing.assert_array_equal(cases.contenders[0].members[0].probs[:, 1], [0.1, 0.9])
