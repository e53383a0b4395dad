"""What a network for sequences reads at each step: the values themselves, or the vectors of tokens."""

from jaxtyping import Float, Int
from torch import Tensor, nn

from reprodx.models.padding import clear_padding, group_means, num_groups
from reprodx.models.setting_ranges import check_counts

PADDING_TOKEN = 0
"""The token that stands behind the end of a text."""


class SequenceInput(nn.Module):
    """Vectors of a text's tokens, or a signal's own values, with padding set to zero."""

    def __init__(self, *, num_channels: int, vocabulary_size: int | None, embedding_size: int, stride: int) -> None:
        """Build the embedding, where there is text.

        Args:
            num_channels: Leads or variables; not used for text.
            vocabulary_size: Tokens, with 0 for padding; None unless text.
            embedding_size: Size of a token's vector; not used unless text.
            stride: Consecutive steps that are averaged to one; 1 keeps all.

        Raises:
            ConfigError: If a size is below 1.
        """
        super().__init__()
        check_counts(embedding_size=embedding_size, stride=stride)
        self.stride = stride
        self.size = num_channels if vocabulary_size is None else embedding_size
        self.embedding = (
            None if vocabulary_size is None else nn.Embedding(vocabulary_size, embedding_size, PADDING_TOKEN)
        )

    def forward(
        self,
        values: Float[Tensor, "batch time channels"] | Int[Tensor, "batch time"],
        lengths: Int[Tensor, " batch"] | None,
    ) -> tuple[Float[Tensor, "batch steps size"], Int[Tensor, " batch"] | None]:
        """Return the vectors.

        Args:
            values: Measurements, or the tokens of texts.
            lengths: Steps of each case; None where all count.

        Returns:
            A vector per step, and the steps of each case, at least 1; None where all count.
        """
        values, lengths = clear_padding(values, lengths)
        steps = values if self.embedding is None else self.embedding(values)
        return group_means(steps, lengths, self.stride), num_groups(lengths, self.stride)
