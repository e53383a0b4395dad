"""Metrics of contenders, beside those that a scorecard gives."""

import numpy as np
import pytest

from reprodx.comparison.catalogue import compared_metrics
from reprodx.comparison.statistics.contender_statistics import ContenderStatistics, case_strata, member_statistics
from reprodx.metrics.binary import score_binary
from reprodx.metrics.labelled_cases import LabelledCases
from reprodx.metrics.multiclass import score_multiclass
from reprodx.metrics.multilabel import score_labels
from reprodx.metrics.ordinal import score_ordinal
from reprodx.metrics.referable import referable_cases
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import Task
from tests import settings

RNG = np.random.default_rng(7)
N = 150
CLASSES = ("none", "mild", "moderate", "severe")
ONLY_COMPARED = {"kappa", "net_benefit"}
"""What a binary scorecard does not have."""


@pytest.fixture
def score_settings():
    return settings.score_settings(num_resamples=10, num_null_draws=10)


def values_of(cases, settings):
    names = [metric.name for metric in compared_metrics(cases, settings)]
    values = ContenderStatistics(cases, names, settings, threshold=None).all_cases()[0]
    return dict(zip(names, values, strict=True))


def assert_same(values, scores, but=()):
    assert len(values) > 3
    for name, value in values.items():
        if name not in but:
            assert value == pytest.approx(scores[name].value, abs=1e-9), name


def graded():
    targets = RNG.integers(0, 4, N)
    probs = RNG.dirichlet(np.ones(4), N) * 0.7 + 0.3 * np.eye(4)[targets]
    return targets, probs


def test_binary_values_are_those_of_the_scorecard(make_compared, make_settings, score_settings):
    targets = (RNG.random(N) < 0.4).astype(int)
    probs = np.clip(RNG.normal(0.4, 0.2, N) + 0.2 * targets, 0, 1)
    cases = make_compared(targets, [[probs]], called=[(probs >= 0.45).astype(np.int64)])
    scored = ScoredCases(targets, np.column_stack([1 - probs, probs]), None, cases.classes)
    values = values_of(cases, make_settings())
    assert_same(values, score_binary(scored, 0.45, score_settings), ONLY_COMPARED)


def test_multiclass_values_are_those_of_the_scorecard(make_compared, make_settings, score_settings):
    targets, probs = graded()
    cases = make_compared(
        targets, [[probs]], task=Task.MULTICLASS, classes=CLASSES, called=[probs.argmax(axis=1).astype(np.int64)]
    )
    scores = score_multiclass(ScoredCases(targets, probs, None, CLASSES), score_settings)
    assert_same(values_of(cases, make_settings()), scores, {"kappa"})


def test_ordinal_values_are_those_of_the_scorecard(make_compared, make_settings, score_settings):
    targets, probs = graded()
    scored = ScoredCases(targets, probs, None, CLASSES)
    referable = referable_cases(scored, 2)
    cases = make_compared(
        targets,
        [[probs]],
        task=Task.ORDINAL,
        classes=CLASSES,
        called=[scored.called(None)],
        referable=[referable.called(0.45)],
    )
    binary = score_binary(referable, 0.45, score_settings)
    scores = {
        **score_multiclass(scored, score_settings),
        **score_ordinal(scored, score_settings),
        **{f"{name}_referable": estimate for name, estimate in binary.items()},
    }
    values = values_of(cases, make_settings())
    assert_same(values, scores, {f"{name}_referable" for name in ONLY_COMPARED})


def test_multilabel_values_are_those_of_the_scorecard(make_compared, make_settings, score_settings):
    targets = (RNG.random((N, 3)) < [0.5, 0.3, 0.2]).astype(np.int64)
    probs = RNG.random((N, 3)) * 0.7 + 0.3 * targets
    cases = make_compared(targets, [[probs]], task=Task.MULTILABEL, classes=CLASSES[1:])
    labelled = LabelledCases(targets, probs, None, CLASSES[1:])
    scores = score_labels(labelled, score_settings)
    for index, name in enumerate(CLASSES[1:]):
        scores[f"auroc_{name}"] = score_binary(labelled.about(index), None, score_settings)["auroc"]
    assert_same(values_of(cases, make_settings()), scores)
    assert case_strata(cases).tolist() == labelled.strata.tolist()


def test_a_contender_is_the_mean_of_its_members(make_compared, make_settings):
    targets = RNG.integers(0, 2, N)
    members = [RNG.random(N) for _ in range(3)]
    cases = make_compared(targets, [members, members[:1]])
    statistics = ContenderStatistics(cases, ["brier"], make_settings(), threshold=None)
    scores = np.array([np.mean((probs - targets) ** 2) for probs in members])
    assert statistics.all_cases()[:, 0] == pytest.approx([scores.mean(), scores[0]])
    assert statistics.spreads(0) == (pytest.approx(scores.std(ddof=1)), None)
    weights, shares = np.ones((2, N)), [np.array([[0.5, 0], [0.5, 0], [0, 1]]), np.ones((1, 2))]
    values = statistics.values(weights, shares)
    assert values[0, 0] == pytest.approx([scores[:2].mean(), scores[2]])
    assert (statistics.values(weights, shares, 1) == values[1:]).all()


def test_an_undefined_member_with_no_share_undefines_nothing(make_compared, make_settings):
    targets = np.arange(N) % 2
    cases = make_compared(targets, [[RNG.random(N), np.full(N, 0.5)]])
    statistics = ContenderStatistics(cases, ["calibration_slope"], make_settings(), threshold=None)
    values = statistics.values(np.ones((2, N)), [np.array([[1.0, 0.5], [0.0, 0.5]])])[0, 0]
    assert np.isnan(values).tolist() == [False, True]
    assert statistics.reason(0, 0) == "all probabilities are equal"
    assert statistics.spreads(0) == (None,)


def test_net_benefit_is_taken_at_the_threshold_that_is_given(make_compared):
    cases = make_compared([0, 1, 1, 0], [[[0.3, 0.6, 0.2, 0.1]]])
    (member,) = cases.contenders[0].members
    values = [
        member_statistics(["net_benefit"], cases, member, decision_threshold=threshold, ordinal_cut=2)(np.ones((1, 4)))
        for threshold in (0.25, 0.5)
    ]
    assert [value.item() for value in values] == pytest.approx([(1 - 1 / 3) / 4, 1 / 4])
