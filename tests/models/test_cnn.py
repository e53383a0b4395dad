"""The convolutional network: two published shapes, and its refusals."""

import pytest
import torch
from torch import nn

from reprodx.errors import ConfigError
from reprodx.models.cnn import CNN

SETTINGS = {
    "num_channels": 1,
    "image_size": (16, 20),
    "num_outputs": 2,
    "filters": [16, 32],
    "convs_per_block": 1,
    "kernel_size": 3,
    "padding": "same",
    "pool": 2,
    "batch_norm": False,
    "pooling_head": "flatten",
    "hidden_sizes": [128],
    "dropout": 0.0,
}


def built(**changes) -> CNN:
    # On no device, because the head of a large network alone takes 400 MB.
    with torch.device("meta"):
        return CNN(**{**SETTINGS, **changes})


def num_weights(network: nn.Module) -> int:
    return sum(each.numel() for each in network.parameters())


def shapes(network: nn.Module) -> list[tuple[int, ...]]:
    return [tuple(each.weight.shape) for each in network.modules() if isinstance(each, nn.Conv2d | nn.Linear)]


def test_is_two_blocks_of_16_and_32_filters_and_a_head_of_128_units():
    network = built(image_size=(28, 28))

    assert [type(each) for each in network.blocks] == [nn.Conv2d, nn.ReLU, nn.MaxPool2d] * 2
    assert [type(each) for each in network.head] == [nn.Linear, nn.ReLU, nn.Linear]
    assert shapes(network) == [(16, 1, 3, 3), (32, 16, 3, 3), (128, 7 * 7 * 32), (2, 128)]
    assert num_weights(network) == (9 * 16 + 16) + (9 * 16 * 32 + 32) + (1568 * 128 + 128) + (128 * 2 + 2)


def test_is_three_blocks_of_32_to_128_filters_and_a_head_of_1024_units():
    network = built(
        num_channels=3, image_size=(224, 224), num_outputs=10, filters=[32, 64, 128], hidden_sizes=[1024], dropout=0.5
    )

    assert shapes(network) == [(32, 3, 3, 3), (64, 32, 3, 3), (128, 64, 3, 3), (1024, 28 * 28 * 128), (10, 1024)]
    assert num_weights(network) == 896 + 18_496 + 73_856 + 102_761_472 + 10_250
    assert [each.p for each in network.modules() if isinstance(each, nn.Dropout)] == [0.5]


@pytest.mark.parametrize("image_size", [(30, 41), (224, 224), (28, 28)])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("convs_per_block", [1, 2])
@pytest.mark.parametrize("pooling_head", ["flatten", "average"])
def test_the_head_fits_any_size(image_size, padding, convs_per_block, pooling_head):
    network = built(image_size=image_size, padding=padding, convs_per_block=convs_per_block, pooling_head=pooling_head)

    assert network(torch.empty(2, 1, *image_size, device="meta")).shape == (2, 2)


def test_valid_padding_reads_inside_the_picture():
    network = CNN(**{**SETTINGS, "padding": "valid", "image_size": (30, 30)})

    maps = network.blocks(torch.zeros(1, 1, 30, 30))

    assert maps.shape == (1, 32, 6, 6)
    assert network.head[0].in_features == 32 * 6 * 6


def test_the_average_head_sees_each_filter_s_mean():
    network = CNN(**{**SETTINGS, "pooling_head": "average"}).double()
    images = torch.randn(2, 1, 16, 20, dtype=torch.float64)

    expected = network.head(network.blocks(images).flatten(2).mean(2))

    torch.testing.assert_close(network(images), expected, atol=1e-12, rtol=0)


def test_batch_normalisation_stands_before_each_relu_and_replaces_the_bias():
    network = built(batch_norm=True, convs_per_block=2)

    block = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU] * 2
    assert [type(each) for each in network.blocks] == [*block, nn.MaxPool2d] * 2
    assert all(each.bias is None for each in network.blocks if isinstance(each, nn.Conv2d))


def test_without_hidden_layers_logits_follow_the_last_block():
    assert shapes(built(hidden_sizes=[]))[-1] == (2, 4 * 5 * 32)


@pytest.mark.parametrize(
    ("key", "refused", "accepted"),
    [
        ("filters", [], [1]),
        ("filters", [4, 0], [4, 1]),
        ("hidden_sizes", [0], [1]),
        ("convs_per_block", 0, 1),
        ("kernel_size", 0, 1),
        ("kernel_size", 4, 5),
        ("pool", 0, 1),
        ("dropout", 1.0, 0.99),
    ],
)
def test_refuses_values_out_of_range(key, refused, accepted):
    built(**{key: accepted})

    with pytest.raises(ConfigError, match=f"model.{key}"):
        built(**{key: refused})


def test_refuses_to_pool_a_picture_away():
    built(filters=[4] * 4)

    with pytest.raises(ConfigError, match="nothing is left of 16 x 20 pixels after block 5"):
        built(filters=[4] * 5)
    with pytest.raises(ConfigError, match="after block 3"):
        built(filters=[4] * 3, padding="valid")
