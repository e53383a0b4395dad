"""A metric of one model or of the mean of its runs, and what each patient contributes."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from reprodx.metrics.asked import View
from reprodx.metrics.estimation import difference, estimate
from reprodx.metrics.measured import sampling_variance
from reprodx.metrics.undefined import TOO_FEW_CLUSTERS
from tests.scored import again, asked, drawn, of, scored, table, width
from tests.settings import score_settings

SETTINGS = score_settings(prevalence=0.2)


def test_several_members_stand_for_their_mean_and_what_they_differ_by_is_added():
    members = [drawn(View.BINARY, seed=3), *again(View.BINARY, 3)[1:]]
    members.append(dataclasses.replace(members[0], probs=members[0].probs[:, ::-1] * 0.2 + members[0].probs * 0.8))
    one = of("brier", *members)
    values = [scored("brier", cases).value for cases in members]
    assert one.value == pytest.approx(np.mean(values))
    assert one.spread == pytest.approx(np.std(values, ddof=1))
    assert one.between == pytest.approx(np.var(values, ddof=1) / 3)
    assert of("brier", members[0]).spread is None
    errors = np.mean([cases.errors for cases in members], axis=0)
    sampling, _ = sampling_variance(one)
    assert sampling == pytest.approx(errors.var(ddof=1) / 60)
    found = difference(one, of("brier", members[1]), SETTINGS)
    assert found.between == pytest.approx(one.between)
    paired = (errors - members[1].errors).var(ddof=1) / 60
    assert found.standard_error**2 == pytest.approx(paired + one.between)
    # Cochran and Cox: the quantile of each part, weighted; 60 patients are many, three members few.
    quantile = (paired * norm.ppf(0.975) + one.between * student.ppf(0.975, 2)) / (paired + one.between)
    assert width(found.estimate) == pytest.approx(2 * quantile * found.standard_error)
    assert student.ppf(0.975, found.degrees_of_freedom) == pytest.approx(quantile)
    assert "t on" in found.estimate.method
    assert "means of 3 and 1 repetitions" in found.estimate.method


def test_members_of_whom_one_is_undefined_have_no_mean():
    cases = drawn(View.BINARY)
    found = estimate(of("f1", cases, cases.called_at(None)), SETTINGS)
    assert (found.value, found.reason) == (None, "no threshold was chosen")
    assert difference(of("f1", cases), of("f1", cases.called_at(None)), SETTINGS).estimate.reason == found.reason


def test_one_patient_of_a_class_leaves_no_variance_of_what_conditions_on_it():
    lone = asked([1, 0, 0, 0], [0.6, 0.2, 0.7, 0.4])
    assert scored("auroc", lone).reason == TOO_FEW_CLUSTERS
    assert np.isnan(sampling_variance(of("auroc", lone))[0])
    assert scored("brier", lone).ci_low is not None
    assert scored("sensitivity", table(0, 1, 3, 5, twice=True)).ci_low is not None
