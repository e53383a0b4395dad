"""Steps of the optimizers of `conf/optimizer`, and of the shipped training, against their equations in NumPy."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from reprodx.inputs import Inputs, Modality
from reprodx.schemas import Task
from reprodx.training.cases import Cases
from reprodx.training.generation.next_token import NextTokenTraining
from reprodx.training.generation.token_targets import TokenTargets
from reprodx.training.module import NetworkTraining
from tests.equations.numpy_gradients import complex_step, dense_gradients
from tests.equations.numpy_layers import relu
from tests.equations.numpy_losses import cross_entropy, cross_entropy_slopes
from tests.equations.numpy_networks import char_rnn
from tests.equations.shipped_networks import (
    assert_equal,
    read,
    shipped,
    shipped_loss,
    shipped_optimizer,
    shipped_trainer,
    weights_of,
    without_dropout,
)

EPSILON = 1e-8
"""What Adam and RMSProp add to a root."""


def gradient_descent(gradients, *, lr, weight_decay):
    """DL, equation 4.5: w - lr g; L2 adds its factor times w to g."""
    return lambda weight, time: weight - lr * (gradients[time] + weight_decay * weight)


def momentum_descent(gradients, *, lr, momentum, weight_decay, nesterov=False):
    """Sutskever et al., ICML 2013, equations 1 to 4, the rate outside: v = m v + g; w - lr v, or w - lr (g + m v)."""
    velocity = 0.0

    def step(weight, time):
        nonlocal velocity
        gradient = gradients[time] + weight_decay * weight
        velocity = momentum * velocity + gradient
        return weight - lr * (gradient + momentum * velocity if nesterov else velocity)

    return step


def rmsprop(gradients, *, lr, alpha, weight_decay):
    """Tieleman and Hinton, Neural networks for machine learning, lecture 6.5, 2012: w - lr g / root of E[g^2]."""
    square = 0.0

    def step(weight, time):
        nonlocal square
        gradient = gradients[time] + weight_decay * weight
        square = alpha * square + (1 - alpha) * gradient**2
        return weight - lr * gradient / (np.sqrt(square) + EPSILON)

    return step


def adam(gradients, *, lr, betas, weight_decay):
    """Kingma and Ba, Adam, ICLR 2015, algorithm 1."""
    first, second = 0.0, 0.0

    def step(weight, time):
        nonlocal first, second
        gradient = gradients[time] + weight_decay * weight
        first = betas[0] * first + (1 - betas[0]) * gradient
        second = betas[1] * second + (1 - betas[1]) * gradient**2
        mean, square = first / (1 - betas[0] ** (time + 1)), second / (1 - betas[1] ** (time + 1))
        return weight - lr * mean / (np.sqrt(square) + EPSILON)

    return step


def adamw(gradients, *, lr, betas, weight_decay):
    """Loshchilov and Hutter, ICLR 2019, algorithm 2: the weight shrinks by lr times the decay, apart from Adam."""
    plain = adam(gradients, lr=lr, betas=betas, weight_decay=0.0)
    return lambda weight, time: plain(weight, time) - lr * weight_decay * weight


EQUATIONS = {
    "sgd": gradient_descent,
    "momentum": momentum_descent,
    "nesterov": momentum_descent,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adamw,
}


@pytest.mark.parametrize("option", sorted(EQUATIONS))
@settings(max_examples=12)
@given(size=st.integers(1, 5), num_steps=st.integers(1, 6), weight_decay=st.sampled_from([0.0, 0.1]))
def test_an_optimizer_s_steps_follow_its_equation(option, size, num_steps, weight_decay):
    random = np.random.default_rng(size)
    gradients, weight = random.normal(size=(num_steps, size)), random.normal(size=size)
    network = nn.Module()
    network.weight = nn.Parameter(torch.from_numpy(weight.copy()))
    optimizer = shipped_optimizer(option, network, weight_decay=weight_decay)
    shipped = read(f"optimizer/{option}")[1] | {"weight_decay": weight_decay}
    # How the steps are computed, and not which.
    shipped.pop("fused", None)
    step = EQUATIONS[option](gradients, **shipped)

    for time in range(num_steps):
        network.weight.grad = torch.from_numpy(gradients[time])
        optimizer.step()
        weight = step(weight, time)

        assert_equal(network.weight, weight)


FEATURES = torch.from_numpy(np.random.default_rng(5).normal(size=(6, 2)))
TARGETS = torch.tensor([0, 2, 1, 1, 0, 2])


def train(network, optimizer, batches, **changes):
    """Learn from mini-batches as shipped, without Lightning's loop around it."""
    table = Cases(FEATURES, TARGETS)
    module = NetworkTraining(
        SimpleNamespace(network=network, optimizer=optimizer, num_epochs=0),
        shipped_loss("cross_entropy", Task.MULTICLASS, 3),
        None,
        task=Task.MULTICLASS,
        train=table,
        val=table,
        batches=SimpleNamespace(sizes=[len(rows) for rows in batches]),
        trainer=shipped_trainer(**changes),
        seed=0,
        advance=lambda num: None,
        finish_epoch=lambda metrics: True,
    )
    module.on_train_epoch_start()
    module.training_step([torch.tensor(rows) for rows in batches], 0)


