"""From a network's outputs to logits and probabilities: one link for each kind of task.

softmax: exactly one of several classes. sigmoid: each label for itself. cumulative: classes in an order, of which
neighbouring ones share what they learn.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from reprodx.schemas import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Link(StrEnum):
    """How outputs become probabilities."""

    SOFTMAX = "softmax"
    SIGMOID = "sigmoid"
    CUMULATIVE = "cumulative"
    """Proportional odds: an output is the log odds of lying beyond a class."""


def num_outputs(link: Link, num_classes: int) -> int:
    """Return how many outputs a network needs.

    Args:
        link: What is done with the outputs.
        num_classes: Classes, at least 2, or labels, at least 1.

    Returns:
        At least 1.

    >>> [num_outputs(link, 2) for link in Link], [num_outputs(link, 5) for link in Link]
    ([1, 2, 1], [5, 5, 4])
    """
    if link == Link.SIGMOID:
        return num_classes
    if link == Link.CUMULATIVE:
        return num_classes - 1
    return 1 if num_classes == 2 else num_classes


def class_logits(link: Link, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn a network's outputs into one logit a class or label.

    Args:
        link: What is done with the outputs.
        outputs: Shape (cases, `num_outputs`).

    Returns:
        Logits, shape (cases, classes): their softmax over classes, or with `SIGMOID` the sigmoid of each, are the
        probabilities. A single output z of `SOFTMAX` becomes (0, z).

    >>> class_logits(Link.SOFTMAX, np.array([[2.0]]))
    array([[0., 2.]])
    >>> np.exp(class_logits(Link.CUMULATIVE, np.array([[0.0, 0.0]])))
    array([[0.5       , 0.16666667, 0.33333333]])
    """
    if link == Link.CUMULATIVE:
        return _cumulative_log_probs(outputs)
    if link == Link.SOFTMAX and outputs.shape[1] == 1:
        return np.column_stack([np.zeros(len(outputs)), outputs])
    return outputs


def probabilities(logits: NDArray[np.float64], task: Task) -> NDArray[np.float64]:
    """Compute probabilities in float64: the softmax over classes, or the sigmoid of each label's logit.

    Args:
        logits: Shape (cases, classes), as `class_logits` returns them.
        task: What is predicted.

    Returns:
        Probabilities, shape (cases, classes); each case's sum to 1 unless the task is multi-label.

    >>> probabilities(np.array([[0.0, 0.0]]), Task.BINARY), probabilities(np.array([[0.0]]), Task.MULTILABEL)
    (array([[0.5, 0.5]]), array([[0.5]]))
    """
    from scipy.special import expit, softmax

    exact = logits.astype(np.float64)
    probs: NDArray[np.float64] = expit(exact) if task == Task.MULTILABEL else softmax(exact, axis=1)
    return probs


def _cumulative_log_probs(outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log P(y = k), shape (cases, outputs + 1).

    The log odds of lying beyond class k are eta_0 = o_0 and eta_k = eta_{k-1} - softplus(o_k), which fall with k.
    A difference of sigmoids would round to 0 between close etas; with s the sigmoid and d = eta_{k-1} - eta_k it is
    s(eta_{k-1}) s(-eta_k) (1 - exp(-d)), whose last factor is s(o_k) for d = softplus(o_k).

    Source: McCullagh, J R Stat Soc B 1980;42:109, the proportional odds model.
    """
    steps = np.pad(np.logaddexp(0, outputs[:, 1:]).cumsum(axis=1), ((0, 0), (1, 0)))
    beyond = outputs[:, :1] - steps
    reached = np.pad(_log_sigmoid(beyond), ((0, 0), (1, 0)))
    not_passed = np.pad(_log_sigmoid(-beyond), ((0, 0), (0, 1)))
    return reached + not_passed + np.pad(_log_sigmoid(outputs[:, 1:]), ((0, 0), (1, 1)))


def _log_sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return -np.logaddexp(0, -values)
