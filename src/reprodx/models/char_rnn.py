"""A recurrent network that writes texts, one character or sub-word after the other."""

from typing import ClassVar, Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from reprodx.inputs import Modality
from reprodx.models.lstm import RememberingLSTM
from reprodx.models.setting_ranges import check_counts, check_shares

END_TOKEN = 0
"""What a text begins after and ends with; behind the end it is padding."""
UNKNOWN_TOKEN = 1
"""Stands for what no training text has; it is read and never written."""
LAYERS = {"rnn": nn.RNN, "lstm": RememberingLSTM}


class TextState(NamedTuple):
    """What a network remembers of the tokens that it has read."""

    layers: tuple[tuple[Tensor, ...], ...]
    """Of each recurrent layer its state, and for an LSTM its cells, of shape (batch, hidden)."""
    classes: Tensor
    """Shape (batch,), int64."""

    def select(self, rows: Tensor) -> "TextState":
        """Return the state of some of the texts, by number or by a mask."""
        return TextState(tuple(tuple(each[rows] for each in layer) for layer in self.layers), self.classes[rows])


class CharRNN(nn.Module):
    """p(next token | tokens so far, class) = softmax(V h_t + c), h_t the last recurrent layer's state.

    A class, where it is given, is a vector that is added to every token's.

    Source: Mikolov et al., Recurrent neural network based language model, Interspeech 2010, equations 1 to 5; over
    characters Graves, Generating sequences with recurrent neural networks, arXiv:1308.0850, 2013, section 2.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TEXT,)
    """What it can be given."""
    generates: ClassVar[bool] = True
    """It makes cases; it does not diagnose them."""

    def __init__(
        self,
        *,
        vocabulary_size: int,
        num_classes: int,
        cell: Literal["rnn", "lstm"],
        embedding_size: int,
        hidden_size: int,
        num_layers: int,
        dropout: float,
        conditional: bool,
    ) -> None:
        """Build the layers; the weights come from torch's random state.

        Args:
            vocabulary_size: Tokens, with 0 for begin, end and padding, and 1 for unknown.
            num_classes: Classes of the cases.
            cell: The simple recurrence, or long short-term memory.
            embedding_size: Size of a token's vector.
            hidden_size: Units of a recurrent layer.
            num_layers: Recurrent layers, each over the states of the one before.
            dropout: The share of units that is set to zero in training between layers and before the logits, in [0, 1).
            conditional: Whether the network is told the class of a text.

        Raises:
            ConfigError: If a size is below 1 or `dropout` lies outside [0, 1).
        """
        super().__init__()
        check_counts(embedding_size=embedding_size, hidden_size=hidden_size, num_layers=num_layers)
        check_shares(dropout=dropout)
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.class_embedding = nn.Embedding(num_classes, embedding_size) if conditional else None
        # Torch warns of a dropout between layers where there is one layer alone.
        between = dropout if num_layers > 1 else 0.0
        self.layers = LAYERS[cell](embedding_size, hidden_size, num_layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_size, vocabulary_size)

    def forward(
        self, tokens: Int[Tensor, "batch time"], classes: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch time vocabulary"]:
        """Compute the logits of the token that follows each place, from the tokens up to that place alone.

        Args:
            tokens: Texts, `END_TOKEN` before each and behind its end.
            classes: Class numbers from 0; not looked at unless the network is conditional.

        Returns:
            Logits of the next token.
        """
        states = self.layers(self._vectors(tokens, classes))[0]
        logits: Tensor = self.head(self.dropout(states))
        return logits

    def start(self, classes: Int[Tensor, " batch"]) -> TextState:
        """Return the state before the first token; `END_TOKEN` is to be read first.

        Args:
            classes: Class numbers from 0.

        Returns:
            Zeros.
        """
        zeros = self.head.weight.new_zeros(len(classes), self.layers.hidden_size)
        layer = (zeros, zeros) if isinstance(self.layers, nn.LSTM) else (zeros,)
        return TextState((layer,) * self.layers.num_layers, classes)

    def step(
        self, tokens: Int[Tensor, " batch"], state: TextState
    ) -> tuple[Float[Tensor, "batch vocabulary"], TextState]:
        """Read one token more of each text.

        Args:
            tokens: One of each text.
            state: What is remembered of the tokens before.

        Returns:
            Logits of the next token, equal to those of `forward` at this place; and the state after it.
        """
        values = self._vectors(tokens[:, None], state.classes)[:, 0]
        layers: list[tuple[Tensor, ...]] = []
        # By the cells themselves: torch's layers take several times as long for a single step.
        for number, (layer, weights) in enumerate(zip(state.layers, self.layers.all_weights, strict=True)):
            values = self.dropout(values) if number else values
            if isinstance(self.layers, nn.LSTM):
                layers.append(torch.lstm_cell(values, layer, *weights))
            else:
                layers.append((torch.rnn_tanh_cell(values, *layer, *weights),))
            values = layers[-1][0]
        return self.head(self.dropout(values)), TextState(tuple(layers), state.classes)

    def _vectors(self, tokens: Tensor, classes: Tensor) -> Tensor:
        vectors: Tensor = self.embedding(tokens)
        return vectors if self.class_embedding is None else vectors + self.class_embedding(classes)[:, None]
