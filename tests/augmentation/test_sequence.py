"""Augmentations in their order, made from a configuration."""

import copy
from pathlib import Path

import pytest
import torch
import yaml

from reprodx.augmentation.gaussian_noise import GaussianNoise
from reprodx.augmentation.image_transforms import ImageTransforms
from reprodx.augmentation.mixup import Mixup
from reprodx.augmentation.sequence import InSequence
from reprodx.config.targets import instantiate
from reprodx.errors import ConfigError
from reprodx.inputs import Modality

SHIPPED = yaml.safe_load(Path("conf/augmentation/image_mixup.yaml").read_text(encoding="utf-8"))


def test_the_shipped_sequence_changes_pictures_and_then_mixes_them():
    sequence = instantiate(SHIPPED, "augmentation", num_classes=4)
    images, targets = torch.rand(6, 3, 8, 8), torch.arange(6) % 4
    values, shares = sequence(images, targets, torch.Generator().manual_seed(0))

    assert [type(step) for step in sequence.augmentations] == [ImageTransforms, Mixup]
    assert sequence.modalities == (Modality.IMAGE,)
    assert values.shape == images.shape
    assert shares.shape == (6, 4)


def test_gives_what_its_parts_give_one_after_the_other():
    features, targets = torch.rand(8, 2), torch.arange(8) % 2
    parts = [GaussianNoise(std=0.5), Mixup(alpha=1.0, num_classes=2)]
    generator = torch.Generator().manual_seed(1)
    expected = parts[1](*parts[0](features, targets, generator), generator)
    found = InSequence(augmentations=parts, num_classes=2)(features, targets, torch.Generator().manual_seed(1))

    assert torch.equal(found[0], expected[0])
    assert torch.equal(found[1], expected[1])


def test_a_wrong_key_within_it_is_an_error_for_people():
    node = copy.deepcopy(SHIPPED)
    node["augmentations"][1]["alhpa"] = 1.0

    with pytest.raises(ConfigError, match="alhpa"):
        instantiate(node, "augmentation", num_classes=2)


def test_refuses_parts_that_share_no_modality():
    off = dict.fromkeys(("rotation_degrees", "scale", "translation", "brightness", "contrast", "saturation"), 0.0)
    pictures = ImageTransforms(flip_horizontal=True, flip_vertical=False, noise_std=0.0, cutout_share=0.0, **off)

    with pytest.raises(ConfigError, match="no modality"):
        InSequence(augmentations=[pictures, GaussianNoise(std=0.1)], num_classes=2)
    with pytest.raises(ConfigError, match="is empty"):
        InSequence(augmentations=[], num_classes=2)


def test_what_is_no_augmentation_is_refused():
    with pytest.raises(ConfigError, match="must have a _target_"):
        InSequence(augmentations=[-1], num_classes=2)
