"""The residual network over time."""

import pytest
import torch
from torch import nn

from reprodx.errors import ConfigError
from reprodx.models.resnet1d import ResidualBlock, ResNet1D

SETTINGS = {
    "num_channels": 3,
    "num_features": 0,
    "num_outputs": 2,
    "filters": [4, 6],
    "kernel_size": 5,
    "stride": 2,
    "dropout": 0.0,
    "pooling": "mean",
}


def test_has_as_many_weights_as_its_layers():
    network = ResNet1D(**{**SETTINGS, "num_features": 7})

    stem = 3 * 4 * 5 + 2 * 4
    first = (4 * 4 * 5 + 4 * 4 * 5 + 4 * 4) + 3 * 2 * 4
    second = (4 * 6 * 5 + 6 * 6 * 5 + 4 * 6) + 3 * 2 * 6
    assert sum(each.numel() for each in network.parameters()) == stem + first + second + (6 + 7 + 1) * 2


def test_a_block_is_two_convolutions_and_a_shortcut():
    block = ResidualBlock(size_in=2, size_out=3, kernel_size=5, stride=2, dropout=0.5).double().eval()
    values = torch.randn(2, 2, 11, dtype=torch.float64)
    eps = 1 / (1 + 1e-5) ** 0.5
    convolve = nn.functional.conv1d

    inner = convolve(values, block.conv1.weight, stride=2, padding=2).mul(eps).clamp(min=0)
    outer = convolve(inner, block.conv2.weight, padding=2) + convolve(values, block.shortcut.weight, stride=2)

    torch.testing.assert_close(block(values, None), (outer * eps).clamp(min=0), atol=1e-10, rtol=0)


@pytest.mark.parametrize("num_steps", [1, 32, 33, 5000])
def test_takes_any_number_of_steps(num_steps):
    assert ResNet1D(**SETTINGS)(torch.randn(2, num_steps, 3)).shape == (2, 2)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("pooling", ["mean", "max", "attention"])
def test_a_case_in_a_batch_is_as_alone(stride, pooling):
    network = ResNet1D(**{**SETTINGS, "stride": stride, "pooling": pooling}).double()
    lengths = torch.tensor([32, 1, 17, 30, 2])
    values = torch.randn(5, 32, 3, dtype=torch.float64)
    network(values, lengths)  # so that the running means are not zero
    network.eval()

    together = network(values, lengths)

    for case, length in enumerate(lengths.tolist()):
        torch.testing.assert_close(together[[case]], network(values[[case], :length]), atol=1e-10, rtol=0)


@pytest.mark.parametrize(
    ("key", "refused", "accepted"),
    [("filters", [], [1]), ("kernel_size", 4, 3), ("kernel_size", 0, 1), ("stride", 0, 1), ("dropout", 1.0, 0.99)],
)
def test_refuses_values_out_of_range(key, refused, accepted):
    ResNet1D(**{**SETTINGS, key: accepted})

    with pytest.raises(ConfigError, match=f"model.{key}"):
        ResNet1D(**{**SETTINGS, key: refused})
