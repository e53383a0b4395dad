"""Train on synthetic, test on real."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score

from reprodx.metrics.generation.case_vectors import CaseVectors
from reprodx.metrics.generation.classifier import NUM_TREES
from reprodx.metrics.generation.utility import MULTILABEL, train_on_generated


def drawn(num_cases, seed, num_classes=2, shift=1.0):
    rng = np.random.default_rng(seed)
    classes = np.arange(num_cases) % num_classes
    return rng.normal(size=(num_cases, 4)) + shift * np.eye(4)[classes], classes


@pytest.fixture(scope="module")
def tested():
    features, classes = drawn(90, seed=1)
    return CaseVectors(features, np.arange(90)), classes


def test_areas_are_scikit_learns(tested, resamples):
    cases, classes = tested
    generated, train = drawn(80, seed=2), drawn(80, seed=3)
    found = train_on_generated(*generated, *train, cases, classes, num_classes=2, seed=0, bootstrap=resamples)
    areas = []
    for features, labels in (generated, train):
        trees = ExtraTreesClassifier(NUM_TREES, min_samples_leaf=2, random_state=0).fit(features, labels)
        areas.append(roc_auc_score(classes, trees.predict_proba(cases.vectors)[:, 1]))
    assert [found.trained_on_generated.value, found.trained_on_real.value] == pytest.approx(areas)
    assert found.difference.value == pytest.approx(areas[0] - areas[1])
    assert found.difference.ci_low < 0 < found.difference.ci_high
    assert (found.trained_on_real.method, found.trained_on_real.n_events) == ("logit DeLong", 45)


def test_generated_cases_without_their_class_are_useless(tested, resamples):
    features, _ = drawn(80, seed=2)
    random_classes = np.random.default_rng(0).integers(2, size=80)
    found = train_on_generated(
        features, random_classes, *drawn(80, seed=3), *tested, num_classes=2, seed=0, bootstrap=resamples
    )
    assert found.trained_on_generated.ci_low < 0.5
    assert found.difference.ci_high < 0


def test_same_cases_make_no_difference(tested, resamples):
    train = drawn(80, seed=3)
    found = train_on_generated(*train, *train, *tested, num_classes=2, seed=0, bootstrap=resamples)
    assert (found.difference.value, found.difference.ci_low, found.difference.ci_high) == (0, 0, 0)


def test_several_classes_have_the_mean_of_each_against_the_rest(resamples):
    features, classes = drawn(90, seed=4, num_classes=3, shift=2)
    cases = CaseVectors(features, np.arange(90))
    train = drawn(90, seed=5, num_classes=3, shift=2)
    generated = drawn(90, seed=6, num_classes=3, shift=1)
    found = train_on_generated(*generated, *train, cases, classes, num_classes=3, seed=0, bootstrap=resamples)
    trees = ExtraTreesClassifier(NUM_TREES, min_samples_leaf=2, random_state=0).fit(*train)
    expected = roc_auc_score(classes, trees.predict_proba(features), multi_class="ovr")
    assert found.trained_on_real.value == pytest.approx(expected)
    assert found.difference.value == pytest.approx(found.trained_on_generated.value - expected)


def test_patients_with_several_cases_count_once(resamples):
    features, classes = drawn(40, seed=7)
    sides = (*drawn(40, seed=8), *drawn(40, seed=9))
    alone, found = (
        train_on_generated(
            *sides,
            CaseVectors(np.repeat(features, times, axis=0), np.repeat(np.arange(40), times)),
            np.repeat(classes, times),
            num_classes=2,
            seed=0,
            bootstrap=resamples,
        )
        for times in (1, 2)
    )
    assert found.trained_on_real.method.startswith("logit Obuchowski, clustered by patient")
    assert found.difference.method.startswith("paired Obuchowski, clustered by patient")
    for one, other in ((found.trained_on_real, alone.trained_on_real), (found.difference, alone.difference)):
        assert (one.ci_low, one.ci_high) == pytest.approx((other.ci_low, other.ci_high))


def test_missing_class_is_undefined_where_it_is_missing(tested, resamples):
    features, classes = drawn(40, seed=2)
    train = drawn(40, seed=3)
    found = train_on_generated(
        features, np.zeros_like(classes), *train, *tested, num_classes=2, seed=0, bootstrap=resamples
    )
    assert found.trained_on_generated.reason == "1 of 2 classes have no generated case"
    assert found.difference.reason == "1 of 2 classes have no generated case"
    assert found.trained_on_real.value > 0.6
    cases, _ = tested
    found = train_on_generated(*train, *train, cases, np.ones(90, int), num_classes=2, seed=0, bootstrap=resamples)
    assert found.trained_on_real.reason == "1 of 2 classes have no real case to test on"


def test_several_labels_are_undefined(tested, resamples):
    cases, _ = tested
    features, classes = drawn(90, seed=2)
    labels = np.eye(2, dtype=int)[classes]
    found = train_on_generated(
        features, labels, features, labels, cases, labels, num_classes=2, seed=0, bootstrap=resamples
    )
    assert {estimate.reason for estimate in found.estimates().values()} == {MULTILABEL}
    assert list(found.estimates()) == ["tstr_auroc", "trtr_auroc", "tstr_minus_trtr"]
