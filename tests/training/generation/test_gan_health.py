"""What the record of a training is read for, each rule beside a valid twin, and the measure of diversity."""

from itertools import combinations

import numpy as np
import pytest

from reprodx.errors import DataError
from reprodx.training.generation.gan_health import health_warnings, new_warnings, real_spread, spread

HEALTHY = {
    "train/generator_loss": 1.1,
    "train/discriminator_loss": 1.2,
    "train/accuracy_real": 0.8,
    "train/accuracy_generated": 0.85,
    "train/diversity": 0.9,
}
COLLAPSED = {**HEALTHY, "train/diversity": 0.1}
WON = {**HEALTHY, "train/accuracy_real": 1.0, "train/accuracy_generated": 1.0}
DIVERGED = {**HEALTHY, "train/generator_loss": 45.0}


@pytest.mark.parametrize(
    ("ill", "patience", "name"),
    [(COLLAPSED, 5, "mode collapse"), (WON, 10, "the discriminator has won"), (DIVERGED, 5, "divergence")],
)
def test_a_rule_is_broken_only_by_enough_epochs_in_a_row(ill, patience, name):
    just = [HEALTHY] * 3 + [ill] * patience + [HEALTHY]
    too_few = [HEALTHY] * 3 + [ill] * (patience - 1) + [HEALTHY] + [ill] * (patience - 1)

    (warning,) = health_warnings(just)
    assert warning.startswith(f"{name} in epochs 4 to {3 + patience}: ")
    assert "\n" not in warning
    assert health_warnings(too_few) == ()
    assert health_warnings([HEALTHY] * 30) == ()


def test_what_begins_with_the_first_epoch_is_passed_over_unless_it_stays():
    assert health_warnings([COLLAPSED] * 12 + [HEALTHY]) == ()
    (warning,) = health_warnings([COLLAPSED] * 12)
    assert warning.startswith("mode collapse from epoch 1 to the end: ")


def test_every_stretch_and_every_rule_is_named():
    history = [HEALTHY, *[COLLAPSED] * 6, HEALTHY, *[{**COLLAPSED, **DIVERGED, "train/diversity": 0.2}] * 5]

    collapse, divergence = health_warnings(history)

    assert collapse.startswith("mode collapse in epochs 2 to 7 and from epoch 9 to the end: ")
    assert divergence.startswith("divergence from epoch 9 to the end: ")


def test_a_discriminator_that_is_right_about_one_kind_alone_has_not_won():
    assert health_warnings([HEALTHY, *[{**WON, "train/accuracy_real": 0.9}] * 20]) == ()


def test_a_loss_far_below_zero_is_divergence_too():
    (warning,) = health_warnings([HEALTHY, *[{**HEALTHY, "train/generator_loss": -30.0}] * 5])
    assert warning.startswith("divergence")


def test_a_warning_is_new_in_the_epoch_that_ends_the_patience_and_in_no_other():
    history = [HEALTHY, *[COLLAPSED] * 9]
    said = [epoch for epoch in range(1, 11) if new_warnings(history[:epoch])]

    assert said == [6]
    assert new_warnings(history[:6])[0].startswith("mode collapse from epoch 2: ")
    assert not any(new_warnings([COLLAPSED] * epoch) for epoch in range(1, 10))


def test_spread_is_the_mean_distance_within_a_group():
    images = np.random.default_rng(0).integers(0, 256, (7, 4, 4, 3), dtype=np.uint8)
    groups = np.array([0, 1, 0, 1, 2, 1, 0])

    def mean_distance(group):
        rows = np.flatnonzero(groups == group)
        return np.mean([
            np.sqrt(np.sum((images[first].astype(float) - images[second].astype(float)) ** 2))
            for first, second in combinations(rows, 2)
        ])  # fmt: skip

    assert spread(images, groups) == pytest.approx((mean_distance(0) + mean_distance(1)) / 2, rel=1e-12)


def test_one_picture_a_class_is_no_diversity_although_classes_differ():
    one_each = np.repeat(np.array([0, 200], dtype=np.uint8), 4).reshape(8, 1, 1, 1)

    assert spread(one_each, np.repeat([0, 1], 4)) == 0
    assert spread(one_each, np.zeros(8, dtype=np.int64)) > 0


def test_real_pictures_that_are_all_alike_are_refused():
    alike = np.full((6, 2, 2, 1), 9, dtype=np.uint8)
    with pytest.raises(DataError, match="all alike"):
        real_spread(alike, np.zeros(6, dtype=np.int64))
    alike[0] = 10
    assert real_spread(alike, np.zeros(6, dtype=np.int64)) > 0
