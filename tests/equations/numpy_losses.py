"""Losses and their slopes in plain NumPy, written from their equations."""

from __future__ import annotations

import numpy as np

from tests.equations.numpy_layers import Array, relu, sigmoid, softmax


def binary_cross_entropy(logits: Array, labels: Array) -> Array:
    """DL, equation 6.26: softplus((1 - 2 y) z), the mean over all."""
    return np.log1p(np.exp((1 - 2 * labels) * logits)).mean()


def binary_cross_entropy_slopes(logits: Array, labels: Array) -> Array:
    """Bishop, Pattern Recognition and Machine Learning, 2006, equation 4.91: (sigmoid(z) - y), over the number."""
    return (sigmoid(logits) - labels) / labels.size


def cross_entropy(logits: Array, shares: Array, class_weights: Array | float = 1.0) -> Array:
    """DL, equations 3.51 and 6.30: the mean over cases of - sum over classes of weight x share x log softmax."""
    return -(shares * class_weights * np.log(softmax(logits))).sum(1).mean()


def cross_entropy_slopes(logits: Array, shares: Array) -> Array:
    """Bishop, 2006, equation 4.109: (softmax(z) - y), over the number of cases."""
    return (softmax(logits) - shares) / len(logits)


def class_probabilities(logits: Array) -> Array:
    """Softmax of the logits, of which a single one stands beside 0."""
    return softmax(np.hstack([np.zeros_like(logits), logits]) if logits.shape[1] == 1 else logits)


def brier(logits: Array, shares: Array) -> Array:
    """Brier, Monthly Weather Review 78, 1950: the mean over cases of sum over classes of (p - y)^2."""
    return ((class_probabilities(logits) - shares) ** 2).sum(1).mean()


def focal(logits: Array, shares: Array, gamma: float) -> Array:
    """Lin et al., ICCV 2017, equation 4 without alpha: the mean of - (1 - p)^gamma log p of the true class."""
    probs = class_probabilities(logits)
    return -(shares * (1 - probs) ** gamma * np.log(probs)).sum(1).mean()


def proportional_odds(outputs: Array, grades: Array) -> Array:
    """McCullagh, J R Stat Soc B 42, 1980: P(y > k) = sigmoid(eta_k), eta falling by softplus(o_k) from eta_0 = o_0."""
    falls = np.log1p(np.exp(outputs[:, 1:])).cumsum(1)
    beyond = sigmoid(outputs[:, :1] - np.pad(falls, ((0, 0), (1, 0))))
    bounds = np.hstack([np.ones((len(outputs), 1)), beyond, np.zeros((len(outputs), 1))])
    probs = bounds[:, :-1] - bounds[:, 1:]
    return -np.log(probs[np.arange(len(grades)), grades]).mean()


def discriminator_objective(objective: str, real: Array, generated: Array, smoothing: float) -> Array:
    """Goodfellow et al., Generative adversarial nets, NeurIPS 2014, equation 1, of logits and with the sign of a loss.

    One-sided label smoothing as in Salimans et al., NeurIPS 2016, section 3.4: - (1 - s) log D - s log(1 - D) for what
    is real. Hinge: Miyato et al., ICLR 2018, equation 16.
    """
    if objective == "hinge":
        return relu(1 - real).mean() + relu(1 + generated).mean()
    belief, other = sigmoid(real), sigmoid(generated)
    labelled = (1 - smoothing) * np.log(belief) + smoothing * np.log(1 - belief)
    return -labelled.mean() - np.log(1 - other).mean()


def generator_objective(objective: str, generated: Array) -> Array:
    """Goodfellow et al., 2014, equation 1 and section 3 (- log D); hinge: Miyato et al., 2018, equation 17."""
    belief = sigmoid(generated)
    losses = {"minimax": np.log(1 - belief), "non_saturating": -np.log(belief), "hinge": -generated}
    return losses[objective].mean()


def discriminator_slopes(objective: str, real: Array, generated: Array, smoothing: float) -> tuple[Array, Array]:
    """Derivatives of `discriminator_objective` by each logit: D(x) - (1 - s) and D(G(z)), or steps of the hinge."""
    if objective == "hinge":
        return -1.0 * (real < 1) / len(real), 1.0 * (generated > -1) / len(generated)
    return (sigmoid(real) - (1 - smoothing)) / len(real), sigmoid(generated) / len(generated)


def generator_slopes(objective: str, generated: Array) -> Array:
    """Derivatives of `generator_objective` by each logit: - D for minimax, D - 1 for - log D, and -1."""
    belief = sigmoid(generated)
    slopes = {"minimax": -belief, "non_saturating": belief - 1, "hinge": -np.ones_like(generated)}
    return slopes[objective] / len(generated)
