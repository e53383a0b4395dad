"""A network of self-attention over the features of a table."""

import math
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reprodx.inputs import Modality
from reprodx.models.setting_ranges import check_counts, check_heads, check_shares


class FeatureTokens(nn.Module):
    """A token per feature, T_j = b_j + x_j W_j, and before them a learnt one that stands for the whole case.

    Source: Gorishniy et al., Revisiting deep learning models for tabular data, NeurIPS 2021, section 3.3. Categories
    come as columns of zeros and ones, for which the equation gives the paper's look-up table.
    """

    def __init__(self, *, num_features: int, token_size: int) -> None:
        """Draw the weights uniformly from one over the square root of the size on either side of zero.

        Args:
            num_features: Columns of the features, at least 1.
            token_size: Size of a token's vector.
        """
        super().__init__()
        bound = 1 / math.sqrt(token_size)
        self.weight = nn.Parameter(torch.empty(num_features, token_size).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(num_features, token_size).uniform_(-bound, bound))
        self.case_token = nn.Parameter(torch.empty(token_size).uniform_(-bound, bound))

    def forward(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "tokens batch size"]:
        """Return the tokens.

        Args:
            features: Standardised features.

        Returns:
            The case's token, then one per feature.
        """
        tokens = torch.addcmul(self.bias.unsqueeze(1), features.t().unsqueeze(2), self.weight.unsqueeze(1))
        return torch.cat([self.case_token.expand(1, len(features), -1), tokens])


class FeatureAttention(nn.Module):
    """Self-attention and a dense part with ReGLU, each normalised before and added to what came in.

    Source: Gorishniy et al., NeurIPS 2021, section 3.3; ReGLU(a, b) = a * relu(b), Shazeer, GLU variants improve
    transformer, 2020, equation 6.
    """

    def __init__(
        self,
        *,
        token_size: int,
        num_heads: int,
        feedforward_size: int,
        attention_dropout: float,
        feedforward_dropout: float,
        is_first: bool,
    ) -> None:
        """Build the layers.

        Args:
            token_size: Size of a token's vector.
            num_heads: Heads of attention.
            feedforward_size: Hidden units of the dense part.
            attention_dropout: The share of attention's weights that is set to zero in training.
            feedforward_dropout: The share of the dense part's hidden units that is set to zero in training.
            is_first: Whether it is the first, which the paper leaves without a normalisation before attention.
        """
        super().__init__()
        self.norm1 = nn.Identity() if is_first else nn.LayerNorm(token_size)
        # With `batch_first` torch takes other kernels when it does not train, and their numbers differ.
        self.attention = nn.MultiheadAttention(token_size, num_heads, attention_dropout, batch_first=False)
        self.norm2 = nn.LayerNorm(token_size)
        self.linear1 = nn.Linear(token_size, 2 * feedforward_size)
        self.dropout = nn.Dropout(feedforward_dropout)
        self.linear2 = nn.Linear(feedforward_size, token_size)

    def forward(self, tokens: Float[Tensor, "tokens batch size"]) -> Float[Tensor, "tokens batch size"]:
        """Compute the layer.

        Args:
            tokens: What the layer before gave.

        Returns:
            As many tokens.
        """
        normed = self.norm1(tokens)
        tokens = tokens + self.attention(normed, normed, normed, need_weights=False)[0]
        values, gates = self.linear1(self.norm2(tokens)).chunk(2, dim=-1)
        out: Tensor = tokens + self.linear2(self.dropout(values * torch.relu(gates)))
        return out


class FTTransformer(nn.Module):
    """Tokens of features, layers of attention between them, and the logits from the case's token.

    Source: Gorishniy et al., Revisiting deep learning models for tabular data, NeurIPS 2021, section 3.3.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TABLE,)
    """What it can be given."""

    def __init__(
        self,
        *,
        num_features: int,
        num_outputs: int,
        token_size: int,
        num_layers: int,
        num_heads: int,
        feedforward_size: int,
        attention_dropout: float,
        feedforward_dropout: float,
    ) -> None:
        """Build the layers; the weights come from torch's random state.

        Args:
            num_features: Columns of the features, at least 1.
            num_outputs: 1 for two classes, else the number of classes or labels.
            token_size: Size of a token's vector, divisible by `num_heads`.
            num_layers: Layers of attention.
            num_heads: Heads of each layer.
            feedforward_size: Hidden units of each layer's dense part.
            attention_dropout: The share of attention's weights that is set to zero in training, in [0, 1).
            feedforward_dropout: The share of the dense parts' hidden units that is set to zero in training, in [0, 1).

        Raises:
            ConfigError: If a setting is out of its range.
        """
        super().__init__()
        check_counts(num_layers=num_layers, feedforward_size=feedforward_size)
        check_heads(num_heads, token_size=token_size)
        check_shares(attention_dropout=attention_dropout, feedforward_dropout=feedforward_dropout)
        self.tokens = FeatureTokens(num_features=num_features, token_size=token_size)
        self.layers = nn.Sequential(
            *(
                FeatureAttention(
                    token_size=token_size,
                    num_heads=num_heads,
                    feedforward_size=feedforward_size,
                    attention_dropout=attention_dropout,
                    feedforward_dropout=feedforward_dropout,
                    is_first=number == 0,
                )
                for number in range(num_layers)
            )
        )
        self.head = nn.Sequential(nn.LayerNorm(token_size), nn.ReLU(), nn.Linear(token_size, num_outputs))

    def forward(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch outputs"]:
        """Compute the logits.

        Args:
            features: Standardised features.

        Returns:
            Logits: of the positive class for one output, else one a class or label.
        """
        logits: Tensor = self.head(self.layers(self.tokens(features))[0])
        return logits