def gradients_by_hand(weights, rows):
    shares = np.eye(3)[TARGETS[rows]]
    return dense_gradients(weights, FEATURES.numpy()[rows], lambda at: cross_entropy_slopes(at, shares), relu)


def test_a_training_step_goes_down_the_gradient_of_each_mini_batch():
    network = without_dropout(shipped("mlp", Modality.TABLE))
    weights, lr = weights_of(network), read("optimizer/sgd")[1]["lr"]

    train(network, shipped_optimizer("sgd", network), [[0, 1, 2], [3, 4, 5]])

    for rows in ([0, 1, 2], [3, 4, 5]):
        gradients = gradients_by_hand(weights, rows)
        weights = {name: weight - lr * gradients[name] for name, weight in weights.items()}
    for name, weight in weights_of(network).items():
        assert_equal(weight, weights[name], name)


def test_accumulated_mini_batches_go_down_the_mean_of_their_gradients():
    network = without_dropout(shipped("mlp", Modality.TABLE))
    before, lr = weights_of(network), read("optimizer/sgd")[1]["lr"]

    train(network, shipped_optimizer("sgd", network), [[0, 1], [2, 3], [4, 5]], accumulate_batches=3)

    gradients = gradients_by_hand(before, [0, 1, 2, 3, 4, 5])
    for name, weight in weights_of(network).items():
        assert_equal(weight, before[name] - lr * gradients[name], name)


def test_penalties_add_their_slopes_to_weights_and_leave_biases():
    """DL, equations 7.5 (L2: factor times w) and 7.20 (L1: factor times sign w)."""
    network = without_dropout(shipped("mlp", Modality.TABLE))
    before, lr = weights_of(network), read("optimizer/sgd")[1]["lr"]

    train(network, shipped_optimizer("sgd", network), [range(6)], l1_penalty=0.3, l2_penalty=0.7)

    gradients = gradients_by_hand(before, slice(None))
    for name, weight in weights_of(network).items():
        slope = 0.3 * np.sign(before[name]) + 0.7 * before[name] if before[name].ndim > 1 else 0.0
        assert_equal(weight, before[name] - lr * (gradients[name] + slope), name)


def test_a_long_gradient_is_cut_to_its_length():
    """DL, equation 10.48: where |g| > v, g becomes g v / |g|."""
    network = without_dropout(shipped("mlp", Modality.TABLE))
    before, lr = weights_of(network), read("optimizer/sgd")[1]["lr"]

    train(network, shipped_optimizer("sgd", network), [range(6)], gradient_clip_norm=0.01)

    gradients = gradients_by_hand(before, slice(None))
    length = np.sqrt(sum((gradient**2).sum() for gradient in gradients.values()))
    assert length > 0.01
    for name, weight in weights_of(network).items():
        # A clipped gradient is torch's g v / (|g| + 1e-6).
        np.testing.assert_allclose(weight, before[name] - lr * gradients[name] * 0.01 / (length + 1e-6), rtol=1e-6)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_a_step_of_next_token_training_goes_down_the_gradient(cell):
    """DL, equation 10.14: of the mean over 4 + 3 tokens, ends included, of - log p(token | those before)."""
    network = without_dropout(shipped("char_rnn", Modality.TEXT, cell=cell))
    tokens, following = [[0, 3, 5, 5], [0, 8, 1]], [3, 5, 5, 0, 8, 1, 0]
    inputs = Inputs.of_steps(Modality.TEXT, np.array([3, 5, 5, 8, 1], np.int32), np.array([3, 2]))
    before, targets = weights_of(network), TokenTargets(inputs, torch.tensor([2, 0]))
    module = NextTokenTraining(
        SimpleNamespace(network=network, optimizer=shipped_optimizer("sgd", network), num_epochs=0),
        train=targets,
        val=targets,
        batches=SimpleNamespace(sizes=[2]),
        trainer=shipped_trainer(),
        seed=0,
        advance=lambda num: None,
        finish_epoch=lambda metrics: True,
    )
    module.on_train_epoch_start()
    module.training_step(torch.tensor([0, 1]), 0)

    def reference(weights):
        texts = zip(tokens, [2, 0], strict=True)
        logits = [char_rnn(weights, np.array([text]), [number], cell=cell)[0] for text, number in texts]
        return cross_entropy(np.vstack(logits), np.eye(9)[following])

    after, lr = weights_of(network), read("optimizer/sgd")[1]["lr"]
    for name, (places, expected) in complex_step(reference, before).items():
        moved = (before[name] - after[name]).ravel()[places]
        np.testing.assert_allclose(moved, lr * expected, rtol=1e-6, atol=1e-14, err_msg=name)
