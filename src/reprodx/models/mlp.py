"""A multi-layer perceptron."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from jaxtyping import Float
from torch import Tensor, nn

from reprodx.errors import ConfigError
from reprodx.inputs import Modality

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
"""What may follow a hidden layer."""


class MLP(nn.Module):
    """Hidden layers, each linear, batch normalisation, activation, dropout; then a linear layer to the logits."""

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TABLE,)
    """What it can be given."""

    def __init__(
        self,
        *,
        num_features: int,
        num_outputs: int,
        hidden_sizes: Sequence[int],
        activation: Literal["relu", "tanh", "sigmoid"],
        dropout: float,
        batch_norm: bool,
    ) -> None:
        """Build the layers; the weights come from torch's random state.

        Args:
            num_features: Columns of the features, at least 1.
            num_outputs: 1 for two classes, else the number of classes.
            hidden_sizes: Units of each hidden layer, first to last; none makes a logistic regression.
            activation: What follows each hidden layer.
            dropout: The share of hidden units that is set to zero in training, in [0, 1).
            batch_norm: Whether batch normalisation stands before each activation.

        Raises:
            ConfigError: If a size is below 1 or `dropout` lies outside [0, 1).
        """
        super().__init__()
        if any(size < 1 for size in hidden_sizes):
            raise ConfigError(f"model.hidden_sizes: {list(hidden_sizes)} has a layer without units; give sizes from 1")
        if not 0 <= dropout < 1:
            raise ConfigError(f"model.dropout: {dropout} is not in [0, 1)")
        layers: list[nn.Module] = []
        for size_in, size_out in zip([num_features, *hidden_sizes], hidden_sizes, strict=False):
            layers.append(nn.Linear(size_in, size_out))
            layers += [nn.BatchNorm1d(size_out)] if batch_norm else []
            layers.append(ACTIVATIONS[activation]())
            layers += [nn.Dropout(dropout)] if dropout else []
        layers.append(nn.Linear([num_features, *hidden_sizes][-1], num_outputs))
        self.layers = nn.Sequential(*layers)

    def forward(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch outputs"]:
        """Compute the logits.

        Args:
            features: Standardised features.

        Returns:
            Logits: of the positive class for one output, else one a class.
        """
        logits: Tensor = self.layers(features)
        return logits
