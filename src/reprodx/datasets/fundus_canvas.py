"""Where a synthetic fundus is drawn: positions in units of the field of view's radius, masks that are smooth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from PIL.Image import Image as PilImage

Image: TypeAlias = NDArray[np.floating]
"""Shape (side, side) or (side, side, 3), values around [0, 1]."""

FIELD_SHARE = 0.95
"""Diameter of the round field of view, as a share of the picture's side."""
OVERSAMPLING = 2
"""Masks are drawn with so many times the canvas's pixels, since PIL draws hard edges."""
POINTS_PER_PIECE = 5
"""A line changes its width so often."""


@dataclass(frozen=True)
class Stroke:
    """A line of varying width, such as a piece of a vessel."""

    points: NDArray[np.float64]
    """Shape (points, 2): x to the right and y downwards from the fovea."""
    widths: NDArray[np.float64]
    """Shape (points,): diameters."""


@dataclass(frozen=True)
class Canvas:
    """A square of pixels that shows a right eye, the fovea at (0, 0) and the optic disc at its right."""

    side: int
    """Pixels."""
    centre: tuple[float, float]
    """What lies in the middle of the field of view."""
    zoom: float
    """Above 1 for a narrower angle of view."""

    @property
    def radius(self) -> float:
        """Pixels of one unit of length."""
        return self.side * FIELD_SHARE / 2 * self.zoom

    def grid(self) -> tuple[Image, Image]:
        """Return the x and y of every pixel's centre, each of shape (side, side)."""
        line = (np.arange(self.side, dtype=np.float32) + 0.5 - self.side / 2) / np.float32(self.radius)
        x, y = np.meshgrid(line, line)
        return x + np.float32(self.centre[0]), y + np.float32(self.centre[1])

    def ellipse(self, centre: tuple[float, float], radii: tuple[float, float], softness: float) -> Image:
        """Return 1 inside an upright ellipse and 0 outside, with an edge of `softness` times its radius."""
        x, y = self.grid()
        distance = np.hypot((x - centre[0]) / radii[0], (y - centre[1]) / radii[1])
        return np.asarray(np.clip((1 - distance) / softness + 0.5, 0, 1), dtype=np.float32)

    def glow(self, centre: tuple[float, float], radius: float) -> Image:
        """Return a normal density around a point, 1 in its middle."""
        x, y = self.grid()
        return np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * radius**2)).astype(np.float32)

    def blur(self, image: Image, sigma: float) -> Image:
        """Return a picture smoothed by `sigma`, in units of the field's radius."""
        from scipy.ndimage import gaussian_filter

        axes = (0, 1)
        return np.asarray(gaussian_filter(image, sigma * self.radius, axes=axes, truncate=3), dtype=np.float32)

    def noise(self, rng: np.random.Generator, cells: int) -> Image:
        """Return smooth noise of mean 0 and standard deviation about 0.5, the same picture at every resolution."""
        from scipy.ndimage import zoom

        coarse = rng.standard_normal((cells, cells)).astype(np.float32)
        return np.asarray(zoom(coarse, self.side / cells, order=2, grid_mode=True, mode="nearest"), dtype=np.float32)

    def strokes(self, strokes: Iterable[Stroke]) -> Image:
        """Return how much of each pixel lines cover, in [0, 1]; a line thinner than a pixel is faint."""
        from PIL import ImageDraw

        mask = self._mask()
        drawing, scale = ImageDraw.Draw(mask), self.radius * OVERSAMPLING
        pieces = [
            piece
            for stroke in strokes
            for piece in _pieces(self._corners(stroke.points), (stroke.widths * scale).tolist())
        ]
        for width, corners in sorted(pieces):
            drawing.line(corners, fill=round(255 * min(1.0, width)), width=max(1, round(width)), joint="curve")
        return _reduced(mask)

    def spots(self, centres: NDArray[np.float64], radii: NDArray[np.float64], rng: np.random.Generator) -> Image:
        """Return how much of each pixel irregular spots cover, in [0, 1].

        Args:
            centres: Shape (spots, 2).
            radii: Shape (spots,).
            rng: What the outlines come from.

        Returns:
            Shape (side, side).
        """
        from PIL import ImageDraw

        mask = self._mask()
        drawing, scale = ImageDraw.Draw(mask), self.radius * OVERSAMPLING
        angles = np.linspace(0, 2 * np.pi, 10, endpoint=False)
        circle = np.column_stack([np.cos(angles), np.sin(angles)])
        for centre, radius in zip(centres, radii, strict=True):
            pixels = max(radius * scale, 0.5)
            outline = circle * (pixels / scale) * (1 + rng.uniform(-0.35, 0.35, (angles.size, 1)))
            strength = round(255 * min(1.0, radius * scale / pixels) ** 2)
            drawing.polygon(self._corners(centre + outline), fill=strength)
        return _reduced(mask)

    def _mask(self) -> PilImage:
        from PIL import Image as PilImage

        return PilImage.new("L", (self.side * OVERSAMPLING, self.side * OVERSAMPLING))

    def _corners(self, points: NDArray[np.float64]) -> list[float]:
        pixels = (points - np.asarray(self.centre)) * self.radius + self.side / 2
        corners: list[float] = (pixels * OVERSAMPLING).ravel().tolist()
        return corners


def _reduced(mask: PilImage) -> Image:
    return np.asarray(mask.reduce(OVERSAMPLING), dtype=np.float32) / 255


def _pieces(corners: list[float], widths: list[float]) -> Iterator[tuple[float, list[float]]]:
    for start in range(0, len(widths) - 1, POINTS_PER_PIECE):
        stop = start + POINTS_PER_PIECE + 1
        yield widths[min(start + POINTS_PER_PIECE // 2, len(widths) - 1)], corners[2 * start : 2 * stop]
