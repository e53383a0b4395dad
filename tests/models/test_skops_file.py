"""Skops files: the same bytes, and no type that is not trusted."""

from fractions import Fraction

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from reprodx.models.skops_file import read_skops, write_skops


def fitted() -> LogisticRegression:
    random = np.random.default_rng(0)
    return LogisticRegression().fit(random.normal(size=(20, 2)), [0, 1] * 10)


def test_reads_what_was_written(tmp_path):
    estimator = fitted()

    write_skops(tmp_path / "file.skops", estimator)

    assert np.array_equal(read_skops(tmp_path / "file.skops", trusted=()).coef_, estimator.coef_)


def test_equal_objects_give_equal_bytes(tmp_path):
    first, second = fitted(), fitted()

    write_skops(tmp_path / "first.skops", first)
    write_skops(tmp_path / "second.skops", second)

    assert (tmp_path / "first.skops").read_bytes() == (tmp_path / "second.skops").read_bytes()


def test_refuses_a_type_that_is_not_trusted(tmp_path):
    write_skops(tmp_path / "file.skops", {"share": Fraction(1, 2)})

    with pytest.raises(ValueError, match="Fraction"):
        read_skops(tmp_path / "file.skops", trusted=())
    assert read_skops(tmp_path / "file.skops", trusted=["fractions.Fraction"])["share"] == Fraction(1, 2)


@pytest.mark.parametrize("content", [b"", b"not a zip archive"])
def test_refuses_a_damaged_file(tmp_path, content):
    (tmp_path / "file.skops").write_bytes(content)

    with pytest.raises(ValueError, match=r"."):
        read_skops(tmp_path / "file.skops", trusted=())
