"""ICD-10-CM's descriptions: counts, classes, the draw, and that nothing gives the chapter away."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from reprodx.datasets import icd10
from reprodx.datasets.icd10 import CHAPTERS, Icd10
from reprodx.errors import ConfigError, SchemaError

if TYPE_CHECKING:
    from reprodx.schemas import RawCases

Make = Callable[..., Icd10]


@pytest.fixture
def make(settings: Callable[[str], dict[str, Any]]) -> Make:
    """Return a function from settings to the dataset, with the YAML's other settings."""
    return lambda **overrides: Icd10(**{**settings("icd10"), **overrides})


@pytest.fixture(scope="module")
def raw() -> RawCases:
    """Return the cases with two descriptions of each category."""
    acknowledge: dict[str, object] = {"features": [], "duplicates": [], "patients": False}
    return Icd10(max_per_category=2, sample_seed=0, vocabulary_size=4000, max_tokens=48, acknowledge=acknowledge).read(
        None
    )


def test_every_code_is_a_case_or_counted(raw: RawCases) -> None:
    assert raw.num_read == icd10.NUM_CODES == raw.cases.height + sum(rule.count for rule in raw.exclusions)
    assert next(rule.count for rule in raw.exclusions) == 3
    assert raw.cases["case_id"].is_unique().all()
    assert raw.features.shape == (raw.cases.height, 0)


def test_the_chapter_is_that_of_the_code(raw: RawCases) -> None:
    truth = dict(raw.cases.select("case_id", "y_true").iter_rows())
    first = {code[:3]: chapter for code, chapter in truth.items()}
    expected = {"A00": "infections", "C50": "neoplasms", "D50": "blood", "I21": "circulatory", "S72": "injury"}
    assert {category: first[category] for category in expected} == expected
    assert first["Z00"] == "health_services"
    assert set(truth.values()) == set(raw.classes) == set(CHAPTERS.values())
    assert all(re.fullmatch(r"\w+", name) for name in raw.classes)


def test_a_category_stands_where_other_data_have_the_patient(raw: RawCases) -> None:
    assert (raw.cases["patient_id"] == raw.cases["case_id"].str.slice(0, 3)).all()
    assert raw.cases.group_by("patient_id").agg(pl.col("y_true").n_unique())["y_true"].max() == 1
    assert raw.cases["patient_id"].value_counts()["count"].max() == 2
    assert raw.cases["patient_id"].n_unique() == 1911
    assert not raw.has_patients
    assert "There are no patients" in raw.card


def test_no_description_holds_its_code(raw: RawCases) -> None:
    assert raw.inputs is not None
    for code, text in zip(raw.cases["case_id"], raw.inputs, strict=True):
        assert isinstance(text, str)
        assert text
        assert not re.search(rf"\b{re.escape(code)}\b", text)


def test_the_draw_is_decided_by_its_seed_alone(make: Make, raw: RawCases) -> None:
    again = make(max_per_category=2).read(None)
    assert again.cases.equals(raw.cases)
    other = make(max_per_category=2, sample_seed=1).read(None)
    assert other.cases.height == raw.cases.height
    assert not other.cases.equals(raw.cases)


def test_the_shipped_settings_give_a_size_that_trains_in_minutes(make: Make) -> None:
    cases = make().read(None)
    assert 10_000 < cases.cases.height < 15_000
    assert cases.cases["y_true"].value_counts()["count"].min() > 100
    assert cases.inputs is not None
    assert cases.inputs.settings == {"vocabulary_size": 4000, "max_tokens": 48}


def test_another_release_and_impossible_settings_are_refused(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"split\.column"):
        make().read("fold")
    with pytest.raises(ConfigError, match=r"data\.max_per_category"):
        make(max_per_category=0)
    with pytest.raises(ConfigError, match=r"data\.sample_seed"):
        make(sample_seed=-1)
    with pytest.raises(ConfigError, match=r"data\.vocabulary_size"):
        make(vocabulary_size=1)
    monkeypatch.setattr(icd10, "NUM_CODES", 5)
    with pytest.raises(SchemaError, match="install version"):
        make().read(None)
