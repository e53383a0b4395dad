"""Shapes of the right size, at the right place, at every resolution."""

import numpy as np
import pytest

from reprodx.datasets.fundus_canvas import Canvas, Stroke

CANVAS = Canvas(120, (0.2, -0.1), 0.9)


def area(mask, canvas=CANVAS):
    """Return an area in units of the field's radius squared."""
    return float(mask.sum()) / canvas.radius**2


def centroid(mask, canvas=CANVAS):
    x, y = canvas.grid()
    return float((x * mask).sum() / mask.sum()), float((y * mask).sum() / mask.sum())


def test_the_middle_of_the_picture_shows_the_centre():
    x, y = CANVAS.grid()

    assert x.mean() == pytest.approx(0.2, abs=1e-5)
    assert y.mean() == pytest.approx(-0.1, abs=1e-5)
    assert np.diff(x[0]).mean() == pytest.approx(1 / CANVAS.radius, rel=1e-5)


def test_an_ellipse_has_its_area_and_its_place():
    mask = CANVAS.ellipse((0.3, 0.1), (0.2, 0.3), softness=0.1)

    assert area(mask) == pytest.approx(np.pi * 0.2 * 0.3, rel=0.03)
    assert centroid(mask) == pytest.approx((0.3, 0.1), abs=0.005)


def test_a_stroke_covers_its_length_times_its_width():
    points = np.column_stack([np.linspace(-0.3, 0.5, 30), np.full(30, 0.15)])
    mask = CANVAS.strokes([Stroke(points, np.full(30, 0.08))])

    assert area(mask) == pytest.approx(0.8 * 0.08, rel=0.1)
    assert centroid(mask) == pytest.approx((0.1, 0.15), abs=0.01)
    assert mask.max() == 1


def test_what_is_thinner_than_a_pixel_is_faint():
    points = np.array([[-0.3, 0.0], [0.3, 0.0]])
    thick, thin = (CANVAS.strokes([Stroke(points, np.full(2, width))]).max() for width in (0.04, 0.002))

    assert 0 < thin < 0.25 * thick


def test_spots_lie_where_they_are_told_and_small_ones_are_faint():
    centre = np.array([[0.3, -0.2]])
    large = CANVAS.spots(centre, np.array([0.1]), np.random.default_rng(0))
    small = CANVAS.spots(centre, np.array([0.002]), np.random.default_rng(0))

    assert centroid(large) == pytest.approx((0.3, -0.2), abs=0.03)
    assert area(large) == pytest.approx(np.pi * 0.01, rel=0.35)
    assert 0 < small.max() < 0.3
    assert not CANVAS.spots(np.empty((0, 2)), np.empty(0), np.random.default_rng(0)).any()


def test_noise_is_the_same_picture_at_every_resolution():
    coarse = Canvas(40, (0, 0), 1).noise(np.random.default_rng(1), 8)
    fine = Canvas(120, (0, 0), 1).noise(np.random.default_rng(1), 8)

    averaged = fine.reshape(40, 3, 40, 3).mean(axis=(1, 3))
    assert np.corrcoef(coarse.ravel(), averaged.ravel())[0, 1] > 0.99
    assert 0.3 < fine.std() < 0.8


def test_blur_keeps_the_light_and_lowers_the_peak():
    glow = CANVAS.glow((0.2, -0.1), 0.05)
    blurred = CANVAS.blur(glow, 0.05)

    assert blurred.sum() == pytest.approx(glow.sum(), rel=0.01)
    # Two normal densities of the same width: their variances add up.
    assert blurred.max() == pytest.approx(0.5, abs=0.03)
