"""Vectors of pictures and texts: means of areas, shares of tokens."""

from __future__ import annotations

import numpy as np
import pytest

from reprodx.inputs import CASES_PER_BLOCK, Inputs, Modality
from reprodx.metrics.generation.reduction import MAX_SHARES, MAX_SIDE, image_vectors, token_shares


def pictures(*shape: int) -> Inputs:
    values = np.random.default_rng(0).integers(0, 256, size=shape, dtype=np.uint8)
    return Inputs.of_rows(Modality.IMAGE, values)


@pytest.mark.parametrize("side", [64, 128])
def test_a_picture_becomes_the_means_of_its_areas(side: int) -> None:
    inputs = pictures(2, side, side, 3)
    means = image_vectors(inputs).reshape(2, MAX_SIDE, MAX_SIDE, 3)
    step = side // MAX_SIDE
    for row, column, channel in ((0, 0, 0), (31, 5, 2), (7, 31, 1)):
        area = inputs.values[1, row * step : (row + 1) * step, column * step : (column + 1) * step, channel]
        assert means[1, row, column, channel] == pytest.approx(area.mean() / 255, rel=1e-6)


def test_a_small_picture_keeps_every_pixel_and_an_odd_one_all_but_its_rim() -> None:
    small, odd = pictures(3, 28, 20, 1), pictures(1, 70, 65, 1)
    assert image_vectors(small) == pytest.approx(small.values.reshape(3, -1) / 255, rel=1e-6)
    assert image_vectors(odd).shape == (1, 35 * 32)


def test_blocks_change_nothing_and_only_chosen_pictures_are_taken() -> None:
    inputs = pictures(CASES_PER_BLOCK + 3, 4, 4, 1)
    vectors = image_vectors(inputs)
    assert vectors.dtype == np.float32
    assert (vectors == inputs.values.reshape(len(inputs), -1) / np.float32(255)).all()
    chosen = np.array([CASES_PER_BLOCK, 0])
    assert (image_vectors(inputs.select(chosen)) == vectors[chosen]).all()
    assert image_vectors(inputs.select(chosen[:0])).shape == (0, 16)


def test_a_text_becomes_the_shares_of_its_tokens() -> None:
    texts = Inputs.of_steps(Modality.TEXT, np.array([2, 3, 3, 2, 4], np.int32), np.array([4, 1]))
    assert token_shares(texts, 5).tolist() == [[0, 0, 0.5, 0.5, 0], [0, 0, 0, 0, 1]]


def test_a_large_vocabulary_is_folded() -> None:
    texts = Inputs.of_steps(Modality.TEXT, np.array([2, 2 + MAX_SHARES], np.int32), np.array([1, 1]))
    shares = token_shares(texts, 3 * MAX_SHARES)
    assert shares.shape == (2, MAX_SHARES)
    assert (shares[0] == shares[1]).all()
    assert shares.sum(axis=1).tolist() == [1, 1]
