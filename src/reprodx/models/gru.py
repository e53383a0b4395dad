"""A network of gated recurrent units."""

from torch import nn

from reprodx.models.recurrent import Recurrent


class GRU(Recurrent):
    """r, z = sigmoid(...); n_t = tanh(W x_t + b + r_t * (U h_(t-1) + c)); h_t = (1 - z_t) * n_t + z_t * h_(t-1).

    Source: Cho et al., Learning phrase representations using RNN encoder-decoder, EMNLP 2014, equations 5-8, with the
    reset gate behind the product with U, as `torch.nn.GRU` has it.
    """

    layer_type = nn.GRU
