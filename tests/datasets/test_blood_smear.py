"""Depths in micrometres at every resolution, red cells that give way, and what a camera makes of a stain."""

from dataclasses import replace

import numpy as np
import pytest

from reprodx.datasets.blood_smear import (
    CLEARANCE_UM,
    FIELD_UM,
    LABORATORIES,
    RED_RADIUS_UM,
    Field,
    Smear,
    draw_red_cells,
)

FIELD = Field(96)
SMEAR = Smear(LABORATORIES[0], 1.0, (1.0, 1.0, 1.0), 6.0, 1.0, 0.5, 1.0)
NOWHERE = np.full((96, 96), -FIELD_UM, dtype=np.float32)


def area_um2(mask, field=FIELD):
    return float(mask.sum()) * field.pixel_um**2


@pytest.mark.parametrize("side", [48, 96])
def test_a_disc_has_its_area_and_its_depth(side):
    field = Field(side)
    depth = field.depth(np.array([[2.0, -1.0]]), [4.0])

    assert area_um2(field.mask(depth), field) == pytest.approx(np.pi * 16, rel=0.02)
    assert depth.max() == pytest.approx(4, abs=field.pixel_um)
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    assert (field.grid[0][row, column], field.grid[1][row, column]) == pytest.approx((2, -1), abs=field.pixel_um)


def test_discs_are_united():
    apart = FIELD.depth(np.array([[-6.0, 0.0], [6.0, 0.0]]), [3.0, 3.0])
    twice = FIELD.depth(np.array([[0.0, 0.0], [0.0, 0.0]]), [3.0, 3.0])

    assert area_um2(FIELD.mask(apart)) == pytest.approx(2 * area_um2(FIELD.mask(twice)), rel=0.02)
    assert FIELD.mask(FIELD.depth(np.empty((0, 2)), [])).max() == 0


def test_noise_is_the_same_picture_at_every_resolution():
    coarse, fine = (Field(side).noise(np.random.default_rng(1), 3) for side in (32, 96))

    assert np.corrcoef(coarse.ravel(), fine.reshape(32, 3, 32, 3).mean(axis=(1, 3)).ravel())[0, 1] > 0.99
    assert 0.3 < fine.std() < 0.8


def test_red_cells_give_way_to_a_white_one_and_are_pale_in_their_middle():
    depth = FIELD.depth(np.array([[0.0, 0.0]]), [6.0])
    drawn = [draw_red_cells(FIELD, SMEAR, depth, np.random.default_rng(seed)) for seed in range(4)]
    free = [draw_red_cells(FIELD, SMEAR, NOWHERE, np.random.default_rng(seed)) for seed in range(4)]

    assert max(one[depth > -CLEARANCE_UM / 2].max() for one in drawn) == 0
    assert all(one.any() for one in drawn)
    assert min(one[..., 1].max() for one in free) > 0.4
    few = replace(SMEAR, red_cells=0.0)
    assert not draw_red_cells(FIELD, few, NOWHERE, np.random.default_rng(0)).any()


def test_the_middle_of_a_red_cell_is_paler_than_its_rim(monkeypatch):
    one_cell = FIELD.depth(np.array([[0.0, 0.0]]), [RED_RADIUS_UM])
    monkeypatch.setattr(Field, "depth", lambda *_: one_cell)
    rim, middle = draw_red_cells(FIELD, SMEAR, NOWHERE, np.random.default_rng(0))[48, [35, 48], 1]

    assert (FIELD.grid[0][48, 35], FIELD.grid[0][48, 48]) == pytest.approx((-3.125, 0.125))
    assert middle == pytest.approx((1 - SMEAR.pallor) * rim, rel=0.05)


def test_a_stronger_stain_is_darker_and_a_laboratory_has_its_tint():
    absorbance = np.full((96, 96, 3), 0.5)

    def brightness(smear):
        return smear.photograph(FIELD, absorbance, np.random.default_rng(0)).mean(axis=(0, 1))

    assert (brightness(replace(SMEAR, strength=1.4)) < brightness(SMEAR) - 10).all()
    red, _, blue = brightness(replace(SMEAR, laboratory=LABORATORIES[1])) - brightness(SMEAR)
    assert red > 5
    assert blue < -5


def test_patients_differ():
    drawn = {Smear.draw(np.random.default_rng(seed)) for seed in range(20)}

    assert len(drawn) == 20
    assert {one.laboratory.site for one in drawn} == {"lab_a", "lab_b"}
