"""Pictures that show the same photograph: recompressed, resized, mirrored, or of other brightness and contrast.

Two such files differ in every byte, so only their content gives them away. A perceptual hash proposes pairs, and the
correlation of their fine detail decides: two eyes look alike at a glance, but their vessels lie elsewhere.
Written by hand because the hashes of well-kept libraries see the coarse shape alone, and to them all photographs of
one kind, round and dark at the rim, are the same.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import numpy as np

from reprodx.inputs import CASES_PER_BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from reprodx.inputs import Inputs

SIDE = 64
"""Pixels per side of the thumbnails that are compared."""
FREQUENCIES = 16
"""Lowest frequencies of the cosine transform, across and down, whose signs are the hash."""
MAX_DISTANCE = 32
"""Bits of the hash, of 255, by which two pictures of one photograph may differ."""
MIN_CORRELATION = 0.85
"""Least correlation of the fine detail of two pictures of one photograph."""
MIN_OVERLAP = 0.5
"""Least share of the smaller content that both pictures have."""
NOISE_PIXELS, SHADE_PIXELS, CONTRAST_PIXELS = 0.6, 2.0, 4.0
"""Standard deviations of the Gaussians that smooth noise, follow the lighting and measure local contrast."""
FLAT_CONTRAST = 3.0
"""Grey levels of local contrast below which there is noise rather than detail."""
DARK, EVEN_RANGE, RIM_PIXELS = 12.0, 4.0, 6
"""Grey levels of a black surround, their range from pixel to pixel in an even one, and how far its edge reaches."""
LEVELS_PER_UNIT = 25.0
"""Steps of the 8 bits in which detail is kept, per local standard deviation."""
ROWS_PER_BLOCK, PAIRS_PER_BLOCK = 64, 4096
"""Pictures compared with all others, and pairs decided, at a time."""


def find_near_duplicates(images: Inputs) -> NDArray[np.int64]:
    """Return which pictures show the same photograph.

    Every picture is compared with every other by its hash, in blocks; in memory are the hashes, 32 bytes a picture, and
    in a temporary file the thumbnails, 4 KiB a picture. A picture that is the same everywhere resembles none.

    Args:
        images: Pictures of one size.

    Returns:
        Shape (cases,): the row of the first case that shows the same photograph, directly or through others between;
        a case's own row where there is none before it.

    Source: Zauner 2010, "Implementation and benchmarking of perceptual image hash functions" (the hash of the cosine
    transform), here taken of the picture after local contrast normalisation: Jarrett et al. 2009,
    https://doi.org/10.1109/ICCV.2009.5459469.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    num_images = len(images)
    if num_images == 0:
        return np.zeros(0, np.int64)
    hashes = np.empty((num_images, FREQUENCIES**2 // 64), np.uint64)
    with TemporaryFile() as file, ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        thumbnails = np.memmap(file, np.int8, "w+", shape=(num_images, SIDE, SIDE))

        def describe(start: int) -> None:
            rows = slice(start, start + CASES_PER_BLOCK)
            hashes[rows], thumbnails[rows] = _describe(images.select(np.arange(num_images)[rows]).gathered())

        list(pool.map(describe, range(0, num_images, CASES_PER_BLOCK)))
        first, second = _same(hashes, thumbnails)
    graph = coo_array((np.ones(len(first), bool), (first, second)), shape=(num_images, num_images))
    component = connected_components(graph, directed=False)[1]
    _, first_rows, positions = np.unique(component, return_index=True, return_inverse=True)
    return np.asarray(first_rows[positions], np.int64)


def _describe(images: NDArray[np.uint8]) -> tuple[NDArray[np.uint64], NDArray[np.int8]]:
    grey = np.stack([_thumbnail(image) for image in images])
    detail = _detail(grey)
    return _hashes(detail), np.rint(np.clip(_content(grey) * detail * LEVELS_PER_UNIT, -127, 127)).astype(np.int8)


def _thumbnail(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    from PIL import Image

    picture = Image.fromarray(image if image.shape[-1] == 3 else image[..., 0]).convert("L")
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)


def _detail(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    noise, shade, contrast = (_blur(sigma) for sigma in (NOISE_PIXELS, SHADE_PIXELS, CONTRAST_PIXELS))
    detail = noise @ grey @ noise.T - shade @ grey @ shade.T
    return np.asarray(detail / (np.sqrt(contrast @ detail**2 @ contrast.T) + FLAT_CONTRAST), np.float32)


def _blur(sigma: float) -> NDArray[np.float32]:
    # At this size a product with a matrix blurs many times faster than a filter that slides.
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(np.eye(SIDE), sigma, axis=0), np.float32)


def _content(grey: NDArray[np.float32]) -> NDArray[np.bool_]:
    from scipy.ndimage import binary_erosion, binary_propagation, maximum_filter, minimum_filter

    # A brighter copy has a grey surround, so what is even from the edge of the picture inwards is no content either.
    is_even = maximum_filter(grey, 3, axes=(1, 2)) - minimum_filter(grey, 3, axes=(1, 2)) < EVEN_RANGE
    at_edge = np.pad(np.zeros((SIDE - 2, SIDE - 2), bool), 1, constant_values=True)
    surround = np.stack([binary_propagation(at_edge & even, mask=even) for even in is_even])
    is_content = ~surround & (grey > DARK)
    return np.asarray(binary_erosion(is_content, iterations=RIM_PIXELS, border_value=1, axes=(1, 2)), bool)


def _hashes(detail: NDArray[np.float32]) -> NDArray[np.uint64]:
    from scipy.fft import dct

    cosines = np.asarray(dct(np.eye(SIDE), axis=0)[:FREQUENCIES], np.float32)
    signs = cosines @ detail @ cosines.T > 0
    signs[:, 0, 0] = False
    return _packed(signs)


def _packed(signs: NDArray[np.bool_]) -> NDArray[np.uint64]:
    return np.packbits(signs.reshape(len(signs), -1), axis=1).view(np.uint64)


def _same(hashes: NDArray[np.uint64], thumbnails: NDArray[np.int8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # Mirroring a picture left to right changes the sign of its odd frequencies across, and of no other.
    is_odd = np.broadcast_to(np.arange(FREQUENCIES) % 2 == 1, (1, FREQUENCIES, FREQUENCIES))
    mirrors = {1: hashes, -1: hashes ^ _packed(is_odd)}
    rows = np.flatnonzero(thumbnails.any(axis=(1, 2)))

    def compare(start: int, step: int) -> Iterable[NDArray[np.int64]]:
        pairs = _candidates(hashes[rows], mirrors[step][rows], start)
        return [rows[block[_are_same(thumbnails, rows[block], step)]] for block in pairs]

    starts = range(0, len(rows), ROWS_PER_BLOCK)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        found = pool.map(compare, [*starts, *starts], [1] * len(starts) + [-1] * len(starts))
        pairs = list(chain.from_iterable(found))
    first, second = np.concatenate([np.zeros((0, 2), np.int64), *pairs]).T
    return first, second


def _candidates(hashes: NDArray[np.uint64], others: NDArray[np.uint64], start: int) -> Iterator[NDArray[np.int64]]:
    block, later = hashes[start : start + ROWS_PER_BLOCK], others[start:]
    distances = np.zeros((len(block), len(later)), np.uint16)
    for word in range(hashes.shape[1]):
        distances += np.bitwise_count(block[:, None, word] ^ later[None, :, word])
    pairs = np.argwhere(np.triu(distances <= MAX_DISTANCE, 1)) + start
    for position in range(0, len(pairs), PAIRS_PER_BLOCK):
        yield pairs[position : position + PAIRS_PER_BLOCK]


def _are_same(thumbnails: NDArray[np.int8], pairs: NDArray[np.int64], step: int) -> NDArray[np.bool_]:
    first, second = thumbnails[pairs[:, 0]], thumbnails[pairs[:, 1], :, ::step]
    # What is black in one picture may be grey in its brighter copy, so the content of both counts.
    is_shared = (first != 0) & (second != 0)
    num_least = np.minimum(np.count_nonzero(first, axis=(1, 2)), np.count_nonzero(second, axis=(1, 2)))
    one, other = (np.where(is_shared, values, 0).astype(np.float32) for values in (first, second))
    product, *squares = (np.einsum("nij,nij->n", *both) for both in ((one, other), (one, one), (other, other)))
    is_alike = product >= MIN_CORRELATION * np.sqrt(squares[0] * squares[1])
    return np.asarray(is_alike & (is_shared.sum(axis=(1, 2)) >= MIN_OVERLAP * num_least))
