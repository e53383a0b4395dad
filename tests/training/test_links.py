"""From outputs to probabilities, against scipy and the definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, softmax

from reprodx.schemas import Task
from reprodx.training.links import Link, class_logits, num_outputs, probabilities

OUTPUTS = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-6, 6))


@given(OUTPUTS)
def test_grades_have_the_probabilities_of_proportional_odds(outputs):
    beyond = outputs.copy()
    for column in range(1, outputs.shape[1]):
        beyond[:, column] = beyond[:, column - 1] - np.log1p(np.exp(outputs[:, column]))
    # P(y > k) for k from -1 to the last grade.
    survival = np.column_stack([np.ones(len(outputs)), expit(beyond), np.zeros(len(outputs))])

    found = probabilities(class_logits(Link.CUMULATIVE, outputs), Task.ORDINAL)

    np.testing.assert_allclose(found, -np.diff(survival, axis=1), rtol=1e-6, atol=1e-12)


@given(arrays(np.float64, (3, 4), elements=st.floats(-1e4, 1e4)))
def test_grades_are_log_probabilities_however_sure_the_network_is(outputs):
    logits = class_logits(Link.CUMULATIVE, outputs)

    assert np.isfinite(logits).all()
    np.testing.assert_allclose(np.exp(logits).sum(axis=1), 1, rtol=1e-9)


def test_a_higher_first_output_moves_cases_to_higher_grades():
    outputs = np.array([[-2.0, 0.3, 1.0], [0.0, 0.3, 1.0], [2.0, 0.3, 1.0]])

    probs = probabilities(class_logits(Link.CUMULATIVE, outputs), Task.ORDINAL)

    beyond = probs[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    assert (np.diff(beyond, axis=0) > 0).all()


def test_two_grades_are_told_as_two_classes_are():
    outputs = np.array([[-3.0], [0.2]])

    grades = probabilities(class_logits(Link.CUMULATIVE, outputs), Task.ORDINAL)

    np.testing.assert_allclose(grades, probabilities(class_logits(Link.SOFTMAX, outputs), Task.BINARY))


def test_softmax_and_sigmoid_are_scipys():
    outputs = np.random.default_rng(0).normal(size=(5, 3))

    several = probabilities(class_logits(Link.SOFTMAX, outputs), Task.MULTICLASS)
    labels = probabilities(class_logits(Link.SIGMOID, outputs), Task.MULTILABEL)
    one_label = probabilities(class_logits(Link.SIGMOID, outputs[:, :1]), Task.MULTILABEL)
    two = probabilities(class_logits(Link.SOFTMAX, outputs[:, :1]), Task.BINARY)

    np.testing.assert_allclose(several, softmax(outputs, axis=1))
    np.testing.assert_allclose(labels, expit(outputs))
    np.testing.assert_allclose(one_label, expit(outputs[:, :1]))
    np.testing.assert_allclose(two[:, 1], expit(outputs[:, 0]))


def test_probabilities_are_float64_so_that_they_do_not_tie():
    logits = np.array([[0.0, 18.0], [0.0, 18.5]], dtype=np.float32)

    probs = probabilities(logits, Task.BINARY)

    assert probs.dtype == np.float64
    assert probs[0, 1] < probs[1, 1] < 1


@pytest.mark.parametrize(
    ("link", "num_classes", "expected"),
    [(Link.SOFTMAX, 2, 1), (Link.SOFTMAX, 3, 3), (Link.SIGMOID, 1, 1), (Link.SIGMOID, 7, 7), (Link.CUMULATIVE, 5, 4)],
)
def test_each_link_needs_its_outputs(link, num_classes, expected):
    assert num_outputs(link, num_classes) == expected
    assert class_logits(link, np.zeros((2, expected))).shape == (2, num_classes)
