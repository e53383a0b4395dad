"""The residual network: the published counts, and its block against plain arithmetic."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from reprodx.errors import ConfigError
from reprodx.models.resnet18 import BasicBlock, ResNet18


def test_has_as_many_weights_as_the_published_network():
    with torch.device("meta"):
        network = ResNet18(num_channels=3, num_outputs=1000, width=64, stem="imagenet")

    assert sum(each.numel() for each in network.parameters()) == 11_689_512
    on_longest_path = [each for name, each in network.named_modules() if "shortcut" not in name]
    assert sum(isinstance(each, nn.Conv2d | nn.Linear) for each in on_longest_path) == 18


@pytest.mark.parametrize(("stem", "sizes"), [("imagenet", [56, 28, 14, 7]), ("small", [224, 112, 56, 28])])
def test_stages_have_the_published_sizes(stem, sizes):
    with torch.device("meta"):
        network = ResNet18(num_channels=3, num_outputs=2, width=64, stem=stem)
        maps = network.stem(torch.empty(1, 3, 224, 224))
        shapes = [tuple((maps := block(maps)).shape[1:]) for block in network.blocks]

    expected = [(64 * 2**stage, size, size) for stage, size in enumerate(sizes)]
    assert shapes == [shape for shape in expected for _ in range(2)]


@pytest.mark.parametrize("stride", [1, 2])
def test_a_block_adds_what_came_in(stride):
    block = BasicBlock(size_in=2, size_out=2 * stride, stride=stride).double().eval()
    maps = torch.randn(1, 2, 7, 9, dtype=torch.float64)
    eps = 1 / (1 + 1e-5) ** 0.5

    inner = functional.conv2d(maps, block.conv1.weight, stride=stride, padding=1).mul(eps).clamp(min=0)
    outer = functional.conv2d(inner, block.conv2.weight, padding=1) * eps
    came_in = maps if stride == 1 else functional.conv2d(maps, block.shortcut[0].weight, stride=2) * eps

    torch.testing.assert_close(block(maps), (outer + came_in).clamp(min=0), atol=1e-10, rtol=0)


@pytest.mark.parametrize("image_size", [(1, 1), (9, 14)])
@pytest.mark.parametrize("stem", ["small", "imagenet"])
def test_takes_pictures_of_any_size(image_size, stem):
    network = ResNet18(num_channels=1, num_outputs=3, width=2, stem=stem).eval()

    assert network(torch.randn(2, 1, *image_size)).shape == (2, 3)


def test_filters_start_with_the_variance_of_their_fan_out():
    network = ResNet18(num_channels=3, num_outputs=2, width=32, stem="small")

    assert network.blocks[-1].conv2.weight.std().item() == pytest.approx((2 / (256 * 9)) ** 0.5, rel=0.02)


def test_refuses_a_network_without_filters():
    with pytest.raises(ConfigError, match=r"model\.width"):
        ResNet18(num_channels=3, num_outputs=2, width=0, stem="small")
