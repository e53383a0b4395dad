"""The residual network of 18 layers for pictures."""

from typing import ClassVar, Literal

from jaxtyping import Float
from torch import Tensor, nn

from reprodx.inputs import Modality
from reprodx.models.setting_ranges import check_counts


class BasicBlock(nn.Module):
    """Two convolutions, and what came in added to what comes out.

    Source: He et al., Deep residual learning for image recognition, CVPR 2016, equations 1 and 2 with option B.
    """

    def __init__(self, *, size_in: int, size_out: int, stride: int) -> None:
        """Build the layers.

        Args:
            size_in: Channels that come in.
            size_out: Channels that come out.
            stride: Of the first convolution, in pixels.
        """
        super().__init__()
        self.conv1 = nn.Conv2d(size_in, size_out, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(size_out)
        self.conv2 = nn.Conv2d(size_out, size_out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(size_out)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or size_in != size_out:
            conv = nn.Conv2d(size_in, size_out, 1, stride=stride, bias=False)
            self.shortcut = nn.Sequential(conv, nn.BatchNorm2d(size_out))
        self.relu = nn.ReLU()

    def forward(self, maps: Float[Tensor, "batch size height width"]) -> Float[Tensor, "batch out_size rows columns"]:
        """Compute the block.

        Args:
            maps: What the block before gave.

        Returns:
            Height and width divided by the stride, rounded up.
        """
        inner = self.relu(self.norm1(self.conv1(maps)))
        out: Tensor = self.relu(self.norm2(self.conv2(inner)) + self.shortcut(maps))
        return out


class ResNet18(nn.Module):
    """A stem, four stages of two basic blocks, the average over the picture, and a linear layer.

    Source: He et al., CVPR 2016, table 1 (18-layer); weights start as in He et al., ICCV 2015, by the fan out.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.IMAGE,)
    """What it can be given."""

    def __init__(self, *, num_channels: int, num_outputs: int, width: int, stem: Literal["imagenet", "small"]) -> None:
        """Build the layers; the weights come from torch's random state.

        Args:
            num_channels: Channels of a picture.
            num_outputs: 1 for two classes, else the number of classes or labels.
            width: Filters of the first stage; each later one has twice as many. 64 is the published network.
            stem: `imagenet` reads 7 x 7 pixels and divides height and width by 4, for pictures of about 224 pixels;
                `small` reads 3 x 3 and keeps the size, as the paper does with pictures of 32 pixels.

        Raises:
            ConfigError: If `width` is below 1.
        """
        super().__init__()
        check_counts(width=width)
        if stem == "imagenet":
            conv = nn.Conv2d(num_channels, width, 7, stride=2, padding=3, bias=False)
            pool: list[nn.Module] = [nn.MaxPool2d(3, stride=2, padding=1)]
        else:
            conv, pool = nn.Conv2d(num_channels, width, 3, padding=1, bias=False), []
        self.stem = nn.Sequential(conv, nn.BatchNorm2d(width), nn.ReLU(), *pool)
        blocks: list[nn.Module] = []
        size_in = width
        for stage in range(4):
            size_out = width * 2**stage
            blocks.append(BasicBlock(size_in=size_in, size_out=size_out, stride=1 if stage == 0 else 2))
            blocks.append(BasicBlock(size_in=size_out, size_out=size_out, stride=1))
            size_in = size_out
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(size_in, num_outputs)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch outputs"]:
        """Compute the logits.

        Args:
            images: Standardised pictures of any size.

        Returns:
            Logits: of the positive class for one output, else one a class or label.
        """
        logits: Tensor = self.head(self.blocks(self.stem(images)).mean((2, 3)))
        return logits
