"""Long short-term memory against its equations."""

import numpy as np
import torch
from scipy.special import expit

from reprodx.models.lstm import LSTM, RememberingLSTM
from tests.models.test_recurrent import SETTINGS


def test_states_follow_the_equations():
    network = LSTM(**SETTINGS).double()
    values = torch.randn(2, 7, 3, dtype=torch.float64)
    weights = {
        name.removesuffix("_l0"): each.detach().numpy() for name, each in network.layers.onwards[0].named_parameters()
    }

    state, cell = np.zeros((2, 5)), np.zeros((2, 5))
    for step in values.numpy().transpose(1, 0, 2):
        inner = step @ weights["weight_ih"].T + weights["bias_ih"]
        inner += state @ weights["weight_hh"].T + weights["bias_hh"]
        put_in, forget, new, give_out = np.split(inner, 4, axis=1)
        cell = expit(forget) * cell + expit(put_in) * np.tanh(new)
        state = expit(give_out) * np.tanh(cell)

    head, bias = (each.detach().numpy() for each in network.head.parameters())
    logits = network(values, None, torch.ones(2, 2, dtype=torch.float64)).detach()
    np.testing.assert_allclose(logits, np.hstack([state, np.ones((2, 2))]) @ head.T + bias, atol=1e-10)


def test_an_lstm_that_starts_anew_opens_its_forget_gates():
    layers = RememberingLSTM(2, 3)
    with torch.no_grad():
        layers.bias_ih_l0.fill_(9)
        layers.bias_hh_l0.fill_(9)

    layers.reset_parameters()

    assert layers.bias_ih_l0[3:6].tolist() == [1.0] * 3
    assert layers.bias_hh_l0[3:6].tolist() == [0.0] * 3
    assert (layers.bias_ih_l0[:3] < 1).all()
