"""Positions against the published formula."""

import numpy as np
import torch

from reprodx.models.positional_encoding import sinusoidal_encoding


def test_follows_the_formula():
    encoding = sinusoidal_encoding(3000, 8, torch.zeros(1, dtype=torch.float64))

    for pair in range(4):
        angles = np.arange(3000) / 10_000 ** (2 * pair / 8)
        np.testing.assert_allclose(encoding[:, 2 * pair], np.sin(angles), atol=1e-10)
        np.testing.assert_allclose(encoding[:, 2 * pair + 1], np.cos(angles), atol=1e-10)


def test_has_the_type_of_what_it_is_added_to():
    assert sinusoidal_encoding(2, 4, torch.zeros(1)).dtype == torch.float32
