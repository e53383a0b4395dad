"""What the recurrent networks share: input, layers over the steps, pooling, head."""

from typing import ClassVar, Literal

from jaxtyping import Float, Int
from torch import Tensor, nn

from reprodx.inputs import Modality
from reprodx.models.head import Head
from reprodx.models.pooling import sequence_pooling
from reprodx.models.recurrent_layers import LayerType, RecurrentLayers
from reprodx.models.sequence_input import SequenceInput
from reprodx.models.setting_ranges import check_counts, check_shares


class Recurrent(nn.Module):
    """Recurrent layers over signals, series or texts; subclasses say which."""

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.SIGNAL, Modality.SERIES, Modality.TEXT)
    """What it can be given."""
    layer_type: ClassVar[LayerType]
    """The recurrent layers of torch."""

    def __init__(
        self,
        *,
        num_channels: int,
        vocabulary_size: int | None,
        num_features: int,
        num_outputs: int,
        embedding_size: int,
        stride: int,
        hidden_size: int,
        num_layers: int,
        bidirectional: bool,
        dropout: float,
        pooling: Literal["last", "mean", "max", "attention"],
    ) -> None:
        """Build the layers; the weights come from torch's random state.

        Args:
            num_channels: Leads or variables; 0 for text.
            vocabulary_size: Tokens, with 0 for padding; None unless text.
            num_features: Columns of the features beside the sequence; 0 if there are none.
            num_outputs: 1 for two classes, else the number of classes or labels.
            embedding_size: Size of a token's vector; for text alone.
            stride: Consecutive steps that are averaged to one before the first layer; 1 keeps all.
            hidden_size: Units of a layer and direction.
            num_layers: Layers, each over the states of the one before.
            bidirectional: Whether each layer also reads from the end to the start.
            dropout: The share of units that is set to zero in training between layers and before the head, in [0, 1).
            pooling: How the last layer's states become one vector.

        Raises:
            ConfigError: If a size is below 1 or `dropout` lies outside [0, 1).
        """
        super().__init__()
        check_counts(hidden_size=hidden_size, num_layers=num_layers)
        check_shares(dropout=dropout)
        self.input = SequenceInput(
            num_channels=num_channels, vocabulary_size=vocabulary_size, embedding_size=embedding_size, stride=stride
        )
        self.layers = RecurrentLayers(
            self.layer_type,
            input_size=self.input.size,
            hidden_size=hidden_size,
            num_layers=num_layers,
            bidirectional=bidirectional,
            dropout=dropout,
        )
        size = self.layers.output_size
        self.pooling = sequence_pooling(pooling, size, bidirectional=bidirectional)
        self.head = Head(size=size, num_features=num_features, num_outputs=num_outputs, dropout=dropout)

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
        steps, lengths = self.input(values, lengths)
        logits: Tensor = self.head(self.pooling(self.layers(steps, lengths), lengths), features)
        return logits
