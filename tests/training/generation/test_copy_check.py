"""A generator that gives training pictures back is found, and one that makes new ones is not accused."""

import dataclasses

import numpy as np

from reprodx.inputs import Inputs, Modality
from reprodx.training.generation.copy_check import check_copies


def check(pictures, prepared):
    return check_copies(Inputs.of_rows(Modality.IMAGE, pictures), prepared, seed=0)


def test_pictures_of_training_are_copies_and_new_ones_are_not(rare, new_discs):
    train = rare.inputs.select(rare.rows("train")).gathered()[:40]
    copied, new = check(train, rare), check(new_discs, rare)

    assert "copies" in copied.copies
    assert copied.privacy["copied_share"].value > 0.9
    assert new.copies is None
    assert new.privacy["copied_share"].value < 0.2
    assert set(new.privacy) == {"copied_share", "closer_to_train_share", "distance_ratio", "membership_auroc"}


def test_pictures_of_validation_are_no_copies_of_training(rare):
    val = rare.inputs.select(rare.rows("val")).gathered()[:40]
    assert check(val, rare).copies is None


def test_test_pictures_are_not_looked_at(rare, new_discs):
    values = np.array(rare.inputs.values)
    values[rare.rows("test")] = 255
    other = dataclasses.replace(rare, inputs=dataclasses.replace(rare.inputs, values=values))
    assert check(new_discs, other) == check(new_discs, rare)
