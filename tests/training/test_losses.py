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
from reprodx.training.losses import CrossEntropy, Focal, MeanSquaredError, class_log_probs, weight_penalty


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

    loss = CrossEntropy(class_counts=counts(targets), class_weights=None)(logits, targets)

    assert loss.item() == pytest.approx(log_loss(targets.numpy(), probabilities(logits)), rel=1e-12)


@pytest.mark.parametrize("num_outputs", [1, 3])
@pytest.mark.parametrize("loss_class", [CrossEntropy, Focal, MeanSquaredError])
def test_balanced_weights_multiply_each_case(loss_class, num_outputs):
    logits, targets = cases(num_outputs)
    given = {"class_counts": counts(targets), **({"gamma": 1.5} if loss_class is Focal else {})}
    weights = compute_class_weight("balanced", classes=np.unique(targets.numpy()), y=targets.numpy())
    alone = loss_class(class_weights=None, **given)
    single = [alone(logits[row : row + 1], targets[row : row + 1]).item() for row in range(len(targets))]

    loss = loss_class(class_weights="balanced", **given)(logits, targets)

    assert loss.item() == pytest.approx(np.mean(weights[targets.numpy()] * single), rel=1e-6)
    assert loss.item() == pytest.approx(
        loss_class(class_weights=weights.tolist(), **given)(logits, targets).item(), rel=1e-6
    )


def test_focal_is_equation_4_of_its_paper():
    logits, targets = cases(1)
    prob = probabilities(logits)[np.arange(50), targets.numpy()]

    loss = Focal(class_counts=counts(targets), class_weights=None, gamma=2.0)(logits, targets)

    assert loss.item() == pytest.approx(np.mean(-((1 - prob) ** 2) * np.log(prob)), rel=1e-12)


@given(seed=st.integers(0, 1000), num_outputs=st.sampled_from([1, 2, 4]))
def test_focal_without_focus_is_cross_entropy(seed, num_outputs):
    logits, targets = cases(num_outputs, seed)
    class_counts = [1] * max(2, num_outputs)

    focal = Focal(class_counts=class_counts, class_weights=None, gamma=0.0)(logits, targets)
    entropy = CrossEntropy(class_counts=class_counts, class_weights=None)(logits, targets)

    assert focal.item() == pytest.approx(entropy.item(), rel=1e-12)


@given(value=st.floats(-1e4, 1e4), gamma=st.floats(0, 5), label=st.integers(0, 1))
def test_focal_has_a_finite_gradient_however_sure_the_network_is(value, gamma, label):
    logits = torch.tensor([[value]], requires_grad=True)

    Focal(class_counts=[1, 1], class_weights=None, gamma=gamma)(logits, torch.tensor([label])).backward()

    assert torch.isfinite(logits.grad).all()


def test_mean_squared_error_is_the_brier_score():
    binary_logits, binary_targets = cases(1)
    logits, targets = cases(3)

    binary = MeanSquaredError(class_counts=[1, 1], class_weights=None)(binary_logits, binary_targets)
    several = MeanSquaredError(class_counts=[1, 1, 1], class_weights=None)(logits, targets)

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
    CrossEntropy(class_counts=[3, 5], class_weights=[1.0, 2.0])

    with pytest.raises(ConfigError, match=r"trainer\.loss\.class_weights.*2 numbers above 0"):
        CrossEntropy(class_counts=[3, 5], class_weights=weights)


def test_refuses_a_negative_focus():
    Focal(class_counts=[1, 1], class_weights=None, gamma=0.0)

    with pytest.raises(ConfigError, match=r"trainer\.loss\.gamma"):
        Focal(class_counts=[1, 1], class_weights=None, gamma=-0.1)


def test_the_penalty_counts_weights_and_no_biases_or_scales():
    network = MLP(num_features=2, num_outputs=1, hidden_sizes=[2], activation="relu", dropout=0.0, batch_norm=True)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(-2.0)

    # Four weights to the hidden layer and two from it.
    assert weight_penalty(network, l1=0.1, l2=0.0).item() == pytest.approx(0.1 * 6 * 2)
    assert weight_penalty(network, l1=0.0, l2=0.1).item() == pytest.approx(0.1 / 2 * 6 * 4)
    assert weight_penalty(network, l1=0.0, l2=0.0) is None
