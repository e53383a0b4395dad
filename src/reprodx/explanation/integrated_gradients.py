"""Integrated gradients: the gradients on the straight way from a baseline to the case, added up.

Source: Sundararajan et al., Axiomatic attribution for deep networks, ICML 2017, equations 1 and 3. Attributions add up
to the difference of the log odds from the baseline's; by how much they miss it is the convergence delta.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from reprodx.errors import AttributionError
from reprodx.explanation.class_activation import MOST_CELLS
from reprodx.explanation.contributions import Contributions, coarse_sums
from reprodx.inputs import Modality

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from reprodx.explanation.asked_case import AskedCase
    from reprodx.training.cases import Batch

POINTS = (50, 400)
"""Points at which gradients are taken, of Gauss and Legendre's rule: more if the first do not suffice."""
TOLERATED_SHARE = 0.05
"""Of the difference of the log odds, by which attributions may miss it."""
NUM_WINDOWS = 32
"""Windows of time that a signal or series is summed to at most."""
NUMBERS_PER_BLOCK = 2**20
"""Numbers of a case's copies that gradients are taken of at a time."""


def integrated_gradients(
    answer: Callable[..., Tensor], case: AskedCase, modality: Modality, points: Sequence[int] = POINTS
) -> Contributions:
    """Attribute an answer to features and values.

    Args:
        answer: From what the network is called with to the log odds.
        case: Of no text.
        modality: Of what the network is called with.
        points: Numbers of points to try, in order.

    Returns:
        Features, and a grid: channels by `NUM_WINDOWS` windows, or coarse cells of a picture, both summed over what
        they hold.
    """
    from captum.attr import IntegratedGradients

    places = [place for place, tensor in enumerate(case.batch) if tensor is not None and tensor.is_floating_point()]
    rest = [place for place in range(len(case.batch)) if place not in places]

    def reordered(*given: Tensor | None) -> Tensor:
        by_place = dict(zip([*places, *rest], given, strict=True))
        return answer(*(by_place[place] for place in range(len(given))))

    arrays, delta = _converged(
        IntegratedGradients(reordered).attribute,
        tuple(case.batch[place] for place in places),
        tuple(case.baselines[place] for place in places),
        tuple(case.batch[place] for place in rest),
        points,
    )
    log_odds = _log_odds(answer, case.batch)
    if modality == Modality.TABLE:
        return Contributions(arrays[0], np.zeros((0, 0)), log_odds, delta)
    values, features = arrays[0], arrays[1] if len(arrays) > 1 else np.zeros(0)
    num_steps = None if modality == Modality.IMAGE else len(values)
    return Contributions(features, _cells(values, modality), log_odds, delta, num_steps)


def layer_integrated_gradients(
    answer: Callable[..., Tensor], network: nn.Module, case: AskedCase, points: Sequence[int] = POINTS
) -> Contributions:
    """Attribute an answer about a text to its tokens, by the vectors that the network looks up for them.

    Features beside the text are held as they are.

    Args:
        answer: From what the network is called with to the log odds.
        network: What is called.
        case: A text.
        points: Numbers of points to try, in order.

    Returns:
        A grid of one row with a column per token.

    Raises:
        AttributionError: If the network looks up no vectors.
    """
    from captum.attr import LayerIntegratedGradients

    embedding = next((layer for layer in network.modules() if isinstance(layer, nn.Embedding)), None)
    if embedding is None:
        raise AttributionError("the network has no embedding of tokens to attribute to")
    tokens = case.batch[0]
    assert tokens is not None, "a network for texts is called with their tokens"
    attribute = LayerIntegratedGradients(answer, embedding).attribute
    (vectors,), delta = _converged(attribute, (tokens,), (torch.zeros_like(tokens),), case.batch[1:], points)
    values = vectors.sum(axis=1)
    return Contributions(np.zeros(0), values[None], _log_odds(answer, case.batch), delta, len(values))


def _converged(
    attribute: Callable[..., Any], inputs: Batch, baselines: Batch, held: Batch, points: Sequence[int]
) -> tuple[list[NDArray[np.float64]], float]:
    """Return the attributions of one case and their convergence delta, from the first number of points that will do."""
    numbers = max(1, sum(tensor.numel() for tensor in (*inputs, *held) if tensor is not None))
    arrays, delta = [], 0.0
    for num in points:
        parts, deltas = attribute(
            inputs,
            baselines,
            additional_forward_args=held or None,
            n_steps=num,
            method="gausslegendre",
            internal_batch_size=min(num, max(1, NUMBERS_PER_BLOCK // numbers)),
            return_convergence_delta=True,
        )
        arrays = [part.detach()[0].numpy() for part in (parts if isinstance(parts, tuple) else (parts,))]
        delta = float(deltas)
        difference = sum(float(array.sum()) for array in arrays) - delta
        if abs(delta) <= TOLERATED_SHARE * abs(difference):
            break
    return arrays, delta


def _cells(values: NDArray[np.float64], modality: Modality) -> NDArray[np.float64]:
    if modality == Modality.IMAGE:
        return coarse_sums(values.sum(axis=0), MOST_CELLS, MOST_CELLS)
    return coarse_sums(values.T, values.shape[1], NUM_WINDOWS)


def _log_odds(answer: Callable[..., Tensor], batch: Batch) -> float:
    with torch.no_grad():
        return float(answer(*batch))
