"""Logistic regression as a network."""

import pytest
import torch

from reprodx.errors import ConfigError
from reprodx.models.logistic import Logistic


def test_starts_at_zero_whatever_the_seed():
    logits = Logistic(num_features=3, num_outputs=2, text_penalty=1.0)(torch.randn(5, 3))

    assert torch.equal(logits, torch.zeros(5, 2))


@pytest.mark.parametrize("penalty", [-1.0, float("nan"), float("inf")])
def test_a_penalty_that_is_none_is_refused(penalty):
    with pytest.raises(ConfigError, match=r"model\.text_penalty: .* is no number of 0 or more"):
        Logistic(num_features=3, num_outputs=2, text_penalty=penalty)


def test_logits_are_linear_in_the_features():
    network = Logistic(num_features=2, num_outputs=1, text_penalty=1.0)
    with torch.no_grad():
        network.linear.weight.copy_(torch.tensor([[2.0, -1.0]]))
        network.linear.bias.fill_(0.5)

    logits = network(torch.tensor([[1.0, 0.0], [1.0, 3.0]]))

    assert logits.tolist() == [[2.5], [-0.5]]
