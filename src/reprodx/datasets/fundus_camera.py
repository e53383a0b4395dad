"""Two fundus cameras, which show the same retina differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.datasets.fundus_canvas import FIELD_SHARE, Canvas, Image

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Camera:
    """The camera of a site."""

    site: str
    zoom: float
    """1 sees 45 degrees; below 1 a wider angle."""
    centre_x: float
    """Where it aims at, from the fovea towards the optic disc."""
    crop: float
    """Half the height that the sensor sees, in radii of the field; 1 sees all of it."""
    has_notch: bool
    """Whether a notch at the rim tells which way is up."""
    cast: tuple[float, float, float]
    """Factors of red, green and blue."""
    blur: float
    """Typical standard deviation, in radii of the field."""
    noise: float
    """Typical standard deviation of a pixel's noise, in [0, 1]."""

    def canvas(self, side: int, rng: np.random.Generator) -> Canvas:
        """Return where this camera sees an eye, not aimed twice alike."""
        x, y = rng.normal(0, 0.04, 2)
        return Canvas(side, (self.centre_x + x, y), self.zoom * rng.uniform(0.96, 1.04))

    def photograph(self, fundus: Image, canvas: Canvas, rng: np.random.Generator) -> Image:
        """Return what the sensor sees of a fundus: flash, haze, blur, colours, and the rim of the field of view.

        Args:
            fundus: Shape (side, side, 3), values around [0, 1].
            canvas: Where it was drawn.
            rng: What differs between two photographs.

        Returns:
            Shape (side, side, 3), values in [0, 1].
        """
        line = (np.arange(canvas.side, dtype=np.float32) + 0.5) / canvas.side * 2 - 1
        x, y = np.meshgrid(line / FIELD_SHARE, line / FIELD_SHARE)
        flash_x, flash_y = rng.normal(0, 0.13, 2)
        light = 1.12 - rng.uniform(0.3, 0.6) * ((x - flash_x) ** 2 + (y - flash_y) ** 2)
        image = fundus * np.clip(light, 0.15, None)[..., None] * rng.uniform(0.75, 1.15)
        haze = rng.beta(1.2, 7)
        image = image + haze * (np.array([0.6, 0.42, 0.3]) - image)
        blur = self.blur * min(2.5, rng.gamma(3, 1 / 3))
        image = canvas.blur(image.astype(np.float32), blur)
        image = image * np.array(self.cast) * rng.normal(1, 0.05, 3)
        return np.asarray(np.clip(image, 0, 1) * self._field(x, y, canvas.side)[..., None], dtype=np.float32)

    def digitise(self, image: Image, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return the pixels with the sensor's noise, which is least in the dark."""
        noise = rng.standard_normal(image.shape, dtype=np.float32) * np.sqrt(image + 0.002)
        noisy = image + self.noise * rng.uniform(0.5, 1.5) * noise
        return np.asarray(np.clip(noisy * 255 + 0.5, 0, 255), dtype=np.uint8)

    def _field(self, x: Image, y: Image, side: int) -> Image:
        """1 in the field of view and 0 outside."""
        edge = side * FIELD_SHARE / 4
        field = np.clip((1 - np.hypot(x, y)) * edge + 0.5, 0, 1) * np.clip((self.crop - np.abs(y)) * edge + 0.5, 0, 1)
        if self.has_notch:
            field = np.maximum(field, np.hypot(x - 0.73, y + 0.7) < 0.045)
        return np.asarray(field, dtype=np.float32)


CAMERAS = (
    Camera("clinic_a", 1.0, 0.12, 1.0, True, (1.0, 1.0, 1.0), 0.008, 0.02),
    Camera("clinic_b", 0.86, 0.3, 0.84, False, (1.0, 0.96, 1.15), 0.013, 0.025),
)
"""Of the two synthetic sites."""
