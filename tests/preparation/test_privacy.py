"""Data by which persons can be known are refused by column and kind, never by value, unless that is acknowledged."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from reprodx.errors import PrivacyError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.privacy import check_privacy
from reprodx.schemas import RawCases

ROLES = {"data.patient": "pid", "data.site": "ward"}


def read(features: dict[str, list[str]], **cases: list[str]) -> RawCases:
    """Return three cases as a dataset hands them on."""
    own = {"case_id": ["row2", "row3", "row4"], "patient_id": ["P1", "P2", "P3"], "y_true": ["a", "b", "a"], **cases}
    return RawCases(pl.DataFrame(own), pl.DataFrame(features), ("a", "b"), 3, (), has_patients=True, card="")


def test_all_that_identifies_is_told_at_once_and_without_a_value() -> None:
    raw = read(
        {"mail": ["x@y.org"] * 3}, patient_id=["Doe, Jane", "Roe, Ann", "Poe, Al"], group_born=["1964-03-12"] * 3
    )
    with pytest.raises(PrivacyError) as refused:
        check_privacy(raw, ROLES, ())
    told = str(refused.value)
    for part in ("feature 'mail' holds e-mail", "id 'pid' holds names", "group 'born' holds full dates"):
        assert part in told
    assert "data.acknowledge.identifying=[mail,born,pid]" in told
    assert not [value for value in ("x@y", "Doe", "1964") if value in told]
    assert PrivacyError.exit_code == 3


def test_what_is_acknowledged_passes_and_is_said() -> None:
    raw = read({"mail": ["x@y.org"] * 3})
    assert check_privacy(raw, ROLES, ["mail"]) == [
        "feature 'mail' holds e-mail addresses, as acknowledged: guard what is made of it"
    ]
    assert check_privacy(read({"age": ["1", "2", "3"]}), ROLES, []) == []


def test_texts_are_searched() -> None:
    texts = np.array(["Mr. Smith came", "Mrs Doe was here", "Frau Roe left"], dtype=object)
    raw = read({})
    own = RawCases(
        raw.cases,
        pl.DataFrame(height=3),
        ("a", "b"),
        3,
        (),
        has_patients=True,
        card="",
        inputs=Inputs.of_rows(Modality.TEXT, texts),
    )
    with pytest.raises(PrivacyError, match=r"text 'letter' holds names of persons: .*identifying=\[letter\]"):
        check_privacy(own, {**ROLES, "data.text": "letter"}, ())


def test_row_numbers_and_sites_are_no_matter() -> None:
    raw = read({}, case_id=["Smith", "Doe", "Roe"], site=["Mercy West", "Mercy East", "Mercy South"])
    assert check_privacy(raw, ROLES, ()) == []
