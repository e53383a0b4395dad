"""What tells the ten kinds apart is in the drawings."""

import numpy as np
import pytest

from reprodx.datasets.blood_cells import KINDS, PURPLE, draw_cell
from reprodx.datasets.blood_smear import Field

FIELD = Field(96)
NUM = 8


def drawings(kind):
    return [draw_cell(FIELD, KINDS[kind], 1.0, np.random.default_rng(seed)) for seed in range(NUM)]


def diameter_um(kind):
    areas = [float((depth > 0).sum()) * FIELD.pixel_um**2 for _, depth in drawings(kind)]
    return 2 * (np.mean(areas) / np.pi) ** 0.5


def nuclear_share(kind):
    """Return the share of a cell that absorbs red light: chromatin, and a basophil's granules."""
    return float(np.mean([(image[depth > 0][:, 0] > 0.55 * PURPLE[0]).mean() for image, depth in drawings(kind)]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_has_the_size_of_its_kind_and_nothing_lies_outside(kind):
    low, high = KINDS[kind].diameter_um

    assert 0.85 * low < diameter_um(kind) < 1.15 * high
    assert max(image[depth < -0.3].max() for image, depth in drawings(kind)) < 0.02
    assert min(image.min() for image, _ in drawings(kind)) >= 0


def test_a_size_multiplies_the_diameter():
    small, large = (
        (draw_cell(FIELD, KINDS["blast"], size, np.random.default_rng(3))[1] > 0).sum() for size in (0.8, 1.2)
    )

    assert large / small == pytest.approx(1.2**2 / 0.8**2, rel=0.15)


def test_nuclei_take_their_share():
    shares = {kind: nuclear_share(kind) for kind in ("lymphocyte", "blast", "erythroblast", "giant_platelet")}

    assert shares["giant_platelet"] < 0.02
    assert shares["lymphocyte"] > 0.5 > shares["erythroblast"] > 0.2
    assert shares["blast"] > shares["erythroblast"]
    assert nuclear_share("segmented_neutrophil") < 0.45


def test_granules_have_their_colours():
    def blue_against_red(kind):
        colours = [image[depth > 0].mean(axis=0) for image, depth in drawings(kind)]
        return np.mean([blue / red for red, _, blue in colours])

    assert blue_against_red("eosinophil") > 1.2 * blue_against_red("segmented_neutrophil")
    assert nuclear_share("basophil") > 0.3


def test_a_segmented_nucleus_has_thinner_places_than_a_band():
    """The least radius along the nucleus, as a share of the largest."""

    def waist(kind):
        discs = [KINDS[kind].nucleus(np.random.default_rng(seed)) for seed in range(200)]
        return np.mean([one.radii.min() / one.radii.max() for one in discs])

    assert waist("segmented_neutrophil") < 0.6 * waist("band_neutrophil")
