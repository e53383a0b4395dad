"""A fitted model as evaluation and serving see it: features in, logits out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor, nn

CASES_PER_BLOCK = 16_384
"""Cases that are scored at a time, so that memory does not grow with the split."""


@dataclass(frozen=True)
class Scorer:
    """A fitted model."""

    classes: tuple[str, ...]
    """Class names in the order of the logits; with two classes the negative one first."""
    feature_names: tuple[str, ...]
    """What the columns of the features must be."""
    score: Callable[[NDArray[np.float32]], NDArray[np.float64]]
    """The model itself."""

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Score cases.

        Args:
            features: Shape (cases, features), prepared as the training cases were.

        Returns:
            Logits, shape (cases, classes); with two classes the first column is 0.

        Raises:
            SchemaError: If there are more or fewer columns than the model was fitted on.
        """
        if features.shape[1] != len(self.feature_names):
            raise SchemaError(
                f"the model takes {len(self.feature_names)} features and was given {features.shape[1]}: "
                "prepare and train again"
            )
        return self.score(features)


def class_logits(outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn a network's outputs into one logit a class: a single output z becomes (0, z).

    Args:
        outputs: Shape (cases, 1) for two classes, else (cases, classes).

    Returns:
        Logits, shape (cases, classes).

    >>> class_logits(np.array([[2.0]]))
    array([[0., 2.]])
    """
    if outputs.shape[1] > 1:
        return outputs
    return np.column_stack([np.zeros(len(outputs)), outputs])


def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the softmax over classes in float64; for (0, z) that is the sigmoid of z.

    Args:
        logits: Shape (cases, classes).

    Returns:
        Probabilities, shape (cases, classes); each case's sum to 1.

    >>> probabilities(np.array([[0.0, 0.0]]))
    array([[0.5, 0.5]])
    """
    from scipy.special import softmax

    probs: NDArray[np.float64] = softmax(logits.astype(np.float64), axis=1)
    return probs


def network_outputs(network: nn.Module, features: Tensor) -> Tensor:
    """Run a network without gradients and with dropout off.

    Args:
        network: Is left in the mode in which it was.
        features: Shape (cases, features), of the network's type and on its device.

    Returns:
        Shape (cases, outputs).
    """
    import torch

    was_training = network.training
    network.eval()
    try:
        with torch.inference_mode():
            return torch.cat([network(block) for block in torch.split(features, CASES_PER_BLOCK)])
    finally:
        network.train(was_training)
