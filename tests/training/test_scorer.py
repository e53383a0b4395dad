"""Logits, probabilities, and blocks of cases."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from torch import nn

from reprodx.errors import SchemaError
from reprodx.training import scorer
from reprodx.training.scorer import Scorer, class_logits, network_outputs, probabilities


@given(z=st.floats(-700, 700))
def test_two_classes_have_the_sigmoid_to_the_last_digits(z):
    probs = probabilities(np.array([[0.0, z]]))

    np.testing.assert_allclose(probs, [[expit(-z), expit(z)]], rtol=1e-14)


def test_probabilities_of_float32_logits_are_computed_in_float64():
    logits = np.array([[0.0, 17.0], [0.0, 18.0]], dtype=np.float32)

    probs = probabilities(logits)

    assert probs.dtype == np.float64
    assert probs[0, 1] < probs[1, 1] < 1


def test_several_outputs_are_the_logits():
    outputs = np.array([[1.0, 2.0, 3.0]])

    assert class_logits(outputs) is outputs


def test_scores_features_with_the_columns_it_was_fitted_on():
    model = Scorer(("no", "yes"), ("a", "b"), score=lambda features: features.astype(np.float64))

    assert model.logits(np.ones((3, 2), dtype=np.float32)).shape == (3, 2)
    with pytest.raises(SchemaError, match="takes 2 features and was given 3"):
        model.logits(np.ones((3, 3), dtype=np.float32))


def test_outputs_come_in_blocks_without_dropout(monkeypatch):
    monkeypatch.setattr(scorer, "CASES_PER_BLOCK", 2)
    network = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.9))
    features = torch.randn(5, 3)

    outputs = network_outputs(network, features)

    torch.testing.assert_close(outputs, network[0](features).detach())
    assert network.training
    assert not outputs.requires_grad
