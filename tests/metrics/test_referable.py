"""Grades as a yes-or-no question."""

import numpy as np
import pytest

from reprodx.errors import ConfigError
from reprodx.metrics.referable import referable_cases, referable_classes
from reprodx.metrics.scored_cases import ScoredCases


def test_probabilities_of_referable_grades_are_summed(make_graded):
    graded = ScoredCases.of(make_graded(cases_per_patient=3))
    cases = referable_cases(graded, 2)
    assert cases.classes == ("below moderate", "moderate or above")
    np.testing.assert_array_equal(cases.targets, graded.targets >= 2)
    np.testing.assert_allclose(cases.positive_probs, graded.probs[:, 2] + graded.probs[:, 3])
    np.testing.assert_array_equal(cases.patients, graded.patients)


def test_no_probability_exceeds_one():
    probs = np.array([[0.0, 0.1, 0.2, 0.7 + 2e-16]])
    assert probs[0, 1:].sum() > 1
    assert referable_cases(ScoredCases(np.array([3]), probs, None, tuple("abcd")), 1).positive_probs[0] == 1


@pytest.mark.parametrize("cut", [0, 3, -1])
def test_a_cut_needs_a_grade_on_both_sides(cut):
    assert referable_classes(("a", "b", "c"), 2) == ("below c", "c")
    with pytest.raises(ConfigError, match=rf"evaluation\.ordinal_cut: {cut} .*from 1 to 2"):
        referable_classes(("a", "b", "c"), cut)
