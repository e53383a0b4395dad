"""Ten kinds of cells of the blood, drawn by what tells them apart: size, nucleus, cytoplasm and granules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from reprodx.datasets.blood_smear import Field, Image

Colour: TypeAlias = tuple[float, float, float]
"""Absorbance of red, green and blue."""
Range: TypeAlias = tuple[float, float]

PURPLE: Colour = (0.95, 1.4, 0.5)
"""Of chromatin."""
NUCLEOLUS: Colour = (0.5, 0.55, 0.2)
MEMBRANE_UM = 0.2
"""Least width of the cytoplasm around a nucleus."""
POINTS_PER_LOBE = 9
"""Of the line along which a nucleus of several lobes is drawn."""


class Discs(NamedTuple):
    """A shape as a union of discs, in units of the cell's radius from its middle."""

    points: NDArray[np.float64]
    """Shape (discs, 2)."""
    radii: NDArray[np.float64]
    """Shape (discs,)."""


@dataclass(frozen=True)
class Granules:
    """What lies in a cytoplasm."""

    count: tuple[int, int]
    radius_um: Range
    colour: Colour
    covers_nucleus: bool


@dataclass(frozen=True)
class Kind:
    """A kind of cell, as a smear shows it."""

    diameter_um: Range
    nucleus: Callable[[np.random.Generator], Discs] | None
    cytoplasm: Colour
    granules: Granules | None = None
    roughness_um: float = 0.25
    """Of the cell's outline."""
    chromatin: float = 0.2
    """How clumped it is."""
    darkness: Range = (0.85, 1.1)
    """Of the nucleus."""
    nucleoli: tuple[int, int] = (0, 0)
    rim: float = 0.0
    """How much darker the cytoplasm is at its edge."""
    vacuoles: tuple[int, int] = (0, 0)


def draw_cell(field: Field, kind: Kind, size: float, rng: np.random.Generator) -> tuple[Image, Image]:
    """Draw a cell near the middle of a field.

    Args:
        field: Where it is drawn.
        kind: Of the cell.
        size: What its diameter is multiplied by.
        rng: What differs between cells of a kind.

    Returns:
        Its absorbance, shape (side, side, 3); how deep each pixel lies inside it in micrometres, shape (side, side).
    """
    centre, radius = rng.normal(0, 1.2, 2), size * rng.uniform(*kind.diameter_um) / 2
    depth = field.depth(centre[None], [radius]) + kind.roughness_um * 2 * field.noise(rng, 4)
    body = field.mask(depth)
    density = 1 + kind.rim * np.clip(1 - depth / 1.5, 0, 1) + 0.12 * field.noise(rng, 1)
    density = density - 0.9 * _spots(field, centre, 0.8 * radius, kind.vacuoles, (0.4, 0.9), rng)
    image = (body * np.clip(density, 0, None))[..., None] * np.array(kind.cytoplasm, dtype=np.float32)
    nucleus = np.zeros_like(body)
    if kind.nucleus is not None:
        image, nucleus = _add_nucleus(image, field, kind, centre, radius, depth, rng)
    if kind.granules is not None:
        image = _add_granules(image, field, kind.granules, centre, radius, body, nucleus, rng)
    return image, depth


def _add_nucleus(
    image: Image,
    field: Field,
    kind: Kind,
    centre: NDArray[np.float64],
    radius: float,
    depth: Image,
    rng: np.random.Generator,
) -> tuple[Image, Image]:
    assert kind.nucleus is not None, "a cell with a nucleus"
    discs, turn = kind.nucleus(rng), rng.uniform(0, 2 * np.pi)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    places = centre + radius * discs.points @ rotation.T
    inside = field.depth(places, radius * discs.radii) + 0.25 * field.noise(rng, 2.5)
    mask = field.mask(np.minimum(inside, depth - MEMBRANE_UM))
    texture = 1 + kind.chromatin * (field.noise(rng, 1.3) + 0.5 * field.noise(rng, 0.6))
    density = rng.uniform(*kind.darkness) * np.clip(texture, 0.3, 1.6)
    chromatin = density[..., None] * np.array(PURPLE, dtype=np.float32)
    pale = _spots(field, centre, 0.5 * radius, kind.nucleoli, (0.5, 1.0), rng)[..., None]
    chromatin = chromatin + pale * (np.array(NUCLEOLUS, dtype=np.float32) - chromatin)
    return image + mask[..., None] * (chromatin - image), mask


def _add_granules(
    image: Image,
    field: Field,
    granules: Granules,
    centre: NDArray[np.float64],
    radius: float,
    body: Image,
    nucleus: Image,
    rng: np.random.Generator,
) -> Image:
    seen = _spots(field, centre, 0.92 * radius, granules.count, granules.radius_um, rng) * body
    if not granules.covers_nucleus:
        seen = seen * (1 - nucleus)
    return image + seen[..., None] * (np.array(granules.colour, dtype=np.float32) - image)


