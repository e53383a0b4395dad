"""The gated recurrent units against their equations."""

import numpy as np
import torch
from scipy.special import expit

from reprodx.models.gru import GRU
from tests.models.test_recurrent import SETTINGS


def test_states_follow_the_equations():
    network = GRU(**SETTINGS).double()
    values = torch.randn(2, 7, 3, dtype=torch.float64)
    weights = {
        name.removesuffix("_l0"): each.detach().numpy() for name, each in network.layers.onwards[0].named_parameters()
    }

    state = np.zeros((2, 5))
    for step in values.numpy().transpose(1, 0, 2):
        from_input = np.split(step @ weights["weight_ih"].T + weights["bias_ih"], 3, axis=1)
        from_state = np.split(state @ weights["weight_hh"].T + weights["bias_hh"], 3, axis=1)
        reset, update = (expit(from_input[gate] + from_state[gate]) for gate in (0, 1))
        new = np.tanh(from_input[2] + reset * from_state[2])
        state = (1 - update) * new + update * state

    head, bias = (each.detach().numpy() for each in network.head.parameters())
    logits = network(values, None, torch.ones(2, 2, dtype=torch.float64)).detach()
    np.testing.assert_allclose(logits, np.hstack([state, np.ones((2, 2))]) @ head.T + bias, atol=1e-10)
