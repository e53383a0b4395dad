"""A network of self-attention for signals, series and texts."""

from typing import ClassVar, Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.models.head import Head
from reprodx.models.padding import in_groups, num_groups, step_mask
from reprodx.models.pooling import sequence_pooling
from reprodx.models.positional_encoding import sinusoidal_encoding
from reprodx.models.sequence_input import SequenceInput
from reprodx.models.setting_ranges import check_counts, check_heads, check_shares


class Transformer(nn.Module):
    """Tokens with their positions, layers of self-attention, pooling, and a linear layer with the features beside.

    Source: Vaswani et al., Attention is all you need, NeurIPS 2017, the encoder; normalisation before each part as in
    Xiong et al., On layer normalization in the transformer architecture, ICML 2020; patches of a signal as those of a
    picture in Dosovitskiy et al., An image is worth 16x16 words, ICLR 2021, equation 1.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.SIGNAL, Modality.SERIES, Modality.TEXT)
    """What it can be given."""

    def __init__(
        self,
        *,
        num_channels: int,
        vocabulary_size: int | None,
        num_features: int,
        num_outputs: int,
        patch: int,
        model_size: int,
        num_layers: int,
        num_heads: int,
        feedforward_size: int,
        dropout: float,
        pooling: Literal["mean", "attention", "first"],
    ) -> None:
        """Build the layers; the weights come from torch's random state.

        Args:
            num_channels: Leads or variables; 0 for text.
            vocabulary_size: Tokens, with 0 for padding; None unless text.
            num_features: Columns of the features beside the sequence; 0 if there are none.
            num_outputs: 1 for two classes, else the number of classes or labels.
            patch: Consecutive steps that become one token by a linear map; 1 for text.
            model_size: Size of a token's vector, even and divisible by `num_heads`.
            num_layers: Layers of self-attention.
            num_heads: Heads of each layer.
            feedforward_size: Hidden units of each layer's dense part.
            dropout: The share of units that is set to zero in training, in [0, 1).
            pooling: How the tokens become one vector; `first` puts a learnt token before the others.

        Raises:
            ConfigError: If a setting is out of its range.
        """
        super().__init__()
        check_counts(patch=patch, num_layers=num_layers, feedforward_size=feedforward_size)
        check_heads(num_heads, model_size=model_size)
        check_shares(dropout=dropout)
        if model_size % 2:
            raise ConfigError(f"model.model_size: {model_size} is odd; positions need an even one")
        if vocabulary_size is not None and patch > 1:
            raise ConfigError(f"model.patch: {patch} does not fit text, each of whose words is a token; set 1")
        self.patch = patch
        self.input = SequenceInput(
            num_channels=num_channels, vocabulary_size=vocabulary_size, embedding_size=model_size, stride=1
        )
        self.projection = nn.Linear(patch * num_channels, model_size) if vocabulary_size is None else nn.Identity()
        self.first_token = nn.Parameter(torch.randn(model_size)) if pooling == "first" else None
        self.dropout = nn.Dropout(dropout)
        # With `batch_first` torch takes other kernels when it does not train, and their numbers differ.
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                model_size, num_heads, feedforward_size, dropout, nn.functional.gelu, batch_first=False, norm_first=True
            )
            for _ in range(num_layers)
        )
        self.norm = nn.LayerNorm(model_size)
        self.pooling = sequence_pooling(pooling, model_size)
        self.head = Head(size=model_size, num_features=num_features, num_outputs=num_outputs, dropout=dropout)

    def forward(
        self,
        values: Float[Tensor, "batch time channels"] | Int[Tensor, "batch time"],
        lengths: Int[Tensor, " batch"] | None = None,
        features: Float[Tensor, "batch features"] | None = None,
    ) -> Float[Tensor, "batch outputs"]:
        """Compute the logits.

        Args:
            values: Measurements, or the tokens of texts.
            lengths: Steps of each case; None where all count.
            features: Standardised features beside the sequence; None if there are none.

        Returns:
            Logits: of the positive class for one output, else one a class or label.
        """
        tokens, lengths = self._tokens(values, lengths)
        states = self.dropout(tokens + sinusoidal_encoding(tokens.shape[1], tokens.shape[2], tokens)).transpose(0, 1)
        padding = None if lengths is None else ~step_mask(lengths, tokens.shape[1])
        for layer in self.layers:
            states = layer(states, src_key_padding_mask=padding)
        logits: Tensor = self.head(self.pooling(self.norm(states).transpose(0, 1), lengths), features)
        return logits

    def _tokens(
        self, values: Float[Tensor, "batch time channels"] | Int[Tensor, "batch time"], lengths: Tensor | None
    ) -> tuple[Float[Tensor, "batch tokens size"], Int[Tensor, " batch"] | None]:
        steps, lengths = self.input(values, lengths)
        tokens = self.projection(in_groups(steps, self.patch).flatten(2) if self.patch > 1 else steps)
        lengths = num_groups(lengths, self.patch)
        if self.first_token is None:
            return tokens, lengths
        first = self.first_token.expand(len(tokens), 1, -1)
        return torch.cat([first, tokens], dim=1), None if lengths is None else lengths + 1
