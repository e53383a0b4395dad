"""Pictures that are changed by the generator alone, and stay pictures."""

from pathlib import Path

import pytest
import torch
import yaml

from reprodx.augmentation.image_transforms import ImageTransforms
from reprodx.errors import ConfigError

OFF = {
    "flip_horizontal": False,
    "flip_vertical": False,
    "rotation_degrees": 0.0,
    "scale": 0.0,
    "translation": 0.0,
    "brightness": 0.0,
    "contrast": 0.0,
    "saturation": 0.0,
    "noise_std": 0.0,
    "cutout_share": 0.0,
}
ALL = {
    "flip_horizontal": True,
    "flip_vertical": True,
    "rotation_degrees": 20.0,
    "scale": 0.2,
    "translation": 0.1,
    "brightness": 0.3,
    "contrast": 0.3,
    "saturation": 0.3,
    "noise_std": 0.05,
    "cutout_share": 0.1,
}


@pytest.fixture
def images():
    return torch.rand(16, 3, 20, 24, generator=torch.Generator().manual_seed(3))


def changed(images, seed=0, **settings):
    targets = torch.arange(len(images))
    generator = torch.Generator().manual_seed(seed)
    result, same_targets = ImageTransforms(**{**OFF, **settings})(images, targets, generator)
    assert same_targets is targets
    return result


def test_nothing_asked_nothing_changed(images):
    assert torch.equal(changed(images), images)


@pytest.mark.parametrize("key", list(OFF))
def test_each_setting_changes_pictures_by_itself(images, key):
    result = changed(images, **{key: ALL[key]})

    assert result.shape == images.shape
    assert not torch.equal(result, images)
    assert result.min() >= 0
    assert result.max() <= 1


def test_the_generator_decides_and_the_global_one_is_untouched(images):
    torch.manual_seed(5)
    first = changed(images, seed=1, **ALL)
    torch.manual_seed(6)
    state = torch.get_rng_state()

    assert torch.equal(changed(images, seed=1, **ALL), first)
    assert not torch.equal(changed(images, seed=2, **ALL), first)
    assert torch.equal(torch.get_rng_state(), state)


def test_works_where_only_deterministic_algorithms_are_allowed(images):
    torch.use_deterministic_algorithms(True)
    try:
        first, second = changed(images, **ALL), changed(images, **ALL)
    finally:
        torch.use_deterministic_algorithms(False)

    assert torch.equal(first, second)


@pytest.mark.parametrize(("key", "axis"), [("flip_horizontal", 3), ("flip_vertical", 2)])
def test_flips_mirror_about_half_of_the_pictures(key, axis):
    images = torch.rand(200, 1, 4, 4)
    result = changed(images, **{key: True})
    is_mirrored = (result == images.flip(axis)).flatten(1).all(dim=1)
    is_same = (result == images).flatten(1).all(dim=1)

    assert (is_mirrored ^ is_same).all()
    # Four standard errors of 200 draws.
    assert abs(is_mirrored.float().mean().item() - 0.5) < 4 * 0.5 / 200**0.5


def test_brightness_is_a_factor_within_its_bounds_and_leaves_black_black():
    images = torch.full((50, 3, 6, 6), 0.5)
    images[..., 0] = 0
    result = changed(images, brightness=0.2)
    factors = result[..., 1:] / 0.5

    assert not result[..., 0].any()
    assert (factors.amin((1, 2, 3)) == factors.amax((1, 2, 3))).all()
    assert factors.min() >= 0.8 - 1e-6
    assert factors.max() <= 1.2 + 1e-6
    assert factors.std() > 0.05


def test_saturation_needs_three_channels():
    grey = torch.rand(4, 1, 8, 8)

    assert torch.equal(changed(grey, saturation=0.5), grey)
    assert changed(grey, **ALL).shape == grey.shape


def test_cutout_blackens_a_square_of_its_share():
    result = changed(torch.ones(10, 3, 20, 20), cutout_share=0.25)

    assert torch.equal((result == 0).float().mean(dim=(1, 2, 3)), torch.full((10,), 0.25))
    for image in result:
        rows, columns = (image[0] == 0).nonzero(as_tuple=True)
        assert rows.max() - rows.min() == 9
        assert columns.max() - columns.min() == 9


@pytest.mark.parametrize("key", ["scale", "brightness", "cutout_share"])
def test_refuses_a_share_of_1(key):
    with pytest.raises(ConfigError, match=rf"augmentation\.{key}"):
        ImageTransforms(**{**OFF, key: 1.0})


def test_the_shipped_settings_work(images):
    node = yaml.safe_load(Path("conf/augmentation/image.yaml").read_text(encoding="utf-8"))
    settings = {key: value for key, value in node.items() if key not in ("name", "_target_")}

    assert not torch.equal(changed(images, **settings), images)
