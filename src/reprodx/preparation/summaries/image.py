"""Colour, texture and coarse layout of pictures as numbers, for models that take tables.

Source: local binary patterns after Ojala, Pietikäinen, Mäenpää, IEEE PAMI 24, 2002, equation 9 (8 neighbours,
radius 1); spots by differences of Gaussians after Lowe, IJCV 60, 2004, section 3; layout by principal components after
Turk and Pentland, Journal of Cognitive Neuroscience 3, 1991.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reprodx.inputs import CASES_PER_BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from reprodx.inputs import Inputs

DARK = 20
"""Up to this brightness, of 255, a pixel lies outside the field of view."""
MIN_FIELD_SHARE = 0.05
"""A picture with a smaller field of view is taken as a whole."""
MAX_SIDE = 128
"""Larger pictures are averaged down before they are summed up."""
PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
NUM_BINS = 8
"""Of a channel's histogram."""
SIGMAS = (0.7, 1.4, 2.8, 5.6)
"""Scales of texture, in pixels."""
SPOT_CONTRASTS = (0.02, 0.05, 0.1)
"""From this contrast to its surroundings on, a spot is counted."""
TAILS = (0.5, 2, 10, 90, 98, 99.5)
"""Percentiles of a texture's contrast."""
THUMBNAIL_SIDE, MAX_COMPONENTS, CASES_PER_COMPONENT = 16, 50, 10
"""Principal components: of pictures so small, so many at most, and at least so many cases for each."""
NUM_DECIMALS = 5
"""Of the components, so that they are the same when read back from JSON."""


