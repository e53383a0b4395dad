"""Logistic regression as a network without a hidden layer: the model that any other has to beat."""

import math
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from reprodx.errors import ConfigError
from reprodx.inputs import Modality

TEXT_PENALTY = 1.0
"""What a configuration means that is older than the key."""


class Logistic(nn.Module):
    """Logits that are linear in the features; with several classes, multinomial logistic regression."""

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TABLE,)
    """What it can be given."""
    takes_summary: ClassVar[bool] = True
    """On other modalities it is fitted on summary features."""
    takes_all_terms: ClassVar[bool] = True
    """Of texts on all of them, by `training.terms_fit`."""

    def __init__(self, *, num_features: int, num_outputs: int, text_penalty: float = TEXT_PENALTY) -> None:
        """Start at zero: the problem is convex, so no random start is needed.

        Args:
            num_features: Columns of the features, at least 1.
            num_outputs: 1 for two classes, else the number of classes.
            text_penalty: Of texts alone: times half the sum of the squared weights, beside the loss summed over
                training cases; 1 / C of scikit-learn. 0 or more.

        Raises:
            ConfigError: If the penalty is below 0, or no number.
        """
        super().__init__()
        if not 0 <= text_penalty < math.inf:
            raise ConfigError(f"model.text_penalty: {text_penalty} is no number of 0 or more")
        self.linear = nn.Linear(num_features, num_outputs)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch outputs"]:
        """Compute the logits.

        Args:
            features: Standardised features.

        Returns:
            Logits: of the positive class for one output, else one a class.
        """
        logits: Tensor = self.linear(features)
        return logits
