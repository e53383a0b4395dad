"""The structural components of AUROCs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.structural_components import structural_components
from tests.scored import shares_of_pairs


@given(st.lists(st.integers(0, 6), min_size=1, max_size=12), st.lists(st.integers(0, 6), min_size=1, max_size=12))
def test_components_are_the_shares_of_pairs_won(positives, negatives):
    is_positive = np.repeat([True, False], [len(positives), len(negatives)])
    scores = np.array(positives + negatives, dtype=float)
    found, expected = structural_components(is_positive, scores), shares_of_pairs(is_positive, scores)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-15)
