"""The lesions of diabetic retinopathy, by the grade that they define.

Source: Wilkinson et al., Proposed international clinical diabetic retinopathy and diabetic macular edema disease
severity scales, Ophthalmology 110, 2003, table 1: (0) no abnormality; (1) microaneurysms only; (2) more than that and
less than grade 3; (3) any of more than 20 haemorrhages in each of 4 quadrants, venous beading in 2 or more, or
prominent intraretinal microvascular abnormalities in 1 or more; (4) neovascularisation, or vitreous or preretinal
haemorrhage.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reprodx.datasets.fundus_anatomy import Traits, Vessels, walk
from reprodx.datasets.fundus_canvas import Canvas, Image, Stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOOD = np.array([0.75, 1.5, 1.2], dtype=np.float32)
"""Absorbance of red, green and blue by blood in the retina."""
EXUDATE, COTTON_WOOL, DRUSE, CLUMP = (1.0, 0.86, 0.42), (0.95, 0.85, 0.68), (0.93, 0.72, 0.4), (0.3, 0.17, 0.1)
"""Colours of spots: the first three brighter than the fundus, the last brown."""
QUADRANTS = ((-1, -1), (-1, 1), (1, -1), (1, 1))
"""Signs of x and y from the fovea."""


@dataclass(frozen=True)
class Lesions:
    """How many of each lesion an eye has."""

    microaneurysms: int = 0
    haemorrhages: tuple[int, int, int, int] = (0, 0, 0, 0)
    """By quadrant."""
    exudate_clusters: int = 0
    cotton_wool_spots: int = 0
    beaded_veins: bool = False
    irma: int = 0
    """Intraretinal microvascular abnormalities."""
    new_vessels_disc: bool = False
    new_vessels_elsewhere: int = 0
    preretinal_haemorrhage: bool = False
    vitreous_haemorrhage: bool = False

    @classmethod
    def of_grade(cls, grade: int, rng: np.random.Generator) -> Lesions:
        """Return lesions that make up a grade, 0 to 4."""
        return (cls._none, cls._mild, cls._moderate, cls._severe, cls._proliferative)[grade](rng)

    @classmethod
    def _none(cls, _: np.random.Generator) -> Lesions:
        return cls()

    @classmethod
    def _mild(cls, rng: np.random.Generator) -> Lesions:
        return cls(microaneurysms=int(rng.integers(3, 13)))

    @classmethod
    def _moderate(cls, rng: np.random.Generator) -> Lesions:
        """Fewer than 20 haemorrhages a quadrant."""
        haemorrhages = rng.poisson(rng.gamma(1.2, 1.5), 4)
        haemorrhages[rng.integers(4)] += 1
        return cls(
            microaneurysms=int(rng.integers(5, 20)),
            haemorrhages=_four(np.minimum(haemorrhages, 15)),
            exudate_clusters=int(rng.poisson(0.6)),
            cotton_wool_spots=int(rng.poisson(0.3)),
        )

    @classmethod
    def _severe(cls, rng: np.random.Generator) -> Lesions:
        """Any one of the three signs of the 4-2-1 rule suffices."""
        signs = rng.random(3) < (0.55, 0.5, 0.5)
        signs[int(rng.integers(3))] = True
        some = cls._moderate(rng)
        return replace(
            some,
            haemorrhages=_four(rng.integers(21, 36, 4)) if signs[0] else some.haemorrhages,
            exudate_clusters=int(rng.poisson(1.2)),
            cotton_wool_spots=int(rng.poisson(1.6)),
            beaded_veins=bool(signs[1]),
            irma=int(rng.integers(2, 5)) if signs[2] else 0,
        )

    @classmethod
    def _proliferative(cls, rng: np.random.Generator) -> Lesions:
        signs = rng.random(4) < (0.5, 0.6, 0.35, 0.25)
        signs[int(rng.integers(4))] = True
        return replace(
            cls._severe(rng) if rng.random() < 0.5 else cls._moderate(rng),
            new_vessels_disc=bool(signs[0]),
            new_vessels_elsewhere=int(rng.integers(1, 4)) if signs[1] else 0,
            preretinal_haemorrhage=bool(signs[2]),
            vitreous_haemorrhage=bool(signs[3]),
        )


def bead(vessels: Vessels, rng: np.random.Generator) -> Vessels:
    """Return vessels whose veins are strung like beads."""

    def beaded(stroke: Stroke) -> Stroke:
        waves = np.sin(np.arange(len(stroke.widths)) * 2 * np.pi / 5 + rng.uniform(0, 6))
        return replace(stroke, widths=stroke.widths * (1.15 + 0.55 * waves))

    return replace(vessels, veins=tuple(beaded(vein) for vein in vessels.veins))


def add_harmless_spots(image: Image, canvas: Canvas, traits: Traits, rng: np.random.Generator) -> Image:
    """Return the fundus with what is no sign of diabetes: the drusen of age, and clumps of pigment."""
    count = int(rng.poisson(max(0.0, traits.age_years - 50) * rng.gamma(0.5, 0.6)))
    centres, radii = rng.normal(0, 0.22, (count, 2)), rng.uniform(0.006, 0.018, count)
    image = _mixed(image, 0.65 * canvas.blur(canvas.spots(centres, radii, rng), 0.005), DRUSE)
    centres = _positions(rng, int(rng.poisson(rng.gamma(0.6, 5))), nearest=0.15, farthest=0.95)
    clumps = canvas.spots(centres, rng.gamma(2, 0.005, len(centres)) + 0.005, rng)
    return _mixed(image, 0.6 * canvas.blur(clumps, 0.005), CLUMP)


def add_bright_lesions(image: Image, canvas: Canvas, lesions: Lesions, rng: np.random.Generator) -> Image:
    """Return the fundus with cotton wool spots (white, soft) and hard exudates (yellow, sharp)."""
    centres = _positions(rng, lesions.cotton_wool_spots, nearest=0.3, farthest=0.8)
    wool = canvas.blur(canvas.spots(centres, rng.uniform(0.03, 0.055, len(centres)), rng), 0.01)
    image = _mixed(image, 0.72 * wool, COTTON_WOOL)
    clusters = [_exudate_cluster(rng) for _ in range(lesions.exudate_clusters)]
    if not clusters:
        return image
    spots = np.concatenate(clusters)
    return _mixed(image, 0.88 * canvas.spots(spots, rng.uniform(0.005, 0.02, len(spots)), rng), EXUDATE)


def blood(canvas: Canvas, traits: Traits, lesions: Lesions, rng: np.random.Generator) -> Image:
    """Return the absorbance of blood outside healthy vessels, shape (side, side, 3)."""
    centres = _positions(rng, lesions.microaneurysms, nearest=0.1, farthest=0.75)
    density = 0.75 * canvas.spots(centres, rng.uniform(0.007, 0.012, len(centres)), rng)
    bleeds = [
        np.abs(_positions(rng, count, nearest=0.15, farthest=0.95)) * quadrant
        for count, quadrant in zip(lesions.haemorrhages, QUADRANTS, strict=True)
    ]
    centres = np.concatenate(bleeds)
    is_flame = rng.random(len(centres)) < 0.35
    dots = canvas.spots(centres[~is_flame], rng.gamma(2, 0.005, int((~is_flame).sum())) + 0.006, rng)
    flames = canvas.strokes(_flame(centre, traits, rng) for centre in centres[is_flame])
    faintness = 0.6 + 0.25 * canvas.noise(rng, 12)
    density = np.maximum(density, faintness * canvas.blur(np.maximum(dots, flames), 0.004))
    density = np.maximum(density, 0.42 * canvas.strokes(_abnormal_vessels(traits, lesions, rng)))
    if lesions.preretinal_haemorrhage:
        density = np.maximum(density, _preretinal(canvas, rng))
    if lesions.vitreous_haemorrhage:
        density = np.maximum(density, _vitreous(canvas, rng))
    return np.asarray(density[..., None] * BLOOD, dtype=np.float32)


def _flame(centre: NDArray[np.float64], traits: Traits, rng: np.random.Generator) -> Stroke:
    """A haemorrhage between the nerve fibres, which run towards the disc."""
    away = centre - np.array(traits.disc)
    direction = away / np.hypot(*away) * rng.uniform(0.02, 0.05)
    places = np.linspace(-1, 1, 7)[:, None] * direction + rng.normal(0, 0.003, (7, 2))
    return Stroke(centre + places, rng.uniform(0.014, 0.03) * np.array([0.4, 0.8, 1, 1, 1, 0.8, 0.4]))


def _abnormal_vessels(traits: Traits, lesions: Lesions, rng: np.random.Generator) -> list[Stroke]:
    """IRMA are short and crooked; new vessels form fronds, at the disc or elsewhere."""
    strokes: list[Stroke] = []
    for centre in _positions(rng, lesions.irma, nearest=0.3, farthest=0.7):
        strokes += _tangle(centre, 5, 0.14, 0.01, rng)
    for centre in _positions(rng, lesions.new_vessels_elsewhere, nearest=0.4, farthest=0.75):
        strokes += _tangle(centre, 20, 0.26, 0.01, rng)
    if lesions.new_vessels_disc:
        strokes += _tangle(np.array(traits.disc), 32, 0.34, 0.01, rng)
    return strokes


def _tangle(
    centre: NDArray[np.float64], count: int, length: float, width: float, rng: np.random.Generator
) -> list[Stroke]:
    strokes = []
    for _ in range(count):
        start, bend = centre + rng.normal(0, 0.025, 2), rng.normal(0, 2)
        path = walk(start, rng.uniform(0, 2 * np.pi), length * rng.uniform(0.5, 1), bend, 0.35, rng)
        strokes.append(Stroke(path, np.full(len(path), width)))
    return strokes


def _exudate_cluster(rng: np.random.Generator) -> NDArray[np.float64]:
    """A ring around a leaking spot, or a scatter."""
    centre = _positions(rng, 1, nearest=0.1, farthest=0.55)[0]
    count = int(rng.integers(6, 32))
    if rng.random() < 0.4:
        angles = rng.uniform(0, 5, count) + rng.uniform(0, 6)
        ring = rng.uniform(0.07, 0.15) + rng.normal(0, 0.015, count)
        return np.asarray(centre + ring[:, None] * np.column_stack([np.cos(angles), np.sin(angles)]), dtype=np.float64)
    return np.asarray(centre + rng.normal(0, rng.uniform(0.03, 0.09), (count, 2)), dtype=np.float64)


def _preretinal(canvas: Canvas, rng: np.random.Generator) -> Image:
    """A boat: blood that has settled below a level."""
    x, y = _positions(rng, 1, nearest=0.3, farthest=0.55)[0]
    pool = canvas.ellipse((x, y), (rng.uniform(0.14, 0.26), rng.uniform(0.12, 0.2)), softness=0.12)
    below = np.clip((canvas.grid()[1] - y) / 0.03, 0, 1)
    return np.asarray(0.75 * pool * below, dtype=np.float32)


def _vitreous(canvas: Canvas, rng: np.random.Generator) -> Image:
    """Clouds of blood before the retina."""
    centre = _positions(rng, 1, nearest=0.2, farthest=0.7)[0]
    clouds = np.clip(0.55 + canvas.noise(rng, 7) + 0.5 * canvas.noise(rng, 16), 0, 1.2)
    return np.asarray(0.75 * clouds * canvas.glow((centre[0], centre[1]), rng.uniform(0.22, 0.4)), dtype=np.float32)


def _positions(rng: np.random.Generator, count: int, *, nearest: float, farthest: float) -> NDArray[np.float64]:
    """Evenly spread over a ring around the fovea, shape (count, 2)."""
    distance = np.sqrt(rng.uniform(nearest**2, farthest**2, count))
    angle = rng.uniform(0, 2 * np.pi, count)
    return np.asarray(distance[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), dtype=np.float64)


def _mixed(image: Image, share: Image, colour: tuple[float, float, float]) -> Image:
    return np.asarray(image + share[..., None] * (np.array(colour, dtype=np.float32) - image), dtype=np.float32)


def _four(counts: NDArray[np.int64]) -> tuple[int, int, int, int]:
    first, second, third, fourth = (int(count) for count in counts)
    return first, second, third, fourth
