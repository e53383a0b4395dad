"""How many pictures each class is to get, and what happens to batches."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reprodx.augmentation.generated_images import GeneratedImages
from reprodx.augmentation.image_transforms import ImageTransforms
from reprodx.augmentation.sequence import InSequence
from reprodx.config.targets import instantiate
from reprodx.errors import ConfigError

SHIPPED = yaml.safe_load(Path("conf/augmentation/gan.yaml").read_text(encoding="utf-8"))
WITH_TRANSFORMS = yaml.safe_load(Path("conf/augmentation/gan_image.yaml").read_text(encoding="utf-8"))["transforms"]
NAMES = ("none", "mild", "severe")


def make(**changes) -> GeneratedImages:
    return instantiate({**copy.deepcopy(SHIPPED), **changes}, "augmentation", num_classes=3)


def wanted(counts, **changes) -> list[int]:
    return make(**changes).num_wanted(np.array(counts), NAMES).tolist()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [0, 0, 70]),
        ({"balance": 0.5}, [0, 0, 20]),
        ({"classes": "all"}, [0, 40, 70]),
        ({"classes": ["mild"]}, [0, 40, 0]),
        ({"classes": ["none", "severe"], "balance": 0.25}, [0, 0, 0]),
    ],
)
def test_classes_are_filled_up_to_a_share_of_the_largest(changes, expected):
    assert wanted([100, 60, 30], **changes) == expected


@given(
    counts=st.lists(st.integers(1, 500), min_size=3, max_size=3),
    balance=st.floats(0, 1, exclude_min=True),
    classes=st.sampled_from(["minority", "all"]),
)
def test_no_class_outgrows_the_largest_and_none_shrinks(counts, balance, classes):
    added = np.array(wanted(counts, balance=balance, classes=classes))
    total = np.array(counts) + added
    assert (added >= 0).all()
    assert total.max() == max(counts)
    assert total[np.argmin(counts)] >= round(balance * max(counts))


def test_a_batch_stays_as_it_is_without_transforms_and_is_changed_by_them():
    values, targets = torch.rand(4, 3, 16, 16), torch.arange(4) % 3
    same = make()(values, targets, torch.Generator().manual_seed(0))
    assert same[0] is values
    assert same[1] is targets

    changed, _ = make(transforms=WITH_TRANSFORMS)(values, targets, torch.Generator().manual_seed(0))
    node = {key: value for key, value in WITH_TRANSFORMS.items() if key != "_target_"}
    expected, _ = ImageTransforms(**node)(values, targets, torch.Generator().manual_seed(0))
    assert torch.equal(changed, expected)
    assert not torch.equal(changed, values)


def test_transforms_may_need_the_number_of_classes():
    mixup = {"_target_": "reprodx.augmentation.mixup.Mixup", "_partial_": True, "alpha": 0.4}
    _, shares = make(transforms=mixup)(torch.rand(4, 3, 8, 8), torch.arange(4) % 3, torch.Generator())
    assert shares.shape == (4, 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"balance": 0.0}, r"augmentation\.balance: 0\.0 must be above 0"),
        ({"balance": 1.5}, r"augmentation\.balance"),
        ({"classes": []}, r"augmentation\.classes: names no class"),
        ({"classes": "rare"}, r"augmentation\.classes"),
        ({"epochs": 0}, r"augmentation\.epochs: 0 is below 1"),
        ({"batch_size": 1}, r"augmentation\.batch_size: 1 is below 2"),
        ({"generator": {**SHIPPED["generator"], "conditional": False}}, r"augmentation\.generator\.conditional"),
        ({"transforms": {"_target_": "reprodx.augmentation.gaussian_noise.GaussianNoise", "std": 0.1}}, "of pictures"),
    ],
)
def test_refuses_settings_that_cannot_be(changes, message):
    with pytest.raises(ConfigError, match=message):
        make(**changes)


def test_refuses_a_class_that_there_is_not():
    with pytest.raises(ConfigError, match=r"no class 'worse'; choose of none, mild, severe"):
        wanted([3, 2, 1], classes=["worse"])


def test_cannot_be_a_part_of_a_sequence_which_only_changes_batches():
    with pytest.raises(ConfigError, match="adds cases must stand first"):
        InSequence(augmentations=[make()], num_classes=3)
