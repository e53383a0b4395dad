"""The Elman network against its equation."""

import numpy as np
import torch

from reprodx.models.rnn import RNN
from tests.models.test_recurrent import SETTINGS


def test_states_follow_the_equation():
    network = RNN(**SETTINGS).double()
    values = torch.randn(2, 7, 3, dtype=torch.float64)
    weights = {
        name.removesuffix("_l0"): each.detach().numpy() for name, each in network.layers.onwards[0].named_parameters()
    }

    state = np.zeros((2, 5))
    for step in values.numpy().transpose(1, 0, 2):
        inner = step @ weights["weight_ih"].T + weights["bias_ih"]
        state = np.tanh(inner + state @ weights["weight_hh"].T + weights["bias_hh"])

    head, bias = (each.detach().numpy() for each in network.head.parameters())
    logits = network(values, None, torch.ones(2, 2, dtype=torch.float64)).detach()
    np.testing.assert_allclose(logits, np.hstack([state, np.ones((2, 2))]) @ head.T + bias, atol=1e-10)
