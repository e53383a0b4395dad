"""A network with long short-term memory."""

from torch import nn

from reprodx.models.recurrent import Recurrent

FORGET_GATE_BIAS = 1.0
"""Where forget gates start, so that early gradients reach far back.

Source: Jozefowicz et al., An empirical exploration of recurrent network architectures, ICML 2015, section 2.3.
"""


class RememberingLSTM(nn.LSTM):
    """Torch's layers with open forget gates at the start."""

    def reset_parameters(self) -> None:
        """Draw the weights and open the forget gates."""
        super().reset_parameters()
        for name, parameter in self.named_parameters():
            if name.startswith("bias"):
                # The gates stand in the order input, forget, cell, output, and torch adds two biases.
                _, forget, _, _ = parameter.detach().chunk(4)
                forget.fill_(FORGET_GATE_BIAS if name.startswith("bias_ih") else 0.0)


class LSTM(Recurrent):
    """i, f, o = sigmoid(...), g = tanh(...); c_t = f_t * c_(t-1) + i_t * g_t; h_t = o_t * tanh(c_t).

    Source: Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9, 1997; Gers et al., Learning to
    forget, Neural Computation 12, 2000; `torch.nn.LSTM`.
    """

    layer_type = RememberingLSTM
