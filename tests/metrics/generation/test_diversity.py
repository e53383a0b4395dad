"""Diversity of generated cases and texts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from reprodx.metrics.generation.case_vectors import CaseVectors
from reprodx.metrics.generation.diversity import distinct_trigrams, diversity


def of_one_class(generated, real, bootstrap):
    zeros = np.zeros(len(generated), int), np.zeros(len(real.vectors), int)
    return diversity(generated, zeros[0], real, zeros[1], seed=0, bootstrap=bootstrap)


def test_is_the_ratio_of_scipys_mean_distances(make_real, resamples):
    real, generated = make_real(40, seed=1), make_real(30, seed=2).vectors * 0.7
    found = of_one_class(generated, real, resamples)
    assert found.value == pytest.approx(pdist(generated).mean() / pdist(real.vectors).mean())
    assert found.ci_low < found.value < found.ci_high < 1
    assert found.n == 70


def test_as_diverse_as_real_cases_is_one(make_real, resamples):
    found = of_one_class(make_real(60, seed=1).vectors, make_real(60, seed=2), resamples)
    assert found.ci_low < 1 < found.ci_high


def test_equal_cases_have_none(make_real, resamples):
    found = of_one_class(np.ones((20, 20)), make_real(30, seed=1), resamples)
    assert (found.value, found.reason) == (0, "interval not estimable: resamples do not differ")


def test_collapse_within_classes_is_seen_where_classes_differ(make_real, resamples):
    """Two kinds of cases, each equal: as diverse as anything where classes are mixed, and not at all within."""
    real = make_real(40, seed=1)
    classes = np.arange(40) % 2
    generated = np.where(classes[:, None] == 0, -1.0, 1.0) * np.ones(20)
    assert of_one_class(generated, real, resamples).value > 1
    assert diversity(generated, classes, real, classes, seed=0, bootstrap=resamples).value == 0


def test_classes_count_alike(make_real, resamples):
    real = make_real(60, seed=1)
    classes = np.repeat([0, 1], [45, 15])
    generated = real.vectors * np.where(classes[:, None] == 0, 1.0, 0.5)
    found = diversity(generated, classes, real, classes, seed=0, bootstrap=resamples)
    assert found.value == pytest.approx((1 + 0.5) / 2)


def test_pairs_of_cases_of_one_patient_do_not_count(make_real, resamples):
    """His own cases are ten times nearer to each other, and would make generated cases look diverse."""
    once = make_real(20, seed=1)
    twice = CaseVectors(np.repeat(once.vectors, 2, axis=0), np.repeat(once.patients, 2))
    generated = make_real(20, seed=2).vectors
    assert of_one_class(generated, twice, resamples).value == pytest.approx(
        of_one_class(generated, once, resamples).value
    )


def test_classes_that_were_not_generated_do_not_count(make_real, resamples):
    real = make_real(40, seed=1)
    found = diversity(real.vectors[:20], np.ones(20, int), real, np.repeat([1, 0], 20), seed=0, bootstrap=resamples)
    assert found.value == pytest.approx(1)


def test_few_cases_are_undefined(make_real, resamples):
    found = of_one_class(make_real(4, seed=1).vectors, make_real(30, seed=2), resamples)
    assert found.reason == "a class has 4 generated or real cases; 5 are needed"
    empty = of_one_class(np.empty((0, 20)), make_real(30, seed=2), resamples)
    assert empty.value is None


def test_equal_real_cases_are_undefined(make_real, resamples):
    real = CaseVectors(np.ones((20, 20)), np.arange(20))
    assert of_one_class(make_real(20, seed=1).vectors, real, resamples).reason == "all real cases of a class are equal"


TEXTS = st.lists(st.lists(st.integers(0, 3), max_size=9), max_size=5)


@given(TEXTS)
def test_distinct_trigrams_are_pythons(texts):
    found = distinct_trigrams([np.array(text, np.int32) for text in texts], confidence_level=0.9)
    trigrams = [tuple(text[place : place + 3]) for text in texts for place in range(len(text) - 2)]
    if not trigrams:
        assert found.reason == "no text has 3 tokens"
        return
    assert found.value == pytest.approx(len(set(trigrams)) / len(trigrams))
    if found.reason is None:
        assert found.ci_low < found.value < found.ci_high or found.value == 1


def test_jackknife_is_by_leaving_out(resamples):
    rng = np.random.default_rng(0)
    texts = [rng.integers(4, size=20).astype(np.int32) for _ in range(10)]
    found = distinct_trigrams(texts, confidence_level=0.95)
    without = [
        distinct_trigrams(texts[:left_out] + texts[left_out + 1 :], confidence_level=0.95).value
        for left_out in range(10)
    ]
    se = np.sqrt(9 / 10 * np.sum((without - np.mean(without)) ** 2))
    assert found.ci_high - found.value == pytest.approx(1.959964 * se, rel=1e-5)


def test_one_text_has_no_interval():
    found = distinct_trigrams([np.arange(9, dtype=np.int32), np.array([1], np.int32)], confidence_level=0.95)
    assert (found.value, found.reason) == (1, "interval not estimable: one text with 3 tokens")
