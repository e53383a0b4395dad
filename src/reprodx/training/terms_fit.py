"""Fitting logistic regression on all terms of texts: to the optimum, over all training cases at a time.

Mini-batches would take a hundred times as long, and give rare terms, which stand in few of them, as much weight as
frequent ones.

Source: Byrd et al., A limited memory algorithm for bound constrained optimization, SIAM J Sci Comput 1995;16:1190
(L-BFGS), as `scipy.optimize` has it and scikit-learn's `LogisticRegression` uses it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.optimize import minimize

from reprodx.config.targets import TARGET
from reprodx.errors import ConfigError
from reprodx.models.logistic import TEXT_PENALTY
from reprodx.training.architecture import architecture_of, build_network, num_parameters
from reprodx.training.configured_loss import configured_loss
from reprodx.training.fitted import FitSummary, FittedModel
from reprodx.training.links import num_outputs
from reprodx.training.live_metrics import TRAIN_LOSS, VAL_LOSS, rank_metrics
from reprodx.training.model_folder import write_weights
from reprodx.training.scorer import scored
from reprodx.training.state import weights_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.config import Config
    from reprodx.training.cases import Cases
    from reprodx.training.losses import ClassificationLoss

logger = logging.getLogger(__name__)

MAX_ITERATIONS = 1000
LARGEST_GRADIENT, SMALLEST_GAIN = 1e-4, 64 * float(np.finfo(float).eps)
"""At which the optimum is reached, as of scikit-learn."""


def fit_terms(
    train: Cases,
    val: Cases,
    config: Config,
    *,
    prepared: PreparedCases,
    on_epoch: Callable[[int, Mapping[str, float]], None],
) -> FittedModel:
    """Fit logistic regression; the trainer has its loss in it and nothing else, nor have optimizer and scheduler.

    Args:
        train: The cases to fit, with their terms.
        val: Cases that the fit is judged on; they decide nothing.
        config: Model and loss.
        prepared: What both were taken from: it knows task, classes and sizes.
        on_epoch: Is given the number of iterations and the metrics, after the fit.

    Returns:
        The model, not yet written.

    Raises:
        ConfigError: If the loss does not fit the data, or an augmentation is asked for.
    """
    assert train.terms is not None, "these models are given terms"
    assert val.terms is not None, "these models are given terms"
    if config.augmentation[TARGET] is not None:
        raise ConfigError(
            f"augmentation={config.augmentation['name']}: model={config.model['name']} is fitted to all terms of texts "
            "at once, which are not augmented; use augmentation=none"
        )
    loss = configured_loss(config, prepared, train)
    outputs = num_outputs(loss.link, len(prepared.classes))
    architecture = architecture_of(config.model, prepared, num_outputs=outputs, seed=config.seed)
    network = build_network(architecture, prepared.modality, None)
    logger.info(
        "fitting %s with %d parameters on %d cases by L-BFGS: optimizer, scheduler and trainer, but for its loss, have "
        "no part in it",
        *(config.model["name"], num_parameters(network), len(train)),
    )
    penalty = config.model.get("text_penalty", TEXT_PENALTY) / train.targets.numel()
    weights, num_iterations = _optimum(train.terms.astype(np.float64), train.targets, loss, outputs, penalty)
    with torch.no_grad():
        for parameter, values in zip(network.parameters(), (weights[:, :-1], weights[:, -1]), strict=True):
            parameter.copy_(torch.from_numpy(values))
    judged = _outputs(weights, val.terms)
    metrics = {
        TRAIN_LOSS: float(loss(_outputs(weights, train.terms), train.targets)),
        VAL_LOSS: float(loss(judged, val.targets)),
        **rank_metrics(scored(loss.link, judged), val.targets.long().numpy(), prepared.task),
    }
    on_epoch(num_iterations, metrics)
    logger.info("ran %d iterations (%s %.4g)", num_iterations, VAL_LOSS, metrics[VAL_LOSS])
    found = weights_of(network)
    return FittedModel(
        summary=FitSummary(num_iterations, num_iterations, num_parameters(network), metrics),
        architecture=architecture,
        link=loss.link,
        write=lambda folder: write_weights(folder, best=found, last=found),
    )


def _optimum(
    terms: csr_array[np.float64], targets: torch.Tensor, loss: ClassificationLoss, num_outputs: int, penalty: float
) -> tuple[NDArray[np.float64], int]:
    """Return weights with the bias behind, shape (outputs, terms + 1), and how many iterations it took."""
    shape = (num_outputs, terms.shape[1] + 1)

    def objective(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape)
        outputs = _outputs(weights, terms).requires_grad_()
        value = loss(outputs, targets)
        (slopes,) = (tensor.numpy() for tensor in torch.autograd.grad(value, outputs))
        gradient = np.column_stack([(terms.T @ slopes).T + penalty * weights[:, :-1], slopes.sum(axis=0)])
        return value.item() + penalty / 2 * float(np.square(weights[:, :-1]).sum()), gradient.ravel()

    found = minimize(
        objective,
        np.zeros(shape).ravel(),
        method="L-BFGS-B",
        jac=True,
        options={"maxiter": MAX_ITERATIONS, "gtol": LARGEST_GRADIENT, "ftol": SMALLEST_GAIN, "maxls": 50},
    )
    if found.nit >= MAX_ITERATIONS:
        logger.warning("no optimum after %d iterations: raise model.text_penalty", found.nit)
    return np.asarray(found.x).reshape(shape), int(found.nit)


def _outputs(weights: NDArray[np.float64], terms: csr_array) -> torch.Tensor:
    return torch.from_numpy(terms @ weights[:, :-1].T + weights[:, -1])
