"""Sampled Shapley values of an estimator."""

import numpy as np
import pytest
import torch

from reprodx.explanation.estimator_attribution import EstimatorAttribution
from reprodx.inputs import Modality
from reprodx.schemas import Task
from reprodx.training.determinism import reproducible
from reprodx.training.model_folder import load_scorer
from reprodx.training.scorer import Interface, Scorer


def scorer_of(prepared, answer):
    interface = Interface(Task.BINARY, Modality.TABLE, prepared.classes, prepared.feature_names, False, None)
    return Scorer(interface, lambda cases: np.column_stack([np.zeros(len(cases)), answer(cases.features)]))


def test_trees_add_up_to_the_difference(stored):
    model = stored("boosting")
    scorer, row = load_scorer(model.folder), model.test_rows[0]
    with reproducible(1):
        found = EstimatorAttribution(scorer, model.prepared, 0).contributions(row, (1,))
        expected = scorer.logits(model.prepared.model_inputs)[row, 1]
    assert found.convergence_delta == pytest.approx(0, abs=1e-5)
    assert found.log_odds == pytest.approx(expected, rel=1e-12)
    assert found.features.any()


def test_they_repeat_with_their_seed_and_leave_the_random_state_alone(stored):
    prepared = stored("mlp").prepared
    scorer = scorer_of(prepared, lambda features: features.prod(axis=1))
    state = torch.random.get_rng_state()
    first, again, other = (EstimatorAttribution(scorer, prepared, seed).contributions(2, (1,)) for seed in (0, 0, 1))
    assert torch.equal(torch.random.get_rng_state(), state)
    np.testing.assert_array_equal(first.features, again.features)
    assert not np.array_equal(first.features, other.features)


def test_a_linear_model_gets_its_weights_times_the_distance_from_the_mean(stored):
    """Lundberg and Lee, NeurIPS 2017, corollary 1: with a single baseline the Shapley value is w_i (x_i - b_i)."""
    prepared = stored("mlp").prepared
    weights = np.array([1.0, -2.0, 0.5, 0.0, 3.0])
    scorer = scorer_of(prepared, lambda features: features @ weights)
    found = EstimatorAttribution(scorer, prepared, 0).contributions(2, (1,))
    mean = prepared.features[prepared.rows("train")].mean(axis=0)
    np.testing.assert_allclose(found.features, weights * (prepared.features[2] - mean), atol=1e-5)
