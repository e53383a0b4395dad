"""Integrated gradients against cases whose answer is known by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from reprodx.errors import AttributionError
from reprodx.explanation.asked_case import AskedCase
from reprodx.explanation.integrated_gradients import integrated_gradients, layer_integrated_gradients
from reprodx.inputs import Modality


def row(*values: float) -> torch.Tensor:
    return torch.tensor([values], dtype=torch.float64)


def test_a_linear_answer_is_its_weights_times_the_distance_from_the_baseline():
    """Sundararajan et al., ICML 2017: for a linear function the attribution is w_i (x_i - b_i)."""
    weights = torch.tensor([2.0, -1.0, 0.0], dtype=torch.float64)
    case = AskedCase((row(1.0, 3.0, 5.0),), (row(0.5, 1.0, 0.0),), (1,))
    found = integrated_gradients(lambda features: features @ weights + 7, case, Modality.TABLE)
    np.testing.assert_allclose(found.features, [1.0, -2.0, 0.0], atol=1e-8)
    assert found.convergence_delta == pytest.approx(0, abs=1e-8)
    assert found.log_odds == 6.0
    assert found.grid.size == 0


def test_a_product_is_shared_equally():
    """Along (t, t) the gradients of x y are t each, whose integral is one half."""
    case = AskedCase((row(1.0, 1.0),), (row(0.0, 0.0),), (1,))
    found = integrated_gradients(lambda features: features.prod(dim=1), case, Modality.TABLE)
    np.testing.assert_allclose(found.features, [0.5, 0.5], rtol=1e-8)


def test_windows_and_features_of_a_signal_add_up_to_the_difference():
    values = torch.rand(1, 100, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    case = AskedCase((values, None, row(2.0)), (torch.zeros_like(values), None, row(1.0)), (1,))

    def answer(values, lengths, features):
        assert lengths is None
        return (values**2).sum(dim=(1, 2)) + 3 * features[:, 0]

    found = integrated_gradients(answer, case, Modality.SIGNAL)
    assert (found.grid.shape, found.num_steps) == ((3, 32), 100)
    np.testing.assert_allclose(found.features, [3.0], rtol=1e-8)
    np.testing.assert_allclose(found.grid.sum(axis=1), (values[0] ** 2).sum(dim=0), rtol=1e-9)
    np.testing.assert_allclose(found.grid[1, 0], (values[0, :3, 1] ** 2).sum(), rtol=1e-9)


def test_more_points_are_taken_where_the_first_miss_too_much():
    case = AskedCase((row(1.0),), (row(0.0),), (1,))

    def answer(features):
        return torch.sigmoid(200 * (features[:, 0] - 0.703))

    coarse = integrated_gradients(answer, case, Modality.TABLE, (10,))
    fine = integrated_gradients(answer, case, Modality.TABLE, (10, 200))
    assert abs(coarse.convergence_delta) > 0.05 > abs(fine.convergence_delta)


class Bag(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(5, 2, padding_idx=0)
        self.embedding.weight.data = torch.tensor([[0, 0], [1, 1], [2, 0], [0, -3], [1, 4.0]], dtype=torch.float64)

    def forward(self, tokens, lengths=None, features=None):
        return self.embedding(tokens).sum(dim=(1, 2)) + (0 if features is None else features.sum(dim=1))


def test_tokens_bear_what_their_vectors_add():
    tokens = torch.tensor([[1, 3, 2, 1]])
    case = AskedCase((tokens, torch.tensor([4]), row(9.0)), (None, None, row(0.0)), (1,))
    network = Bag()
    found = layer_integrated_gradients(lambda *given: network(*given), network, case)
    np.testing.assert_allclose(found.grid, [[2.0, -3.0, 2.0, 2.0]], rtol=1e-8)
    assert (found.features.size, found.num_steps, found.log_odds) == (0, 4, 12.0)


def test_a_network_without_vectors_for_tokens_is_refused():
    network = nn.Linear(4, 1)
    case = AskedCase((torch.tensor([[1, 2, 3, 4]]),), (None,), (1,))
    with pytest.raises(AttributionError, match="no embedding"):
        layer_integrated_gradients(lambda tokens: network(tokens.float())[:, 0], network, case)
