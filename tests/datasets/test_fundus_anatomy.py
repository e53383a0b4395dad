"""A disc that is bright, a macula that is dark and without vessels, and arteries thinner than veins."""

import numpy as np
import pytest

from reprodx.datasets.fundus_anatomy import STEP, Traits, Vessels, add_disc, draw_background, walk
from reprodx.datasets.fundus_canvas import Canvas

CANVAS = Canvas(64, (0.12, 0), 1)


@pytest.fixture(params=range(4))
def rng(request):
    return np.random.default_rng(request.param)


def mean_near(image, centre, radius=0.06):
    x, y = CANVAS.grid()
    return image[np.hypot(x - centre[0], y - centre[1]) < radius].mean()


def test_the_disc_is_brighter_and_the_macula_darker_than_what_lies_between(rng):
    traits = Traits.draw(rng)
    background = draw_background(CANVAS, traits, rng)
    image = add_disc(background, CANVAS, traits, rng)
    between = np.mean([mean_near(image, (0.3, y), 0.12) for y in (-0.35, 0.35)])

    assert mean_near(image, traits.disc) > 1.3 * between
    assert mean_near(image, (0, 0)) < between
    assert (image[..., 0] > image[..., 2]).mean() > 0.99


def test_vessels_spare_the_macula_and_start_at_the_disc(rng):
    traits = Traits.draw(rng)
    vessels = Vessels.grow(traits, rng)
    strokes = [*vessels.veins, *vessels.arteries]
    trunks = [np.hypot(*(stroke.points[0] - traits.disc)) < 0.06 for stroke in strokes]

    assert min(np.hypot(*stroke.points.T).min() for stroke in strokes) > 0.1
    assert sum(trunks) >= 8


def test_veins_are_wider_and_darker_in_red(rng):
    traits = Traits.draw(rng)
    vessels = Vessels.grow(traits, rng)
    widest = [max(stroke.widths.max() for stroke in strokes) for strokes in (vessels.veins, vessels.arteries)]
    red_of_veins = Vessels(vessels.veins, ()).absorbance(CANVAS)[..., 0].max()
    red_of_arteries = Vessels((), vessels.arteries).absorbance(CANVAS)[..., 0].max()

    assert widest[0] > widest[1]
    assert red_of_veins > red_of_arteries > 0


def test_a_walk_has_its_length_and_without_wobble_turns_by_its_bend(rng):
    path = walk(np.array([0.1, 0.2]), 0.5, 0.6, 1.0, 0.0, rng)
    moves = np.diff(path, axis=0)
    angles = np.arctan2(moves[:, 1], moves[:, 0])

    assert path[0] == pytest.approx([0.1, 0.2])
    assert np.hypot(*moves.T) == pytest.approx(STEP)
    assert len(moves) * STEP == pytest.approx(0.6)
    assert angles[0] == pytest.approx(0.5)
    assert angles[-1] - angles[0] == pytest.approx(1.0, abs=0.05)
