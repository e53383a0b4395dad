"""The adversarial networks: sizes, ranges, what the settings turn on, and what is refused."""

import pytest
import torch
from torch import nn

from reprodx.errors import ConfigError
from reprodx.models.dcgan import DCGAN, Discriminator, Generator

SETTINGS = {
    "num_channels": 3,
    "image_size": (32, 32),
    "num_classes": 3,
    "latent_size": 5,
    "filters": 2,
    "objective": "non_saturating",
    "label_smoothing": 0.1,
    "spectral_norm": False,
    "conditional": True,
    "ema_decay": 0.9,
}
CLASSES = torch.tensor([0, 1, 2, 2])


def built(**changes) -> DCGAN:
    torch.manual_seed(0)
    return DCGAN(**{**SETTINGS, **changes})


def layers_of(network: nn.Module, kind: type[nn.Module]) -> list[nn.Module]:
    return [layer for layer in network.modules() if isinstance(layer, kind)]


@pytest.mark.parametrize(("side", "num_channels"), [(32, 1), (64, 3), (128, 3)])
def test_pictures_have_the_size_of_the_data_and_lie_in_minus_1_to_1(side, num_channels):
    network = built(image_size=(side, side), num_channels=num_channels)
    noise = 100 * torch.randn(4, 5)

    images = network.generator(noise, CLASSES)

    assert images.shape == (4, num_channels, side, side)
    assert images.abs().max() <= 1
    assert network.discriminator(images, CLASSES).shape == (4,)
    assert network(noise, CLASSES).shape == images.shape


def test_maps_double_with_each_halving_up_to_eight_times():
    network = built(image_size=(128, 128))

    assert [each.out_channels for each in layers_of(network.discriminator, nn.Conv2d)] == [2, 4, 8, 16, 16, 1]
    assert [each.out_channels for each in layers_of(network.generator, nn.ConvTranspose2d)] == [16, 16, 8, 4, 2, 3]


@pytest.mark.parametrize("size", [(64, 32), (48, 48), (16, 16)])
def test_pictures_of_other_sizes_are_refused(size):
    with pytest.raises(ConfigError, match=rf"^data\.size: pictures of {size[0]} x {size[1]} pixels"):
        built(image_size=size)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"latent_size": 0}, "latent_size"),
        ({"filters": 0}, "filters"),
        ({"label_smoothing": 1.0}, "label_smoothing"),
        ({"ema_decay": 1.0}, "ema_decay"),
        ({"objective": "hinge"}, "label_smoothing"),
    ],
)
def test_settings_out_of_range_are_refused(changes, key):
    with pytest.raises(ConfigError, match=rf"^model\.{key}: "):
        built(**changes)


def test_the_class_counts_in_both_networks_only_where_they_are_told_it():
    noise, images = torch.randn(4, 5), torch.rand(4, 3, 32, 32)
    for conditional in (True, False):
        network = built(conditional=conditional).eval()
        given, other = (
            (network.generator(noise, classes), network.discriminator(images, classes))
            for classes in (CLASSES, CLASSES.flip(0))
        )

        assert torch.equal(given[0], other[0]) is not conditional
        assert torch.equal(given[1], other[1]) is not conditional


def test_the_class_is_projected_onto_the_last_maps():
    discriminator = built(filters=4).discriminator.eval()
    images = torch.rand(4, 3, 32, 32)
    maps = discriminator.layers(images)
    with torch.no_grad():
        told = discriminator(images, CLASSES)
        discriminator.embedding.weight.zero_()
        untold = discriminator(images, CLASSES)
        discriminator.embedding.weight[2, 3] = 1.0
        projected = discriminator(images, CLASSES)

    assert not torch.allclose(told, untold, rtol=0, atol=1e-5)
    torch.testing.assert_close(untold, (maps * discriminator.head.weight).sum((1, 2, 3)) + discriminator.head.bias)
    torch.testing.assert_close(projected - untold, (CLASSES == 2) * maps[:, 3].sum((1, 2)))


def test_spectral_norm_makes_every_largest_singular_value_1_and_replaces_batch_normalisation():
    normalised, plain = (built(filters=8, spectral_norm=on).discriminator for on in (True, False))
    for _ in range(100):
        normalised(torch.rand(2, 3, 32, 32), CLASSES[:2])

    def values(network):
        weights = [each.weight for each in network.modules() if isinstance(each, nn.Conv2d | nn.Embedding)]
        return torch.stack([torch.linalg.matrix_norm(each.detach().flatten(1), 2) for each in weights])

    torch.testing.assert_close(values(normalised), torch.ones(5), rtol=1e-2, atol=0)
    assert (values(plain) < 0.9).any()
    assert not layers_of(normalised, nn.BatchNorm2d)
    assert len(layers_of(plain, nn.BatchNorm2d)) == 2


def test_the_average_keeps_a_share_of_itself_at_each_step_and_learns_nothing():
    network = built(ema_decay=0.75)
    network.averaged_generator.update_parameters(network.generator)
    before = [each.clone() for each in network.generator.parameters()]
    with torch.no_grad():
        for each in network.generator.parameters():
            each.add_(1)

    network.averaged_generator.update_parameters(network.generator)

    for average, old in zip(network.averaged_generator.parameters(), before, strict=True):
        torch.testing.assert_close(average, old + 0.25)
    assert not any(each.requires_grad for each in network.averaged_generator.parameters())
    assert all(each.requires_grad for each in network.generator.parameters())


def test_generated_cases_of_a_batch_do_not_depend_on_each_other_in_evaluation():
    network = built().eval()
    noise = torch.randn(4, 5)

    torch.testing.assert_close(network(noise, CLASSES)[1:3], network(noise[1:3], CLASSES[1:3]))


def test_gradients_reach_every_weight_of_both_networks():
    network = built(spectral_norm=True)

    network.discriminator(network.generator(torch.randn(4, 5), CLASSES), CLASSES).sum().backward()

    for part in (network.generator, network.discriminator):
        assert isinstance(part, Generator | Discriminator)
        assert all(each.grad is not None and each.grad.abs().max() > 0 for each in part.parameters())
