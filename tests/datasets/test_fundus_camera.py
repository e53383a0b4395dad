"""Photographs that show the round field of view and nothing beside it."""

import numpy as np
import pytest

from reprodx.datasets.fundus_camera import CAMERAS
from reprodx.datasets.fundus_canvas import FIELD_SHARE


@pytest.fixture
def photographs():
    """Return a photograph of a plain fundus by each camera."""

    def take(camera, seed=0):
        rng = np.random.default_rng(seed)
        canvas = camera.canvas(96, rng)
        return camera.photograph(np.full((96, 96, 3), 0.5, dtype=np.float32), canvas, rng)

    return {camera.site: take(camera) for camera in CAMERAS}


def position():
    line = ((np.arange(96) + 0.5) / 96 * 2 - 1) / FIELD_SHARE
    return np.meshgrid(line, line)


def test_only_the_field_of_view_is_lit(photographs):
    x, y = position()
    is_outside = np.hypot(x, y) > 1.06

    for camera in CAMERAS:
        image = photographs[camera.site]
        assert not image[is_outside].any()
        assert (image[(np.hypot(x, y) < 0.9) & (np.abs(y) < camera.crop - 0.05)].max(axis=1) > 0.05).all()
        assert image.max() <= 1


def test_the_sites_differ_in_crop_and_notch(photographs):
    x, y = position()
    is_top = (np.abs(x) < 0.1) & (y < -0.9) & (y > -0.97)
    is_notch = np.hypot(x - 0.73, y + 0.7) < 0.04
    lit = {
        site: (image[is_top].max() > 0.02, image[is_notch & (np.hypot(x, y) > 1.02)].max() > 0.02)
        for site, image in photographs.items()
    }

    assert lit == {"clinic_a": (True, True), "clinic_b": (False, False)}


def test_the_sensor_adds_noise_and_black_stays_black():
    camera = CAMERAS[1]
    image = np.zeros((40, 40, 3), dtype=np.float32)
    image[:20] = 0.5
    pixels = camera.digitise(image, np.random.default_rng(0))

    assert pixels.dtype == np.uint8
    assert 1 < pixels[:20].std() < 12
    assert pixels[:20].mean() == pytest.approx(127.5, abs=1)
    assert pixels[20:].max() < 10


def test_no_two_photographs_are_aimed_alike():
    rng = np.random.default_rng(0)
    first, second = CAMERAS[0].canvas(32, rng), CAMERAS[0].canvas(32, rng)

    assert first.centre != second.centre
    assert first.zoom != second.zoom
