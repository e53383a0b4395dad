"""Pictures from a generator: the same from the same seed, however many, and of the averaged weights."""

import numpy as np
import pytest
import torch

from reprodx.models.dcgan import DCGAN
from reprodx.training.generation.image_sampling import BLOCK, images_of, sample_images


@pytest.fixture(scope="module")
def network() -> DCGAN:
    torch.manual_seed(0)
    network = DCGAN(
        num_channels=3,
        image_size=(32, 32),
        num_classes=2,
        latent_size=4,
        filters=2,
        objective="hinge",
        label_smoothing=0.0,
        spectral_norm=True,
        conditional=True,
        ema_decay=0.5,
    )
    with torch.no_grad():
        for weight in network.averaged_generator.parameters():
            weight.mul_(3)
    return network


def classes(number: int) -> np.ndarray:
    return np.arange(number, dtype=np.int64) % 2


def test_pictures_are_stored_as_prepared_ones_are(network):
    images = sample_images(network, classes(3), seed=0)

    assert images.dtype == np.uint8
    assert images.shape == (3, 32, 32, 3)
    assert len(np.unique(images)) > 10


def test_the_first_pictures_are_the_same_however_many_follow(network):
    many = sample_images(network, classes(2 * BLOCK + 3), seed=1)

    for number in (1, 5, BLOCK, BLOCK + 1):
        assert np.array_equal(sample_images(network, classes(number), seed=1), many[:number])


def test_seed_class_and_case_each_make_another_picture(network):
    images = sample_images(network, classes(2), seed=1)

    assert not np.array_equal(images[0], sample_images(network, classes(1), seed=2)[0])
    assert not np.array_equal(images[0], sample_images(network, 1 - classes(1), seed=1)[0])
    assert not np.array_equal(*sample_images(network, np.zeros(2, dtype=np.int64), seed=1))


def test_no_case_is_no_picture(network):
    assert sample_images(network, classes(0), seed=1).shape == (0, 32, 32, 3)


def test_the_averaged_weights_make_them_and_the_network_is_left_as_it_was(network):
    noise, labels = torch.randn(6, 4, generator=torch.Generator().manual_seed(3)), torch.from_numpy(classes(6))
    network.train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}

    images = images_of(network, noise, labels)

    assert network.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    network.eval()
    with torch.no_grad():
        values, others = ((part(noise, labels) + 1) * 127.5 for part in (network.averaged_generator, network.generator))
    as_stored = torch.from_numpy(images).permute(0, 3, 1, 2)
    assert (as_stored - values).abs().max() <= 0.501
    assert (as_stored - others).abs().max() > 2
