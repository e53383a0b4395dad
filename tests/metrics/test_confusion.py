"""Tables of true against predicted classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, multilabel_confusion_matrix

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.scored_cases import ScoredCases

FEW = Bootstrap(30, 0, 0.95)
CASES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 5)), min_size=1, max_size=30)


def table_of(cases, bootstrap=FEW, *, is_clustered=True):
    targets, called, patients = (np.array(column) for column in zip(*cases, strict=True))
    _, patients = np.unique(patients, return_inverse=True)
    cases = ScoredCases(targets, np.eye(3)[called], patients if is_clustered else None, ("a", "b", "c"))
    return ConfusionTable.of(cases, None, bootstrap)


@given(CASES)
def test_counts_are_scikit_learns(cases):
    targets, called, _ = zip(*cases, strict=True)
    table = table_of(cases)
    assert table.counts.tolist() == confusion_matrix(targets, called, labels=[0, 1, 2]).tolist()
    expected = multilabel_confusion_matrix(targets, called, labels=[0, 1, 2])
    for index in range(3):
        assert table.one_vs_rest(index).counts.tolist() == expected[index].tolist()


@given(CASES)
def test_independent_resamples_have_each_class_in_its_number(cases):
    table = table_of(cases, is_clustered=False)
    assert (table.resamples.sum(axis=2) == table.counts.sum(axis=1)).all()
    assert table.resamples.shape == (30, 3, 3)


def test_resampled_patients_bring_all_their_cases():
    cases = [(0, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 1), (0, 0, 1)]
    resamples = {tuple(row) for row in table_of(cases).resamples[:, 0, :2].tolist()}
    assert resamples == {(2, 2), (4, 1), (6, 0)}


def test_patterns_are_drawn_as_often_as_patients_one_by_one():
    rng = np.random.default_rng(0)
    patients = rng.integers(0, 40, size=150)
    cases = list(zip(rng.integers(0, 3, size=150), rng.integers(0, 3, size=150), patients, strict=True))
    table = table_of(cases, Bootstrap(4000, 0, 0.95))

    targets, called, patients = (np.array(column) for column in zip(*cases, strict=True))
    names = np.unique(patients)
    tops = np.array([targets[patients == name].max() for name in names])
    naive = []
    for _ in range(600):
        drawn = np.concatenate([rng.choice(names[tops == top], (tops == top).sum()) for top in range(3)])
        rows = np.concatenate([np.flatnonzero(patients == name) for name in drawn])
        naive.append(confusion_matrix(targets[rows], called[rows], labels=[0, 1, 2]))
    np.testing.assert_allclose(table.resamples.mean(axis=0), np.mean(naive, axis=0), rtol=0.06)
    np.testing.assert_allclose(table.resamples.std(axis=0), np.std(naive, axis=0), rtol=0.1)


def test_estimate_reads_counts_and_resamples():
    table = table_of([(0, 0, 0), (0, 1, 1), (0, 0, 2), (1, 1, 3)] * 5, is_clustered=False)
    estimate = table.estimate(lambda tables: tables[:, 0, 0] / tables[:, 0].sum(axis=1), n=15, n_events=None)
    assert estimate.value == pytest.approx(2 / 3)
    assert estimate.ci_low < estimate.value < estimate.ci_high
