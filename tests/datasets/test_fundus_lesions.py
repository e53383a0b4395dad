"""Lesions that satisfy the definition of their grade, and no higher one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.datasets.fundus_anatomy import Traits, Vessels
from reprodx.datasets.fundus_canvas import Canvas
from reprodx.datasets.fundus_lesions import Lesions, add_bright_lesions, add_harmless_spots, bead, blood

CANVAS = Canvas(64, (0.12, 0), 1)
TRAITS = Traits(80, 0.5, (0.65, 0.0), 0.12, 0.4, 1.0, 0.2)


def icdr_grade(lesions):
    """Return the grade by the published table, read from its end."""
    if (
        lesions.new_vessels_disc
        or lesions.new_vessels_elsewhere
        or lesions.preretinal_haemorrhage
        or lesions.vitreous_haemorrhage
    ):
        return 4
    if min(lesions.haemorrhages) > 20 or lesions.beaded_veins or lesions.irma:
        return 3
    if any(lesions.haemorrhages) or lesions.exudate_clusters or lesions.cotton_wool_spots:
        return 2
    return 1 if lesions.microaneurysms else 0


@given(st.integers(0, 4), st.integers(0, 10_000))
def test_lesions_make_up_their_grade(grade, seed):
    assert icdr_grade(Lesions.of_grade(grade, np.random.default_rng(seed))) == grade


def test_without_lesions_there_is_no_blood_and_nothing_bright():
    rng = np.random.default_rng(0)
    grey = np.full((64, 64, 3), 0.4, dtype=np.float32)

    assert not blood(CANVAS, TRAITS, Lesions(), rng).any()
    assert np.array_equal(add_bright_lesions(grey, CANVAS, Lesions(), rng), grey)


@pytest.mark.parametrize(
    "lesions",
    [
        Lesions(microaneurysms=10),
        Lesions(haemorrhages=(5, 5, 5, 5)),
        Lesions(irma=3),
        Lesions(new_vessels_disc=True),
        Lesions(new_vessels_elsewhere=2),
        Lesions(preretinal_haemorrhage=True),
        Lesions(vitreous_haemorrhage=True),
    ],
)
def test_each_lesion_of_blood_is_seen_and_takes_green_most(lesions):
    absorbance = blood(CANVAS, TRAITS, lesions, np.random.default_rng(1))
    red, green, blue = absorbance.reshape(-1, 3).max(axis=0)

    assert green > max(red, blue) > 0


def test_haemorrhages_lie_in_their_quadrant():
    absorbance = blood(CANVAS, TRAITS, Lesions(haemorrhages=(0, 0, 0, 20)), np.random.default_rng(2))[..., 1]
    x, y = CANVAS.grid()

    assert absorbance[(x > 0) & (y > 0)].sum() > 0.95 * absorbance.sum()


def test_exudates_are_yellow_and_cotton_wool_is_whiter():
    grey = np.full((64, 64, 3), 0.4, dtype=np.float32)
    exudates = add_bright_lesions(grey, CANVAS, Lesions(exudate_clusters=3), np.random.default_rng(3)) - grey
    wool = add_bright_lesions(grey, CANVAS, Lesions(cotton_wool_spots=3), np.random.default_rng(3)) - grey

    assert exudates[..., 0].max() > 0.2
    assert exudates[..., 2].max() < 0.1
    assert wool[..., 2].max() > 0.1


def test_only_the_old_have_drusen():
    grey = np.full((64, 64, 3), 0.3, dtype=np.float32)
    young = Traits(30, 0.5, (0.65, 0.0), 0.12, 0.4, 1.0, 0.2)
    brightest = [
        max(float(add_harmless_spots(grey, CANVAS, traits, np.random.default_rng(seed)).max()) for seed in range(12))
        for traits in (young, TRAITS)
    ]

    assert brightest[0] == pytest.approx(0.3)
    assert brightest[1] > 0.4


def test_beads_leave_the_course_of_veins_and_the_arteries():
    vessels = Vessels.grow(TRAITS, np.random.default_rng(4))
    beaded = bead(vessels, np.random.default_rng(5))
    before, after = vessels.veins[0], beaded.veins[0]

    assert beaded.arteries == vessels.arteries
    assert after.points is before.points
    assert (after.widths / before.widths).std() > 0.3
    assert after.widths.min() > 0
