"""From one vector per case to logits, with the table's features beside it."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reprodx.models.setting_ranges import check_shares


class Head(nn.Module):
    """Dropout on the pooled vector, the features beside it, and a linear layer."""

    def __init__(self, *, size: int, num_features: int, num_outputs: int, dropout: float) -> None:
        """Build the layer.

        Args:
            size: Units of the pooled vector.
            num_features: Columns of the features; 0 if there are none.
            num_outputs: Logits per case.
            dropout: The share of the pooled vector's units that is set to zero in training, in [0, 1).

        Raises:
            ConfigError: If `dropout` lies outside [0, 1).
        """
        super().__init__()
        check_shares(dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(size + num_features, num_outputs)

    def forward(
        self, pooled: Float[Tensor, "batch size"], features: Float[Tensor, "batch features"] | None
    ) -> Float[Tensor, "batch outputs"]:
        """Compute the logits.

        Args:
            pooled: What stands for each case.
            features: Standardised features; None if there are none.

        Returns:
            Logits: of the positive class for one output, else one a class or label.
        """
        pooled = self.dropout(pooled)
        logits: Tensor = self.linear(pooled if features is None else torch.cat([pooled, features], dim=1))
        return logits
