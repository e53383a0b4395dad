"""A simple recurrent network."""

from torch import nn

from reprodx.models.recurrent import Recurrent


class RNN(Recurrent):
    """h_t = tanh(W x_t + b + U h_(t-1) + c).

    Source: Elman, Finding structure in time, Cognitive Science 14, 1990; `torch.nn.RNN`.
    """

    layer_type = nn.RNN
