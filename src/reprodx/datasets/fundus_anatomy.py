"""The healthy parts of a synthetic fundus: background, optic disc, macula and vessels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.datasets.fundus_canvas import Canvas, Image, Stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP = 0.02
"""Length between two points of a vessel, in radii of the field of view."""
SMOOTHING = np.ones(5) / 5**0.5
"""Makes neighbouring turns of a vessel alike and leaves their size."""
PALE, DARK = (0.83, 0.47, 0.25), (0.52, 0.22, 0.08)
"""Colours of a fundus with little and with much pigment."""
VEIN, ARTERY = (0.42, 1.15, 0.95), (0.2, 0.85, 0.8)
"""Absorbance of red, green and blue; blood without oxygen takes more of the red."""


@dataclass(frozen=True)
class Traits:
    """What the two eyes of a patient have in common."""

    age_years: float
    pigment: float
    """0 is pale, 1 dark."""
    disc: tuple[float, float]
    """Where the optic disc lies, from the fovea."""
    disc_radius: float
    cup_ratio: float
    """Diameter of the cup, as a share of the disc's."""
    tortuosity: float
    """1 is common."""
    tessellation: float
    """How far the vessels of the choroid shine through, in [0, 1]."""

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Traits:
        """Return a patient."""
        return cls(
            age_years=float(np.clip(rng.normal(58, 12), 20, 90)),
            pigment=float(rng.beta(1.6, 1.6)),
            disc=(float(rng.uniform(0.62, 0.7)), float(rng.uniform(-0.07, 0.02))),
            disc_radius=float(rng.uniform(0.105, 0.135)),
            cup_ratio=float(rng.uniform(0.25, 0.6)),
            tortuosity=float(rng.gamma(6, 1 / 6)),
            tessellation=float(rng.beta(1, 3)),
        )


@dataclass(frozen=True)
class Vessels:
    """The vessels of a retina."""

    veins: tuple[Stroke, ...]
    arteries: tuple[Stroke, ...]

    @classmethod
    def grow(cls, traits: Traits, rng: np.random.Generator) -> Vessels:
        """Return an artery and a vein for each quadrant, with their branches."""
        veins: list[Stroke] = []
        arteries: list[Stroke] = []
        for vertical in (-1, 1):
            for is_temporal in (True, False):
                reach = rng.uniform(0.48, 0.64)
                for vessels, width, offset in ((veins, 0.033, 0.04), (arteries, 0.023, -0.04)):
                    trunk = _trunk(traits, vertical, is_temporal, reach + offset, rng)
                    _branch(vessels, trunk, width * rng.uniform(0.85, 1.15), traits.tortuosity, rng)
        return cls(tuple(veins), tuple(arteries))

    def absorbance(self, canvas: Canvas) -> Image:
        """Return the absorbance of each colour, shape (side, side, 3)."""
        arteries = canvas.strokes(self.arteries)[..., None] * np.array(ARTERY, dtype=np.float32)
        veins = canvas.strokes(self.veins)[..., None] * np.array(VEIN, dtype=np.float32)
        return np.asarray(0.6 * np.maximum(arteries, veins), dtype=np.float32)


def draw_background(canvas: Canvas, traits: Traits, rng: np.random.Generator) -> Image:
    """Return the fundus without vessels and disc: pigment, choroid and macula."""
    colour = (1 - traits.pigment) * np.array(PALE) + traits.pigment * np.array(DARK)
    texture = 0.05 * canvas.noise(rng, 8) + 0.035 * canvas.noise(rng, 24) + 0.03 * canvas.noise(rng, 64)
    choroid = np.abs(canvas.noise(rng, 20)) - 0.4
    texture += 0.16 * traits.tessellation * choroid * (1 - canvas.glow((0, 0), 0.35))
    tint = np.array([0.7, 1.0, 1.2], dtype=np.float32)
    image = colour.astype(np.float32) * (1 + texture[..., None] * tint)
    darkness = rng.uniform(0.2, 0.38) * canvas.glow((0, 0), rng.uniform(0.13, 0.19))
    darkness += rng.uniform(0.05, 0.2) * canvas.glow((0, 0), 0.05)
    return np.asarray(image * np.exp(-darkness[..., None] * np.array([0.7, 1.2, 1.3])), dtype=np.float32)


