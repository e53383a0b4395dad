"""Distances to the nearest of many cases, in blocks, so that no more than some 100 MB are held at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32] | NDArray[np.float64]

BLOCK_ELEMENTS = 4_000_000
"""Numbers of a block of cases in float64: 32 MB."""
MAX_BLOCK_CASES = 1_000
"""Of each side, so that the distances between two blocks take 8 MB."""


class Nearest(NamedTuple):
    """Where the nearest reference of each query lies."""

    distances: NDArray[np.float64]
    """Shape (queries,), Euclidean; infinite where every reference is left out."""
    rows: NDArray[np.int64]
    """Shape (queries,), of the references."""


def nearest(
    queries: Vectors,
    references: Vectors,
    *,
    left_out: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
) -> Nearest:
    """Find the nearest reference of each query.

    Args:
        queries: Shape (queries, features).
        references: Shape (references, features), at least one.
        left_out: Groups of the queries and of the references: a reference of the query's own group does not count.

    Returns:
        Of equally near references the first. A reference equal to the query has distance 0 exactly.

    >>> nearest(np.array([[0.0, 1.0]]), np.array([[3.0, 5.0], [0.0, 1.0]]))
    Nearest(distances=array([0.]), rows=array([1]))
    """
    centre = references[:MAX_BLOCK_CASES].mean(axis=0, dtype=np.float64)
    groups = left_out or (np.zeros(len(queries), np.int64), np.ones(len(references), np.int64))
    distances, rows = np.empty(len(queries)), np.empty(len(queries), np.int64)
    for block in _blocks(queries):
        found = _nearest_rows(queries[block] - centre, references, centre, groups[0][block], groups[1])
        is_left_out = groups[1][found] == groups[0][block]
        # Directly, since the expanded square of a small distance has lost its digits.
        steps = np.linalg.norm(queries[block].astype(np.float64) - references[found].astype(np.float64), axis=1)
        distances[block], rows[block] = np.where(is_left_out, np.inf, steps), found
    return Nearest(distances, rows)


def _nearest_rows(
    queries: NDArray[np.float64],
    references: Vectors,
    centre: NDArray[np.float64],
    query_groups: NDArray[np.int64],
    reference_groups: NDArray[np.int64],
) -> NDArray[np.int64]:
    least, rows = np.full(len(queries), np.inf), np.zeros(len(queries), np.int64)
    for block in _blocks(references):
        others = references[block] - centre
        # The square of the query is the same for all references, and is not needed to order them.
        squares = np.einsum("rf,rf->r", others, others) - 2 * (queries @ others.T)
        squares[query_groups[:, None] == reference_groups[None, block]] = np.inf
        nearest_in_block = squares.argmin(axis=1)
        values = squares[np.arange(len(queries)), nearest_in_block]
        is_nearer = values < least
        least[is_nearer], rows[is_nearer] = values[is_nearer], nearest_in_block[is_nearer] + block.start
    return rows


def _blocks(cases: Vectors) -> list[slice]:
    size = min(MAX_BLOCK_CASES, max(1, BLOCK_ELEMENTS // max(1, cases.shape[1])))
    return [slice(start, start + size) for start in range(0, len(cases), size)]
