"""Adjusted p values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.multiplicity import benjamini_hochberg, holm

P_VALUES = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205]
MAYBE = st.lists(st.none() | st.floats(0, 1), max_size=12)


def test_known_values():
    assert holm(P_VALUES) == pytest.approx([0.008, 0.056, *[0.234] * 6])
    assert benjamini_hochberg(P_VALUES) == pytest.approx(
        [0.008, 0.032, *[0.0672] * 3, 0.08, 0.0845714, 0.205], abs=5e-8
    )


def test_undefined_tests_count_as_none():
    with_gap = [*P_VALUES[:3], None, *P_VALUES[3:]]
    for adjust in (holm, benjamini_hochberg):
        adjusted = adjust(with_gap)
        assert adjusted[3] is None
        assert adjusted[:3] + adjusted[4:] == adjust(P_VALUES)
        assert adjust([None, None]) == (None, None)
        assert adjust([]) == ()


@given(MAYBE)
def test_adjusted_values_are_no_smaller_and_ordered(p_values):
    for raw, screened, claimed in zip(p_values, benjamini_hochberg(p_values), holm(p_values), strict=True):
        if raw is None:
            assert (screened, claimed) == (None, None)
        else:
            assert raw <= screened * (1 + 1e-12)
            assert screened <= claimed * (1 + 1e-12)
            assert claimed <= 1