def _spots(
    field: Field,
    centre: NDArray[np.float64],
    reach_um: float,
    count: tuple[int, int],
    radius_um: Range,
    rng: np.random.Generator,
) -> Image:
    """Return how much of each pixel is covered by spots of one size, evenly spread around a centre."""
    from scipy.spatial import KDTree

    number = int(rng.integers(count[0], count[1] + 1))
    x, y = field.grid
    if number == 0:
        return np.zeros_like(x)
    distance, angle = reach_um * np.sqrt(rng.random(number)), rng.uniform(0, 2 * np.pi, number)
    places = centre + distance[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    radius = rng.uniform(*radius_um)
    nearest, _ = KDTree(places).query(
        np.column_stack([x.ravel(), y.ravel()]), distance_upper_bound=radius + 2 * field.pixel_um + 1
    )
    shallow = np.minimum(nearest, 100).reshape(x.shape).astype(np.float32)
    return field.mask(radius - shallow)


def _arc(span: float, bend: float, num: int) -> NDArray[np.float64]:
    """Return points on an arc of a length, turned by an angle in all, around its middle; shape (num, 2)."""
    headings = np.linspace(-bend / 2, bend / 2, num)
    steps = span / (num - 1) * np.column_stack([np.cos(headings), np.sin(headings)])
    points = np.cumsum(steps, axis=0)
    return np.asarray(points - (points.min(axis=0) + points.max(axis=0)) / 2)


def _lobes(count: tuple[int, int], waist: Range, width: Range, span: Range) -> Callable[[np.random.Generator], Discs]:
    """A curved sausage with so many lobes, as thin between them as the waist says; a waist of 1 makes a band."""

    def nucleus(rng: np.random.Generator) -> Discs:
        lobes, thinness, radius = int(rng.integers(count[0], count[1] + 1)), rng.uniform(*waist), rng.uniform(*width)
        points = _arc(rng.uniform(*span), rng.uniform(1.5, 4.2), lobes * POINTS_PER_LOBE) + rng.normal(0, 0.05, 2)
        radii = np.full(len(points), radius * thinness)
        radii[POINTS_PER_LOBE // 2 :: POINTS_PER_LOBE] = radius * rng.uniform(0.85, 1.1, lobes)
        return Discs(points, radii)

    return nucleus


def _round(share: Range, eccentricity: float, oval: float) -> Callable[[np.random.Generator], Discs]:
    """A round or oval nucleus that takes a share of the cell's diameter, and lies off its middle."""

    def nucleus(rng: np.random.Generator) -> Discs:
        radius, length = rng.uniform(*share), oval * rng.random()
        aside = np.array([0.0, eccentricity * rng.random() * (1 - radius)])
        return Discs(_arc(length, rng.uniform(0, 0.8), 6) + aside, np.full(6, max(radius - length / 4, 0.2)))

    return nucleus


FINE = Granules((60, 130), (0.13, 0.22), (0.28, 0.45, 0.16), covers_nucleus=False)
KINDS: dict[str, Kind] = {
    "segmented_neutrophil": Kind(
        (11.5, 14.5), _lobes((3, 5), (0.15, 0.65), (0.25, 0.33), (1.8, 2.5)), (0.1, 0.2, 0.1), FINE
    ),
    "band_neutrophil": Kind((11.5, 15), _lobes((2, 3), (0.55, 1.0), (0.24, 0.33), (1.6, 2.3)), (0.11, 0.2, 0.1), FINE),
    "eosinophil": Kind(
        (11.5, 15),
        _lobes((2, 3), (0.2, 0.75), (0.34, 0.42), (1.3, 1.9)),
        (0.12, 0.25, 0.18),
        Granules((90, 180), (0.3, 0.5), (0.1, 0.62, 0.7), covers_nucleus=False),
    ),
    "basophil": Kind(
        (10, 13.5),
        _lobes((2, 3), (0.3, 0.9), (0.32, 0.42), (0.9, 1.4)),
        (0.2, 0.3, 0.1),
        Granules((18, 60), (0.35, 0.6), (1.1, 1.5, 0.55), covers_nucleus=True),
        darkness=(0.6, 0.9),
    ),
    "lymphocyte": Kind((7.5, 11.5), _round((0.76, 0.92), 0.9, 0.15), (0.42, 0.28, 0.1), chromatin=0.35),
    "reactive_lymphocyte": Kind(
        (10.5, 16.5), _round((0.5, 0.76), 1.0, 0.5), (0.42, 0.28, 0.1), roughness_um=0.8, chromatin=0.3, rim=0.7
    ),
    "monocyte": Kind(
        (13, 18.5),
        _lobes((1, 2), (0.75, 1.0), (0.36, 0.5), (0.7, 1.4)),
        (0.36, 0.34, 0.17),
        Granules((20, 60), (0.12, 0.2), (0.5, 0.6, 0.25), covers_nucleus=False),
        roughness_um=0.5,
        chromatin=0.15,
        darkness=(0.65, 0.9),
        vacuoles=(0, 6),
    ),
    "blast": Kind(
        (10.5, 16.5),
        _round((0.72, 0.9), 0.8, 0.3),
        (0.62, 0.46, 0.15),
        chromatin=0.1,
        darkness=(0.65, 0.9),
        nucleoli=(0, 4),
        rim=0.3,
    ),
    "erythroblast": Kind(
        (7.5, 12), _round((0.5, 0.74), 0.9, 0.1), (0.32, 0.46, 0.28), chromatin=0.4, darkness=(1.0, 1.4)
    ),
    "giant_platelet": Kind(
        (4, 9),
        None,
        (0.22, 0.3, 0.12),
        Granules((20, 50), (0.15, 0.35), (0.5, 0.8, 0.3), covers_nucleus=False),
        roughness_um=0.5,
    ),
}
"""By name, in the order of the classes. Source: Bain, Blood Cells, 5th edition, Wiley-Blackwell 2015, chapter 3."""