def add_disc(image: Image, canvas: Canvas, traits: Traits, rng: np.random.Generator) -> Image:
    """Return the fundus with the optic disc, its cup, and the sheen of the nerve fibres around it."""
    x, y = traits.disc
    radii = (traits.disc_radius * rng.uniform(0.86, 0.96), traits.disc_radius)
    rim = canvas.ellipse(traits.disc, radii, softness=0.18)[..., None]
    cup_radii = (radii[0] * traits.cup_ratio, radii[1] * traits.cup_ratio)
    cup = canvas.ellipse((x - 0.015, y), cup_radii, softness=0.8)[..., None]
    sheen = canvas.glow(traits.disc, 2.2 * traits.disc_radius)[..., None]
    image = image * (1 + 0.16 * sheen)
    brightness = rng.uniform(0.9, 1.05)
    rim_colour = brightness * np.array([1.0, 0.72, 0.36]) * (1 - 0.12 * traits.pigment)
    image = image * (1 - 0.93 * rim) + 0.93 * rim * rim_colour
    cup_colour = brightness * np.array([1.0, 0.92, 0.66])
    return np.asarray(image * (1 - 0.75 * cup) + 0.75 * cup * cup_colour, dtype=np.float32)


def walk(
    start: NDArray[np.float64], heading: float, length: float, bend: float, wobble: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return a curved path.

    Args:
        start: Shape (2,).
        heading: Radians, clockwise from the right.
        length: In radii of the field of view.
        bend: Radians that the path turns by in all.
        wobble: Standard deviation of its random turns, in radians a step.
        rng: Their source.

    Returns:
        Shape (points, 2), one point a `STEP`.
    """
    steps = max(4, round(length / STEP))
    turns = np.convolve(rng.normal(0, wobble, steps + 4), SMOOTHING, mode="valid").cumsum()
    angles = heading + turns + (bend - 0.5 * turns[-1]) * np.arange(steps) / steps
    path = np.empty((steps + 1, 2))
    path[0], path[1:, 0], path[1:, 1] = 0, np.cos(angles), np.sin(angles)
    return np.asarray(start + STEP * path.cumsum(axis=0), dtype=np.float64)


def _trunk(
    traits: Traits, vertical: int, is_temporal: bool, reach: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    start = np.array(traits.disc) + rng.normal(0, 0.012, 2)
    if not is_temporal:
        heading = vertical * rng.uniform(0.7, 1.25)
        length, bend = rng.uniform(0.7, 0.9), -vertical * rng.uniform(0, 0.4)
        return walk(start, heading, length, bend, 0.05 * traits.tortuosity, rng)
    # An ellipse around the macula that stays open on its far side.
    angles = np.linspace(0, rng.uniform(2.1, 2.6), 85)
    height = np.sin(angles) ** 0.85
    height = np.where(angles < np.pi / 2, height, 1 - rng.uniform(0, 0.6) * (1 - height))
    path = np.column_stack([start[0] * np.cos(angles) * (1 + 0.2 * angles), start[1] + vertical * reach * height])
    waves = np.cumsum(rng.normal(0, 0.0085 * traits.tortuosity, path.shape), axis=0)
    return np.asarray(path + waves - np.linspace(0, 0.7, len(path))[:, None] * waves[-1], dtype=np.float64)


def _branch(
    vessels: list[Stroke],
    path: NDArray[np.float64],
    width: float,
    tortuosity: float,
    rng: np.random.Generator,
    depth: int = 0,
) -> None:
    taper = np.linspace(1, 0.45, len(path))
    vessels.append(Stroke(path, width * taper))
    if depth == 2:
        return
    side = rng.choice([-1, 1])
    first = 6 if depth else 11
    for at in range(first, len(path) - 4, int(rng.integers(7, 12))):
        position = min(len(path) - 3, at + int(rng.integers(0, 6)))
        ahead = path[position + 1] - path[position - 1]
        side = -side
        heading = float(np.arctan2(ahead[1], ahead[0])) + side * rng.uniform(0.5, 1.1)
        length = rng.uniform(0.4, 1.0) * (0.6, 0.3)[depth]
        child = walk(path[position], heading, length, -side * rng.uniform(-0.3, 0.8), 0.08 * tortuosity, rng)
        child = child[: _first_in_macula(child)]
        if len(child) > 4:
            _branch(vessels, child, width * taper[position] * rng.uniform(0.45, 0.75), tortuosity, rng, depth + 1)


def _first_in_macula(path: NDArray[np.float64]) -> int:
    is_inside = np.hypot(*path.T) < 0.16
    return int(is_inside.argmax()) if is_inside.any() else len(path)
