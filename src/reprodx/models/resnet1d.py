"""A residual convolutional network for signals and series."""

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.models.head import Head
from reprodx.models.masked_batch_norm import MaskedBatchNorm
from reprodx.models.padding import clear_padding, num_groups, step_mask
from reprodx.models.pooling import sequence_pooling
from reprodx.models.setting_ranges import check_counts, check_shares


class ResidualBlock(nn.Module):
    """Two convolutions over time, and what came in added to what comes out.

    Source: Ribeiro et al., Automatic diagnosis of the 12-lead ECG using a deep neural network, Nature Communications
    11, 2020, figure 4, with the block's order of Wang et al., Time series classification from scratch, IJCNN 2017.
    """

    def __init__(self, *, size_in: int, size_out: int, kernel_size: int, stride: int, dropout: float) -> None:
        """Build the layers.

        Args:
            size_in: Channels that come in.
            size_out: Channels that come out.
            kernel_size: Steps that a filter reads, odd.
            stride: Of the first convolution, in steps.
            dropout: The share of values between the convolutions that is set to zero in training.
        """
        super().__init__()
        half = kernel_size // 2
        self.conv1 = nn.Conv1d(size_in, size_out, kernel_size, stride=stride, padding=half, bias=False)
        self.norm1 = MaskedBatchNorm(size_out)
        self.dropout = nn.Dropout(dropout)
        self.conv2 = nn.Conv1d(size_out, size_out, kernel_size, padding=half, bias=False)
        self.norm2 = MaskedBatchNorm(size_out)
        self.shortcut = nn.Conv1d(size_in, size_out, 1, stride=stride, bias=False)
        self.shortcut_norm = MaskedBatchNorm(size_out)

    def forward(
        self, values: Float[Tensor, "batch size time"], own: Bool[Tensor, "batch steps"] | None
    ) -> Float[Tensor, "batch out_size steps"]:
        """Compute the block.

        Args:
            values: What the block before gave; padding is zero, so that a filter sees no more behind a case's end
                than it would see behind the end of the batch.
            own: True for a case's own step of the result; None where all are.

        Returns:
            Time divided by the stride, rounded up; padding is zero.
        """
        inner = self.dropout(torch.relu(self.norm1(self.conv1(values), own)))
        return torch.relu(self.norm2(self.conv2(inner), own) + self.shortcut_norm(self.shortcut(values), own))


class ResNet1D(nn.Module):
    """A convolution, residual blocks over time, pooling, and a linear layer with the features beside."""

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.SIGNAL, Modality.SERIES)
    """What it can be given."""

    def __init__(
        self,
        *,
        num_channels: int,
        num_features: int,
        num_outputs: int,
        filters: Sequence[int],
        kernel_size: int,
        stride: int,
        dropout: float,
        pooling: Literal["mean", "max", "attention"],
    ) -> None:
        """Build the layers; the weights come from torch's random state.

        Args:
            num_channels: Leads or variables.
            num_features: Columns of the features beside the sequence; 0 if there are none.
            num_outputs: 1 for two classes, else the number of classes or labels.
            filters: Filters of each residual block, first to last.
            kernel_size: Steps that a filter reads, odd.
            stride: Each block divides the number of steps by this.
            dropout: The share of units that is set to zero in training, in blocks and before the head, in [0, 1).
            pooling: How the last block's steps become one vector.

        Raises:
            ConfigError: If a setting is out of its range.
        """
        super().__init__()
        check_counts(filters=min(filters, default=0), kernel_size=kernel_size, stride=stride)
        check_shares(dropout=dropout)
        if kernel_size % 2 == 0:
            raise ConfigError(f"model.kernel_size: {kernel_size} is even; give an odd one")
        self.stride = stride
        self.stem = nn.Conv1d(num_channels, filters[0], kernel_size, padding=kernel_size // 2, bias=False)
        self.stem_norm = MaskedBatchNorm(filters[0])
        self.blocks = nn.ModuleList(
            ResidualBlock(size_in=size_in, size_out=size_out, kernel_size=kernel_size, stride=stride, dropout=dropout)
            for size_in, size_out in zip([filters[0], *filters], filters, strict=False)
        )
        self.pooling = sequence_pooling(pooling, filters[-1])
        self.head = Head(size=filters[-1], num_features=num_features, num_outputs=num_outputs, dropout=dropout)

    def forward(
        self,
        values: Float[Tensor, "batch time channels"],
        lengths: Int[Tensor, " batch"] | None = None,
        features: Float[Tensor, "batch features"] | None = None,
    ) -> Float[Tensor, "batch outputs"]:
        """Compute the logits.

        Args:
            values: Measurements.
            lengths: Steps of each case; None where all count.
            features: Standardised features beside the sequence; None if there are none.

        Returns:
            Logits: of the positive class for one output, else one a class or label.
        """
        values, lengths = clear_padding(values, lengths)
        maps = values.transpose(1, 2)
        maps = torch.relu(self.stem_norm(self.stem(maps), _own_steps(lengths, maps.shape[2])))
        for block in self.blocks:
            lengths = num_groups(lengths, self.stride)
            maps = block(maps, _own_steps(lengths, -(-maps.shape[2] // self.stride)))
        logits: Tensor = self.head(self.pooling(maps.transpose(1, 2), lengths), features)
        return logits


def _own_steps(lengths: Int[Tensor, " batch"] | None, num_steps: int) -> Bool[Tensor, "batch time"] | None:
    return None if lengths is None else step_mask(lengths, num_steps)
