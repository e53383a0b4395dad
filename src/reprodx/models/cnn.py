"""A convolutional network for pictures."""

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.models.setting_ranges import check_counts, check_shares


class CNN(nn.Module):
    """Blocks of convolution, batch normalisation, ReLU and max pooling; then dense layers with ReLU and dropout.

    Source: LeCun et al., Gradient-based learning applied to document recognition, Proceedings of the IEEE 86, 1998;
    with ReLU and max pooling, Krizhevsky et al., NeurIPS 2012.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.IMAGE,)
    """What it can be given."""

    def __init__(
        self,
        *,
        num_channels: int,
        image_size: tuple[int, int],
        num_outputs: int,
        filters: Sequence[int],
        convs_per_block: int,
        kernel_size: int,
        padding: Literal["same", "valid"],
        pool: int,
        batch_norm: bool,
        pooling_head: Literal["flatten", "average"],
        hidden_sizes: Sequence[int],
        dropout: float,
    ) -> None:
        """Build the layers; the weights come from torch's random state.

        Args:
            num_channels: Channels of a picture.
            image_size: Its height and width in pixels.
            num_outputs: 1 for two classes, else the number of classes or labels.
            filters: Filters of each block, first to last.
            convs_per_block: Convolutions of a block, each with its ReLU.
            kernel_size: Height and width of a filter in pixels; odd with `same`.
            padding: `same` keeps the size by zeros around the picture; `valid` reads inside it alone.
            pool: Height and width in pixels of what becomes one at a block's end; 1 keeps all.
            batch_norm: Whether batch normalisation stands before each ReLU of a block.
            pooling_head: What dense layers see of the last block: every pixel, or each filter's average.
            hidden_sizes: Units of each dense hidden layer; none puts the logits behind the last block.
            dropout: The share of dense hidden units that is set to zero in training, in [0, 1).

        Raises:
            ConfigError: If a setting is out of its range, or nothing is left of a picture after the last block.
        """
        super().__init__()
        check_counts(convs_per_block=convs_per_block, kernel_size=kernel_size, pool=pool)
        check_counts(filters=min(filters, default=0), hidden_sizes=min(hidden_sizes, default=1))
        check_shares(dropout=dropout)
        if padding == "same" and kernel_size % 2 == 0:
            raise ConfigError(f"model.kernel_size: {kernel_size} is even; with padding=same give an odd one")
        blocks: list[nn.Module] = []
        size_in, height, width = num_channels, *image_size
        for number, size_out in enumerate(filters, start=1):
            for _ in range(convs_per_block):
                blocks.append(nn.Conv2d(size_in, size_out, kernel_size, padding=padding, bias=not batch_norm))
                blocks += [nn.BatchNorm2d(size_out)] if batch_norm else []
                blocks.append(nn.ReLU())
                size_in = size_out
            blocks.append(nn.MaxPool2d(pool))
            lost = 0 if padding == "same" else convs_per_block * (kernel_size - 1)
            height, width = (height - lost) // pool, (width - lost) // pool
            if min(height, width) < 1:
                raise ConfigError(
                    f"model.filters: nothing is left of {image_size[0]} x {image_size[1]} pixels after block {number}; "
                    "give fewer blocks, a smaller pool, or larger pictures"
                )
        self.blocks = nn.Sequential(*blocks)
        self.averages = pooling_head == "average"
        size = size_in if self.averages else size_in * height * width
        self.head = nn.Sequential(*_dense_layers(size, hidden_sizes, num_outputs, dropout))

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch outputs"]:
        """Compute the logits.

        Args:
            images: Standardised pictures of the size that the network was built for.

        Returns:
            Logits: of the positive class for one output, else one a class or label.
        """
        maps = self.blocks(images)
        logits: Tensor = self.head(maps.mean((2, 3)) if self.averages else torch.flatten(maps, 1))
        return logits


def _dense_layers(size: int, hidden_sizes: Sequence[int], num_outputs: int, dropout: float) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for hidden_size in hidden_sizes:
        layers += [nn.Linear(size, hidden_size), nn.ReLU()]
        layers += [nn.Dropout(dropout)] if dropout else []
        size = hidden_size
    return [*layers, nn.Linear(size, num_outputs)]
