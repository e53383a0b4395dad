"""Where a synthetic blood cell is drawn: a field of view in micrometres, its red cells, its stain and its camera."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Image: TypeAlias = NDArray[np.floating]
"""Shape (side, side) or (side, side, 3)."""

FIELD_UM = 24.0
"""Width of the field of view."""
EDGE_UM = 0.3
"""Width of an edge that is in focus."""
RED = (0.06, 0.42, 0.36)
"""Absorbance of red, green and blue by a red cell at its rim."""
RED_RADIUS_UM = 3.7
CLEARANCE_UM = 0.5
"""From a white cell to the red cells around it."""


@dataclass(frozen=True)
class Laboratory:
    """Where a smear was stained and photographed."""

    site: str
    tint: tuple[float, float, float]
    """Factors of the absorbances of red, green and blue."""
    light: tuple[float, float, float]
    """Of the lamp, in [0, 1]."""
    blur_um: float
    noise: float
    """Standard deviation of a pixel's noise, in [0, 1]."""


LABORATORIES = (
    Laboratory("lab_a", (1.0, 1.0, 1.0), (0.95, 0.93, 0.93), 0.09, 0.02),
    Laboratory("lab_b", (0.8, 1.08, 1.35), (0.96, 0.94, 0.86), 0.15, 0.03),
)
"""The two synthetic sites."""


@dataclass(frozen=True)
class Smear:
    """What the cells of a patient have in common."""

    laboratory: Laboratory
    strength: float
    """Of the stain; 1 is common."""
    tint: tuple[float, float, float]
    """Of this batch of stain, factors as in `Laboratory`."""
    red_cells: float
    """How many lie in a field, on average."""
    red_size: float
    """1 is common."""
    pallor: float
    """How pale the middle of a red cell is, in [0, 1]."""
    cell_size: float
    """Of white cells, which dry larger on a thin smear; 1 is common."""

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Smear:
        """Return the smear of a patient."""
        red, green, blue = rng.normal(1, 0.09, 3)
        return cls(
            laboratory=LABORATORIES[int(rng.integers(len(LABORATORIES)))],
            strength=float(np.clip(rng.normal(1, 0.2), 0.5, 1.6)),
            tint=(float(red), float(green), float(blue)),
            red_cells=float(rng.uniform(3, 9)),
            red_size=float(np.clip(rng.normal(1, 0.08), 0.75, 1.3)),
            pallor=float(rng.uniform(0.3, 0.85)),
            cell_size=float(np.clip(rng.normal(1, 0.07), 0.8, 1.2)),
        )

    def photograph(self, field: Field, absorbance: Image, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return what the camera sees.

        Args:
            field: Where it was drawn.
            absorbance: Of red, green and blue by all that lies in the field, shape (side, side, 3).
            rng: What differs between two photographs.

        Returns:
            Shape (side, side, 3).
        """
        from scipy.ndimage import gaussian_filter

        camera = self.laboratory
        dye = self.strength * rng.normal(1, 0.05) * np.array(self.tint) * np.array(camera.tint)
        x, y = field.grid
        vignette = 1 - rng.uniform(0, 0.12) * (x**2 + y**2) / (FIELD_UM / 2) ** 2
        lit = np.exp(-absorbance * dye) * np.array(camera.light) * rng.uniform(0.88, 1.04) * vignette[..., None]
        focus = camera.blur_um * min(3.0, rng.gamma(3, 1 / 3)) / field.pixel_um
        blurred = gaussian_filter(lit.astype(np.float32), focus, axes=(0, 1), truncate=3)
        noisy = blurred + camera.noise * rng.standard_normal(blurred.shape, dtype=np.float32)
        return np.asarray(np.clip(noisy * 255 + 0.5, 0, 255), dtype=np.uint8)


@dataclass(frozen=True)
class Field:
    """A square field of view; (0, 0) is its middle."""

    side: int
    """Pixels."""

    @property
    def pixel_um(self) -> float:
        """Width of a pixel."""
        return FIELD_UM / self.side

    @cached_property
    def grid(self) -> tuple[Image, Image]:
        """The x and y of every pixel's centre, each of shape (side, side)."""
        line = ((np.arange(self.side) + 0.5) / self.side - 0.5) * FIELD_UM
        x, y = np.meshgrid(line.astype(np.float32), line.astype(np.float32))
        return x, y

    def depth(self, points: NDArray[np.float64], radii: Sequence[float] | NDArray[np.float64]) -> Image:
        """Return how deep every pixel lies inside a union of discs.

        Args:
            points: Their centres, shape (discs, 2).
            radii: Shape (discs,).

        Returns:
            Micrometres, negative outside, shape (side, side).
        """
        x, y = self.grid
        deepest = np.full(x.shape, -FIELD_UM, dtype=np.float32)
        for (centre_x, centre_y), radius in zip(points.astype(np.float32), radii, strict=True):
            np.maximum(deepest, np.float32(radius) - np.hypot(x - centre_x, y - centre_y), out=deepest)
        return deepest

    def mask(self, depth: Image) -> Image:
        """Return how much of each pixel lies inside, in [0, 1]."""
        return np.asarray(np.clip(depth / max(EDGE_UM, self.pixel_um) + 0.5, 0, 1), dtype=np.float32)

    def noise(self, rng: np.random.Generator, scale_um: float) -> Image:
        """Return smooth noise of mean 0 and standard deviation about 0.5, the same picture at every resolution."""
        from scipy.ndimage import zoom

        cells = max(2, round(FIELD_UM / scale_um))
        coarse = rng.standard_normal((cells, cells)).astype(np.float32)
        return np.asarray(zoom(coarse, self.side / cells, order=2, grid_mode=True, mode="nearest"), dtype=np.float32)


def draw_red_cells(field: Field, smear: Smear, depth: Image, rng: np.random.Generator) -> Image:
    """Return the absorbance of the red cells around a white cell.

    Args:
        field: Where they are drawn.
        smear: Of the patient.
        depth: Of the white cell, which pushes them aside.
        rng: Where they lie.

    Returns:
        Shape (side, side, 3).
    """
    count = int(rng.poisson(smear.red_cells))
    centres = rng.uniform(-0.6, 0.6, (count, 2)) * FIELD_UM
    radii = RED_RADIUS_UM * smear.red_size * rng.normal(1, 0.06, count)
    inside = np.minimum(field.depth(centres, radii), -depth - CLEARANCE_UM)
    pale = smear.pallor * np.clip((inside - 1.2) / 2, 0, 1)
    return np.asarray((field.mask(inside) * (1 - pale))[..., None] * np.array(RED, dtype=np.float32))
