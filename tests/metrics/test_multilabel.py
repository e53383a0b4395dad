"""Metrics of all labels together, against scikit-learn."""

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from reprodx.metrics.labelled_cases import LabelledCases
from reprodx.metrics.multilabel import score_labels


@pytest.fixture
def cases(make_labelled):
    return LabelledCases.of(make_labelled())


def repeated(cases, times):
    patients = np.tile(np.arange(len(cases.targets)), times)
    targets, probs = (np.tile(values, (times, 1)) for values in (cases.targets, cases.probs))
    return LabelledCases(targets, probs, patients, cases.labels)


def test_every_number_is_scikit_learns(cases, settings):
    scores = score_labels(cases, settings)
    targets, probs = cases.targets, cases.probs
    assert scores["auroc"] == scores["auroc_macro"]
    assert scores["auroc"].value == pytest.approx(roc_auc_score(targets, probs, average="macro"))
    assert scores["auroc_micro"].value == pytest.approx(roc_auc_score(targets, probs, average="micro"))
    expected = average_precision_score(targets, probs, average="macro")
    assert scores["average_precision_macro"].value == pytest.approx(expected)
    briers = [brier_score_loss(targets[:, index], probs[:, index]) for index in range(3)]
    assert scores["brier"].value == pytest.approx(np.mean(briers))
    assert all(estimate.ci_low < estimate.value < estimate.ci_high for estimate in scores.values())
    assert {estimate.n for estimate in scores.values()} == {240}


def test_the_intervals_are_those_of_resampled_cases(cases, settings):
    scores = score_labels(cases, dataclasses.replace(settings, num_resamples=2000))
    rng = np.random.default_rng(1)
    resampled = {"macro": [], "micro": []}
    for _ in range(500):
        members = [np.flatnonzero(cases.strata == stratum) for stratum in np.unique(cases.strata)]
        rows = np.concatenate([rng.choice(member, member.size) for member in members])
        for average, values in resampled.items():
            values.append(roc_auc_score(cases.targets[rows], cases.probs[rows], average=average))
    low, high = np.quantile(resampled["macro"], [0.025, 0.975])
    assert scores["auroc_macro"].ci_low == pytest.approx(low, abs=0.006)
    assert scores["auroc_macro"].ci_high == pytest.approx(high, abs=0.006)
    width = scores["auroc_micro"].ci_high - scores["auroc_micro"].ci_low
    assert width == pytest.approx(2 * 1.96 * np.std(resampled["micro"]), rel=0.1)


def test_repeated_cases_of_a_patient_say_no_more(cases, settings):
    many = dataclasses.replace(settings, num_resamples=2000)
    alone, clustered = score_labels(cases, many), score_labels(repeated(cases, 4), many)
    for name, estimate in alone.items():
        assert clustered[name].value == pytest.approx(estimate.value)
        width = clustered[name].ci_high - clustered[name].ci_low
        assert width == pytest.approx(estimate.ci_high - estimate.ci_low, rel=0.1)
        assert "patient" in clustered[name].method


def test_the_order_of_labels_and_cases_does_not_matter(cases, settings):
    turned = LabelledCases(cases.targets[::-1, ::-1], cases.probs[::-1, ::-1], None, cases.labels[::-1])
    for name, estimate in score_labels(turned, settings).items():
        assert estimate.value == pytest.approx(score_labels(cases, settings)[name].value)


def test_one_label_is_itself_the_mean(cases, settings):
    one = LabelledCases(cases.targets[:, :1], cases.probs[:, :1], None, cases.labels[:1])
    scores = score_labels(one, settings)
    assert scores["auroc_macro"].value == pytest.approx(scores["auroc_micro"].value)


def test_a_label_without_cases_leaves_no_mean(cases, settings):
    targets = cases.targets.copy()
    targets[:, 1] = 0
    scores = score_labels(LabelledCases(targets, cases.probs, None, cases.labels), settings)
    reason = "label 'cyst': one class only: no positive case"
    assert scores["auroc"].reason == scores["average_precision_macro"].reason == reason
    assert scores["auroc"].value is None
    assert scores["auroc_micro"].value == pytest.approx(roc_auc_score(targets, cases.probs, average="micro"))


def test_no_case_has_no_number(settings):
    empty = LabelledCases(np.zeros((0, 2), dtype=np.int64), np.zeros((0, 2)), None, ("a", "b"))
    assert all("no case" in estimate.reason for estimate in score_labels(empty, settings).values())
