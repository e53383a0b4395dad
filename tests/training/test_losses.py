"""Losses against scikit-learn, scipy and their papers."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, softmax
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.utils.class_weight import compute_class_weight

from reprodx.errors import ConfigError
from reprodx.models.mlp import MLP
from reprodx.schemas import Task
from reprodx.training.links import Link, class_logits
from reprodx.training.losses import (
    CrossEntropy,
    CumulativeLink,
    Focal,
    MeanSquaredError,
    class_log_probs,
    weight_penalty,
)

LOSSES = (CrossEntropy, Focal, MeanSquaredError)


def make(loss_class, class_counts, class_weights=None, task=None, num_cases=None, **settings):
    task = task or (Task.BINARY if len(class_counts) == 2 else Task.MULTICLASS)
    if loss_class is Focal:
        settings.setdefault("gamma", 1.5)
    return loss_class(
        task=task,
        class_counts=class_counts,
        num_cases=num_cases or sum(class_counts),
        class_weights=class_weights,
        **settings,
    )


def cases(num_outputs: int, seed: int = 0):
    random = np.random.default_rng(seed)
    logits = random.normal(scale=3, size=(50, num_outputs))
    targets = random.integers(0, max(2, num_outputs), size=50)
    return torch.from_numpy(logits), torch.from_numpy(targets)


def probabilities(logits: torch.Tensor) -> np.ndarray:
    if logits.shape[1] == 1:
        return np.column_stack([expit(-logits.numpy()[:, 0]), expit(logits.numpy()[:, 0])])
    return softmax(logits.numpy(), axis=1)


def counts(targets: torch.Tensor) -> list[int]:
    return np.bincount(targets.numpy()).tolist()


@pytest.mark.parametrize("num_outputs", [1, 3])
def test_cross_entropy_is_the_log_loss(num_outputs):
    logits, targets = cases(num_outputs)

    loss = make(CrossEntropy, counts(targets))(logits, targets)

    assert loss.item() == pytest.approx(log_loss(targets.numpy(), probabilities(logits)), rel=1e-12)


@pytest.mark.parametrize("num_outputs", [1, 3])
@pytest.mark.parametrize("loss_class", LOSSES)
def test_balanced_weights_multiply_each_case(loss_class, num_outputs):
    logits, targets = cases(num_outputs)
    weights = compute_class_weight("balanced", classes=np.unique(targets.numpy()), y=targets.numpy())
    alone = make(loss_class, counts(targets))
    single = [alone(logits[row : row + 1], targets[row : row + 1]).item() for row in range(len(targets))]

    loss = make(loss_class, counts(targets), "balanced")(logits, targets)

    assert loss.item() == pytest.approx(np.mean(weights[targets.numpy()] * single), rel=1e-6)
    assert loss.item() == pytest.approx(
        make(loss_class, counts(targets), weights.tolist())(logits, targets).item(), rel=1e-6
    )


def test_focal_is_equation_4_of_its_paper():
    logits, targets = cases(1)
    prob = probabilities(logits)[np.arange(50), targets.numpy()]

    loss = make(Focal, counts(targets), gamma=2.0)(logits, targets)

    assert loss.item() == pytest.approx(np.mean(-((1 - prob) ** 2) * np.log(prob)), rel=1e-12)


@given(seed=st.integers(0, 1000), num_outputs=st.sampled_from([1, 2, 4]))
def test_focal_without_focus_is_cross_entropy(seed, num_outputs):
    logits, targets = cases(num_outputs, seed)
    class_counts = [1] * max(2, num_outputs)

    focal = make(Focal, class_counts, gamma=0.0)(logits, targets)
    entropy = make(CrossEntropy, class_counts)(logits, targets)

    assert focal.item() == pytest.approx(entropy.item(), rel=1e-12)


@given(value=st.floats(-1e4, 1e4), gamma=st.floats(0, 5), label=st.integers(0, 1))
def test_focal_has_a_finite_gradient_however_sure_the_network_is(value, gamma, label):
    logits = torch.tensor([[value]], requires_grad=True)

    make(Focal, [1, 1], gamma=gamma)(logits, torch.tensor([label])).backward()

    assert torch.isfinite(logits.grad).all()


def test_mean_squared_error_is_the_brier_score():
    binary_logits, binary_targets = cases(1)
    logits, targets = cases(3)

    binary = make(MeanSquaredError, [1, 1])(binary_logits, binary_targets)
    several = make(MeanSquaredError, [1, 1, 1])(logits, targets)

    positive = probabilities(binary_logits)[:, 1]
    assert binary.item() == pytest.approx(brier_score_loss(binary_targets.numpy(), positive), rel=1e-12)
    truth = np.eye(3)[targets.numpy()]
    assert several.item() == pytest.approx(((probabilities(logits) - truth) ** 2).sum(axis=1).mean(), rel=1e-12)


def test_one_output_is_the_logit_of_the_second_class():
    logits = torch.tensor([[1.5], [-800.0]], dtype=torch.float64)

    both = class_log_probs(logits)

    assert both[0].exp().tolist() == pytest.approx([expit(-1.5), expit(1.5)])
    assert both[1].tolist() == [0.0, -800.0]


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, 1.0, 1.0]])
def test_refuses_weights_that_do_not_fit_the_classes(weights):
    make(CrossEntropy, [3, 5], [1.0, 2.0])

    with pytest.raises(ConfigError, match=r"trainer\.loss\.class_weights.*2 numbers above 0"):
        make(CrossEntropy, [3, 5], weights)


def test_refuses_a_negative_focus():
    make(Focal, [1, 1], gamma=0.0)

    with pytest.raises(ConfigError, match=r"trainer\.loss\.gamma"):
        make(Focal, [1, 1], gamma=-0.1)


@pytest.mark.parametrize("num_outputs", [1, 3])
@pytest.mark.parametrize("weights", [None, "balanced"])
@pytest.mark.parametrize("loss_class", LOSSES)
def test_soft_targets_that_are_sure_are_class_numbers(loss_class, weights, num_outputs):
    logits, targets = cases(num_outputs)
    shares = torch.eye(max(2, num_outputs), dtype=torch.float64)[targets]
    loss = make(loss_class, counts(targets), weights)

    assert loss(logits, shares).item() == pytest.approx(loss(logits, targets).item(), rel=1e-6)


@pytest.mark.parametrize("num_outputs", [1, 3])
def test_cross_entropy_of_mixed_cases_is_the_mixture(num_outputs):
    logits, targets = cases(num_outputs)
    eye = torch.eye(max(2, num_outputs), dtype=torch.float64)
    loss = make(CrossEntropy, counts(targets))

    mixed = loss(logits, 0.3 * eye[targets] + 0.7 * eye[targets.flip(0)])

    expected = 0.3 * loss(logits, targets) + 0.7 * loss(logits, targets.flip(0))
    assert mixed.item() == pytest.approx(expected.item())


def labels(seed: int = 0):
    random = np.random.default_rng(seed)
    return random.normal(scale=3, size=(50, 4)), (random.random((50, 4)) < 0.3).astype(np.float64)


@pytest.mark.parametrize(
    ("loss_class", "reference"),
    [
        (CrossEntropy, lambda p, y: log_loss(y, p, labels=[0, 1])),
        (MeanSquaredError, lambda p, y: brier_score_loss(y, p)),
        (Focal, lambda p, y: np.mean(np.where(y == 1, -((1 - p) ** 1.5) * np.log(p), -(p**1.5) * np.log1p(-p)))),
    ],
)
def test_labels_are_two_classes_each(loss_class, reference):
    logits, targets = labels()
    loss = make(loss_class, targets.sum(axis=0).tolist(), task=Task.MULTILABEL, num_cases=50)

    found = loss(torch.from_numpy(logits), torch.from_numpy(targets))

    expected = np.mean([reference(expit(logits[:, label]), targets[:, label]) for label in range(4)])
    assert found.item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("loss_class", LOSSES)
def test_balanced_labels_weigh_as_much_with_as_without(loss_class):
    logits, targets = labels()
    logits, has_label = torch.from_numpy(logits), torch.from_numpy(targets)
    odds = (1 - targets).sum(axis=0) / targets.sum(axis=0)
    alone = make(loss_class, targets.sum(axis=0).tolist(), task=Task.MULTILABEL, num_cases=50)
    single = [[alone(logits[[i], j : j + 1], has_label[[i], j : j + 1]).item() for j in range(4)] for i in range(50)]

    loss = make(loss_class, targets.sum(axis=0).tolist(), "balanced", task=Task.MULTILABEL, num_cases=50)

    expected = np.mean(np.where(targets == 1, odds, 1) * np.array(single))
    assert loss(logits, has_label).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("weights", [None, [1.0, 2.0, 4.0, 8.0]])
def test_the_cumulative_loss_is_the_log_loss_of_its_probabilities(weights):
    outputs = np.random.default_rng(0).normal(size=(60, 3))
    targets = np.arange(60) % 4
    probs = np.exp(class_logits(Link.CUMULATIVE, outputs))

    loss = make(CumulativeLink, [15] * 4, weights, task=Task.ORDINAL)

    expected = -np.log(probs[np.arange(60), targets]) * np.array(weights or [1] * 4)[targets]
    found = loss(torch.from_numpy(outputs), torch.from_numpy(targets))
    assert found.item() == pytest.approx(expected.mean(), rel=1e-9)
    shares = torch.from_numpy(np.eye(4)[targets])
    assert loss(torch.from_numpy(outputs), shares).item() == pytest.approx(expected.mean(), rel=1e-9)


def test_the_cumulative_loss_of_two_grades_is_cross_entropy():
    logits, targets = cases(1)

    grades = make(CumulativeLink, [25, 25], task=Task.ORDINAL)(logits, targets)

    assert grades.item() == pytest.approx(make(CrossEntropy, [25, 25])(logits, targets).item(), rel=1e-12)


@given(values=st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=3), grade=st.integers(0, 3))
def test_the_cumulative_loss_has_a_finite_gradient_however_sure_the_network_is(values, grade):
    outputs = torch.tensor([values], requires_grad=True)

    make(CumulativeLink, [1] * 4, task=Task.ORDINAL)(outputs, torch.tensor([grade])).backward()

    assert torch.isfinite(outputs.grad).all()


@given(value=st.floats(-1e4, 1e4), share=st.floats(0, 1))
@pytest.mark.parametrize("loss_class", LOSSES)
def test_labels_have_a_finite_gradient_however_sure_the_network_is(loss_class, value, share):
    logits = torch.tensor([[value]], requires_grad=True)

    make(loss_class, [1], task=Task.MULTILABEL, num_cases=2)(logits, torch.tensor([[share]])).backward()

    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS, Task.MULTILABEL])
def test_only_grades_have_a_cumulative_loss(task):
    with pytest.raises(ConfigError, match=rf"trainer\.loss: CumulativeLink is for ordinal tasks, this one is {task}"):
        make(CumulativeLink, [5, 5, 5], task=task)


def test_each_loss_names_its_link():
    assert make(CrossEntropy, [1, 1]).link == Link.SOFTMAX
    assert make(CrossEntropy, [1, 1, 1], task=Task.ORDINAL).link == Link.SOFTMAX
    assert make(Focal, [1, 1], task=Task.MULTILABEL, num_cases=3).link == Link.SIGMOID
    assert make(CumulativeLink, [1, 1, 1], task=Task.ORDINAL).link == Link.CUMULATIVE


def test_the_penalty_counts_weights_and_no_biases_or_scales():
    network = MLP(num_features=2, num_outputs=1, hidden_sizes=[2], activation="relu", dropout=0.0, batch_norm=True)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(-2.0)

    # Four weights to the hidden layer and two from it.
    assert weight_penalty(network, l1=0.1, l2=0.0).item() == pytest.approx(0.1 * 6 * 2)
    assert weight_penalty(network, l1=0.0, l2=0.1).item() == pytest.approx(0.1 / 2 * 6 * 4)
    assert weight_penalty(network, l1=0.0, l2=0.0) is None
