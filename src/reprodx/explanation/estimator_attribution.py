"""Attributions of an estimator's answers, which has no gradients: sampled Shapley values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from reprodx.explanation.asked_case import training_means
from reprodx.explanation.contributions import Contributions
from reprodx.explanation.log_odds import log_odds
from reprodx.inputs import ModelInputs
from reprodx.schemas import Task
from reprodx.training.links import Link

if TYPE_CHECKING:
    from torch import Tensor

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.training.scorer import Scorer

NUM_ORDERS = 25
"""Random orders in which features are taken over from the case."""


class EstimatorAttribution:
    """An estimator whose answers are attributed.

    Source: Castro et al., Polynomial calculation of the Shapley value based on sampling, Computers & Operations
    Research 36, 2009; `captum.attr.ShapleyValueSampling`.
    """

    method = "sampled Shapley values"
    baseline = "the mean training case"

    def __init__(self, scorer: Scorer, prepared: PreparedCases, seed: int) -> None:
        """Look at the estimator.

        Args:
            scorer: The estimator.
            prepared: All cases.
            seed: Of the orders.
        """
        self._scorer, self._seed = scorer, seed
        self._takes_summary = scorer.interface.takes_summary
        self._arrays, _ = scorer.interface.arrays(prepared.model_inputs)
        self._means = training_means(prepared, scorer.interface)
        self._link = Link.SIGMOID if scorer.interface.task == Task.MULTILABEL else Link.SOFTMAX

    def contributions(self, row: int, yes: tuple[int, ...]) -> Contributions:
        """Attribute the log odds of one case.

        Args:
            row: Of the case among the prepared ones.
            yes: Positions of the classes in question.

        Returns:
            What each feature contributes; equal seeds give equal numbers.
        """
        from captum.attr import ShapleyValueSampling

        def answer(features: Tensor) -> Tensor:
            array = features.numpy().astype(np.float32)
            logits = self._scorer.logits(ModelInputs(array, array if self._takes_summary else None))
            return log_odds(torch.from_numpy(logits), self._link, yes)

        case = torch.from_numpy(self._arrays[row : row + 1].astype(np.float64))
        mean = torch.from_numpy(self._means).unsqueeze(0)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._seed)
            values = ShapleyValueSampling(answer).attribute(
                case, mean, n_samples=NUM_ORDERS, perturbations_per_eval=case.shape[1]
            )
        assert isinstance(values, torch.Tensor), "one input gives one tensor"
        of_case, of_mean = float(answer(case)), float(answer(mean))
        features = values[0].numpy().astype(np.float64)
        return Contributions(features, np.zeros((0, 0)), of_case, float(features.sum() - (of_case - of_mean)))
