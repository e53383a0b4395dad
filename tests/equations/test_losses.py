"""Every shipped loss and its slope by each output, against NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.schemas import Task
from tests.equations.numpy_gradients import complex_step
from tests.equations.numpy_layers import sigmoid, softmax
from tests.equations.numpy_losses import (
    binary_cross_entropy,
    binary_cross_entropy_slopes,
    brier,
    cross_entropy,
    cross_entropy_slopes,
    focal,
    proportional_odds,
)
from tests.equations.shipped_networks import assert_equal, read, shipped_loss

SEEDS, CASES, CLASSES = st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 5)


def draw(seed, num_cases, num_outputs):
    random = np.random.default_rng(seed)
    outputs = random.normal(scale=3, size=(num_cases, num_outputs))
    return outputs, random.integers(0, max(2, num_outputs), size=num_cases), random


def assert_loss(loss, outputs, targets, reference, slopes=None):
    """Demand the value and the slope by every output; without slopes these come from a complex step."""
    given_outputs = torch.from_numpy(outputs).requires_grad_()
    found = loss(given_outputs, torch.as_tensor(targets))
    found.backward()
    if slopes is None:
        derivatives = complex_step(lambda at: reference(at["outputs"]), {"outputs": outputs}, most=outputs.size)
        slopes = derivatives["outputs"][1].reshape(outputs.shape)
    assert_equal(found, reference(outputs), "the loss")
    assert_equal(given_outputs.grad, slopes, "the slopes")


@settings(max_examples=12)
@given(seed=SEEDS, num_cases=CASES)
def test_binary_cross_entropy_of_logits(seed, num_cases):
    logits, labels, _ = draw(seed, num_cases, 1)
    labels = labels[:, None]

    assert_loss(
        shipped_loss("cross_entropy", Task.BINARY, 2),
        logits,
        labels[:, 0],
        lambda at: binary_cross_entropy(at, labels),
        binary_cross_entropy_slopes(logits, labels),
    )


@settings(max_examples=12)
@given(seed=SEEDS, num_cases=CASES, num_labels=st.integers(1, 4))
def test_cross_entropy_of_every_label(seed, num_cases, num_labels):
    logits, _, random = draw(seed, num_cases, num_labels)
    labels = random.integers(0, 2, size=logits.shape).astype(float)

    assert_loss(
        shipped_loss("cross_entropy", Task.MULTILABEL, num_labels),
        logits,
        labels,
        lambda at: binary_cross_entropy(at, labels),
        binary_cross_entropy_slopes(logits, labels),
    )


@settings(max_examples=12)
@given(seed=SEEDS, num_cases=CASES, num_classes=CLASSES)
def test_sparse_cross_entropy_of_class_numbers(seed, num_cases, num_classes):
    logits, targets, _ = draw(seed, num_cases, num_classes)
    shares = np.eye(num_classes)[targets]

    assert_loss(
        shipped_loss("cross_entropy", Task.MULTICLASS, num_classes),
        logits,
        targets,
        lambda at: cross_entropy(at, shares),
        cross_entropy_slopes(logits, shares),
    )


@settings(max_examples=12)
@given(seed=SEEDS, num_cases=CASES, num_classes=CLASSES)
def test_categorical_cross_entropy_of_shares(seed, num_cases, num_classes):
    logits, _, random = draw(seed, num_cases, num_classes)
    shares = random.dirichlet(np.ones(num_classes), size=num_cases)

    assert_loss(
        shipped_loss("cross_entropy", Task.MULTICLASS, num_classes),
        logits,
        shares,
        lambda at: cross_entropy(at, shares),
        cross_entropy_slopes(logits, shares),
    )


@settings(max_examples=12)
@given(seed=SEEDS, num_cases=CASES, num_classes=st.integers(3, 5))
def test_class_weights_multiply_each_case_s_own_loss(seed, num_cases, num_classes):
    logits, targets, random = draw(seed, num_cases, num_classes)
    # Weights are kept in single precision, of which eighths are a part.
    weights, shares = random.integers(1, 30, num_classes) / 8, np.eye(num_classes)[targets]

    assert_loss(
        shipped_loss("cross_entropy", Task.MULTICLASS, num_classes, class_weights=weights.tolist()),
        logits,
        targets,
        lambda at: cross_entropy(at, shares, weights),
    )


@settings(max_examples=12)
@given(seed=SEEDS, num_cases=CASES)
def test_the_squared_error_of_two_classes(seed, num_cases):
    logits, labels, _ = draw(seed, num_cases, 1)
    labels, probs = labels[:, None], sigmoid(logits)

    assert_loss(
        shipped_loss("mse", Task.BINARY, 2),
        logits,
        labels[:, 0],
        lambda at: ((sigmoid(at) - labels) ** 2).mean(),
        2 * (probs - labels) * probs * (1 - probs) / num_cases,
    )


@settings(max_examples=12)
@given(seed=SEEDS, num_cases=CASES, num_classes=st.integers(3, 5))
def test_the_squared_error_of_several_classes(seed, num_cases, num_classes):
    logits, targets, _ = draw(seed, num_cases, num_classes)
    probs, shares = softmax(logits), np.eye(num_classes)[targets]
    errors = 2 * (probs - shares)

    assert_loss(
        shipped_loss("mse", Task.MULTICLASS, num_classes),
        logits,
        targets,
        lambda at: brier(at, shares),
        probs * (errors - (errors * probs).sum(1, keepdims=True)) / num_cases,
    )


@settings(max_examples=12)
@given(seed=SEEDS, num_cases=CASES, num_outputs=st.sampled_from([1, 3, 4]))
def test_the_focal_loss(seed, num_cases, num_outputs):
    logits, targets, _ = draw(seed, num_cases, num_outputs)
    shares, gamma = np.eye(max(2, num_outputs))[targets], read("trainer/loss/focal")[1]["gamma"]
    task = Task.BINARY if num_outputs == 1 else Task.MULTICLASS

    assert_loss(shipped_loss("focal", task, max(2, num_outputs)), logits, targets, lambda at: focal(at, shares, gamma))


@settings(max_examples=12)
@given(seed=SEEDS, num_cases=CASES, num_grades=CLASSES)
def test_the_loss_of_proportional_odds(seed, num_cases, num_grades):
    random = np.random.default_rng(seed)
    outputs = random.normal(size=(num_cases, num_grades - 1))
    grades = random.integers(0, num_grades, size=num_cases)

    assert_loss(
        shipped_loss("cumulative_link", Task.ORDINAL, num_grades),
        outputs,
        grades,
        lambda at: proportional_odds(at, grades),
    )


@pytest.mark.parametrize("option", ["cross_entropy", "mse", "focal"])
def test_the_mean_is_taken_over_cases(option):
    outputs, targets, _ = draw(0, 6, 3)
    loss = shipped_loss(option, Task.MULTICLASS, 3)

    def of(rows):
        return loss(torch.from_numpy(outputs[rows]), torch.from_numpy(targets[rows])).item()

    assert of(slice(None)) == pytest.approx(np.mean([of([row]) for row in range(6)]), rel=1e-12)