@dataclass(frozen=True)
class ImageSummary:
    """Summary features of pictures, standardised by the training cases."""

    all_names: tuple[str, ...]
    """Before constant ones are dropped."""
    kept: NDArray[np.int64]
    """Which of `all_names` are features."""
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    components: NDArray[np.float64]
    """Shape (components, pixels of a thumbnail)."""

    @classmethod
    def fit(cls, train: Inputs, targets: NDArray[np.int64] | None) -> Self:
        """Learn principal components, means and standard deviations.

        Args:
            train: Raw pictures of the training cases alone.
            targets: Not used.

        Returns:
            The fitted summary.
        """
        del targets
        statistics, thumbnails = _measure(train)
        num_components = min(MAX_COMPONENTS, thumbnails.shape[1], len(train) // CASES_PER_COMPONENT)
        components = np.round(_principal_components(thumbnails, num_components), NUM_DECIMALS)
        values = np.hstack([statistics, _projected(thumbnails, components)])
        mean, std = values.mean(axis=0), values.std(axis=0)
        kept = np.flatnonzero(std > 1e-6)
        numbers = range(1, num_components + 1)
        names = (*_statistic_names(train.channels), *(f"component_{number}" for number in numbers))
        return cls(names, kept, mean[kept], std[kept], components)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""
        return tuple(self.all_names[position] for position in self.kept)

    def apply(self, raw: Inputs) -> NDArray[np.float32]:
        """Return the summary features.

        Args:
            raw: Pictures of any cases.

        Returns:
            Shape (cases, features), standardised.
        """
        features = np.empty((len(raw), len(self.kept)), np.float32)
        for start, block in zip(range(0, len(raw), CASES_PER_BLOCK), raw.blocks(), strict=True):
            statistics, thumbnails = _measure(block)
            values = np.hstack([statistics, _projected(thumbnails, self.components)])
            features[start : start + len(block)] = (values[:, self.kept] - self.mean) / self.std
        return features

    def to_json(self) -> dict[str, Any]:
        """Return everything that `from_json` needs."""
        return {
            "all_names": list(self.all_names),
            "kept": self.kept.tolist(),
            "mean": self.mean.tolist(),
            "std": self.std.tolist(),
            "thumbnail_pixels": self.components.shape[1],
            "components": self.components.tolist(),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the summary that `to_json` wrote."""
        return cls(
            tuple(content["all_names"]),
            np.array(content["kept"], dtype=np.int64),
            np.array(content["mean"], dtype=np.float64),
            np.array(content["std"], dtype=np.float64),
            np.array(content["components"], dtype=np.float64).reshape(-1, content["thumbnail_pixels"]),
        )


def _measure(inputs: Inputs) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Statistics and thumbnails, each with one row per case."""
    statistics = np.empty((len(inputs), len(_statistic_names(inputs.channels))))
    thumbnails = np.empty((len(inputs), THUMBNAIL_SIDE**2 * inputs.values.shape[-1]), np.uint8)
    for row, image in enumerate(inputs):
        statistics[row], thumbnails[row] = _statistics(image), _thumbnail(image)
    return statistics, thumbnails


def _statistic_names(channels: tuple[str, ...]) -> tuple[str, ...]:
    colours = [
        *("mean", "std", "skewness"),
        *(f"p{percentile}" for percentile in PERCENTILES),
        *(f"histogram_{number}" for number in range(NUM_BINS)),
    ]
    textures = [
        *("std", "skewness", "log_kurtosis"),
        *(f"p{percentile:g}" for percentile in TAILS),
        *(f"log_{kind}_spots_{contrast}" for kind in ("bright", "dark") for contrast in SPOT_CONTRASTS),
    ]
    return (
        *(f"{channel}_{name}" for channel in channels for name in colours),
        *(f"texture_{sigma}_{name}" for sigma in SIGMAS[:-1] for name in textures),
        *("gradient_mean", "gradient_std"),
        *(f"binary_pattern_{number}" for number in range(10)),
    )


def _statistics(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    values = _reduced(image)
    field = values.max(axis=2) > DARK
    if field.mean() < MIN_FIELD_SHARE:
        field[:] = True
    colours = [number for channel in range(values.shape[2]) for number in _colour(values[..., channel][field])]
    # Of red, green and blue, green shows blood and pigment best.
    return np.array([*colours, *_texture(values[..., min(1, values.shape[2] - 1)], field)])


def _reduced(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    from PIL import Image

    factor = -(-max(image.shape[:2]) // MAX_SIDE)
    channels = range(image.shape[2])
    planes = [np.asarray(Image.fromarray(image[..., channel]).reduce(factor)) for channel in channels]
    return np.stack(planes, axis=-1).astype(np.float32)


def _colour(values: NDArray[np.float32]) -> list[float]:
    histogram = np.bincount((values * (NUM_BINS / 256)).astype(np.int64), minlength=NUM_BINS) / len(values)
    mean, std, skewness, _ = _moments(values / np.float32(255))
    percentiles = _percentiles(values / np.float32(255), PERCENTILES)
    return [mean, std, skewness, *percentiles, *histogram.tolist()]


def _texture(grey: NDArray[np.float32], field: NDArray[np.bool_]) -> list[float]:
    """Contrast to the surroundings, within the field of view and away from its rim."""
    from scipy.ndimage import binary_erosion, gaussian_filter

    side = max(grey.shape)
    inner = binary_erosion(field, iterations=max(2, side // 24))
    if not inner.any():
        inner = field
    light = gaussian_filter(grey, side / 16, truncate=3) + 5
    scales = [gaussian_filter(grey, sigma, truncate=3) for sigma in SIGMAS]
    numbers: list[float] = []
    for finer, coarser in itertools.pairwise(scales):
        numbers += _band((finer - coarser) / light, inner)
    rows, columns = np.gradient(scales[0])
    gradient = (np.hypot(rows, columns) / light)[inner]
    return [*numbers, float(gradient.mean()), float(gradient.std()), *_binary_patterns(grey, inner)]


def _band(contrast: NDArray[np.float32], inner: NDArray[np.bool_]) -> list[float]:
    from scipy.ndimage import maximum_filter, minimum_filter

    values = contrast[inner]
    _, std, skewness, kurtosis = _moments(values)
    numbers = [float(np.log(std + 1e-4)), skewness, float(np.log(kurtosis + 1e-3)), *_percentiles(values, TAILS)]
    peaks = contrast[inner & (contrast == maximum_filter(contrast, 3))]
    pits = -contrast[inner & (contrast == minimum_filter(contrast, 3))]
    for spots in (peaks, pits):
        numbers += [float(np.log1p(np.count_nonzero(spots > least))) for least in SPOT_CONTRASTS]
    return numbers


def _binary_patterns(grey: NDArray[np.float32], inner: NDArray[np.bool_]) -> list[float]:
    """Shares of the nine uniform patterns, by their number of brighter neighbours, and of all others."""
    height, width = grey.shape
    around = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
    neighbours = [grey[1 + y : height - 1 + y, 1 + x : width - 1 + x] for y, x in around]
    is_brighter = np.array([neighbour > grey[1:-1, 1:-1] for neighbour in neighbours])
    changes = (is_brighter != np.roll(is_brighter, 1, axis=0)).sum(axis=0, dtype=np.int8)
    patterns = np.where(changes <= 2, is_brighter.sum(axis=0, dtype=np.int8), 9)[inner[1:-1, 1:-1]]
    return [float(share) for share in np.bincount(patterns, minlength=10) / max(1, patterns.size)]


def _moments(values: NDArray[np.float32]) -> tuple[float, float, float, float]:
    """Mean, standard deviation, skewness and kurtosis; the last two are 0 where nothing varies."""
    mean = float(values.mean())
    deviations = values - np.float32(mean)
    squares = deviations * deviations
    variance = float(squares.mean())
    if variance < 1e-10:
        return mean, variance**0.5, 0.0, 0.0
    skewness = float((squares * deviations).mean()) / variance**1.5
    return mean, variance**0.5, skewness, float((squares * squares).mean()) / variance**2


def _percentiles(values: NDArray[np.float32], percentiles: tuple[float, ...]) -> list[float]:
    """Return the nearest of the values, which is quicker than NumPy's interpolation."""
    positions = np.round(np.array(percentiles) / 100 * (values.size - 1)).astype(np.int64)
    return [float(value) for value in np.sort(values)[positions]]


def _thumbnail(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from PIL import Image

    size, average = (THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BOX
    planes = [Image.fromarray(image[..., channel]).resize(size, average) for channel in range(image.shape[2])]
    return np.stack([np.asarray(plane) for plane in planes]).ravel()


def _principal_components(thumbnails: NDArray[np.uint8], num_components: int) -> NDArray[np.float64]:
    """Return directions of most variance, the first one first, shape (components, pixels).

    By hand, because libraries want all thumbnails as floating-point numbers at once, or approximate.
    """
    from threadpoolctl import threadpool_limits

    mean = thumbnails.mean(axis=0)
    scatter = np.zeros((len(mean), len(mean)))
    # Results of several threads differ in their last bits, and on a busy machine they wait for each other many times
    # as long as the work takes.
    with threadpool_limits(1):
        for block in _blocks(thumbnails):
            scatter += (block - mean).T @ (block - mean)
        components = np.linalg.eigh(scatter).eigenvectors.T[::-1][:num_components]
    # A component and its negative are the same; the largest number is made positive, so that runs agree.
    largest = np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1)
    return np.asarray(components * np.sign(largest))


def _projected(thumbnails: NDArray[np.uint8], components: NDArray[np.float64]) -> NDArray[np.float64]:
    parts = [block / 255 @ components.T for block in _blocks(thumbnails)]
    return np.concatenate(parts) if parts else np.empty((0, len(components)))


def _blocks(thumbnails: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    return (thumbnails[start : start + CASES_PER_BLOCK] for start in range(0, len(thumbnails), CASES_PER_BLOCK))
