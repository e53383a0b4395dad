"""The head: linear in the pooled vector and the features."""

import pytest
import torch

from reprodx.errors import ConfigError
from reprodx.models.head import Head


def test_features_stand_behind_the_pooled_vector():
    head = Head(size=2, num_features=1, num_outputs=3, dropout=0.0)
    pooled, features = torch.randn(4, 2), torch.randn(4, 1)

    expected = torch.cat([pooled, features], 1) @ head.linear.weight.T + head.linear.bias

    torch.testing.assert_close(head(pooled, features), expected)


def test_features_may_be_absent():
    head = Head(size=2, num_features=0, num_outputs=3, dropout=0.0)
    pooled = torch.randn(4, 2)

    assert torch.equal(head(pooled, None), head(pooled, torch.zeros(4, 0)))


def test_dropout_spares_features_and_evaluation():
    head = Head(size=50, num_features=50, num_outputs=1, dropout=0.99)
    torch.nn.init.ones_(head.linear.weight)
    torch.nn.init.zeros_(head.linear.bias)

    assert head(torch.zeros(1, 50), torch.ones(1, 50)).item() == 50
    assert head.eval()(torch.ones(1, 50), torch.zeros(1, 50)).item() == 50
    assert head.train()(torch.ones(1, 50), torch.zeros(1, 50)).item() != 50


def test_refuses_to_drop_all():
    with pytest.raises(ConfigError, match="dropout"):
        Head(size=2, num_features=0, num_outputs=1, dropout=1.0)
