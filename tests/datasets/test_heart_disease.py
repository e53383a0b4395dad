"""The committed heart disease file, against what was published of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.datasets.heart_disease import SHA256, HeartDisease
from reprodx.errors import SchemaError
from reprodx.hashing import sha256_of_path

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


@pytest.fixture
def make(settings: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Callable[..., HeartDisease]:
    monkeypatch.chdir(ROOT)
    return lambda **overrides: HeartDisease(**{**settings("heart_disease"), **overrides})


def test_the_cohort_is_the_published_one(make: Callable[..., HeartDisease]) -> None:
    raw = make().read(None)
    assert raw.cases.height == 920
    assert dict(raw.cases["site"].value_counts().iter_rows()) == {
        "cleveland": 303,
        "hungary": 294,
        "switzerland": 123,
        "va": 200,
    }
    positives = raw.cases.filter(y_true="positive")["site"].value_counts()
    assert dict(positives.iter_rows()) == {"cleveland": 139, "hungary": 106, "switzerland": 115, "va": 149}
    assert raw.classes == ("negative", "positive")
    assert raw.features.width == 13
    assert raw.cases["case_id"].n_unique() == 920


def test_what_is_missing_is_what_the_card_says(make: Callable[..., HeartDisease]) -> None:
    raw = make().read(None)
    missing = {column.name: column.null_count() for column in raw.features}
    assert missing["chol"] == 172 + 30
    assert missing["trestbps"] == 1 + 59
    assert (missing["ca"], missing["thal"], missing["slope"]) == (611, 486, 309)
    swiss = raw.features.filter(raw.cases["site"] == "switzerland")
    assert swiss["chol"].null_count() == 123


def test_the_first_hungarian_patient_is_hungarian(make: Callable[..., HeartDisease]) -> None:
    cases = make().read(None).cases
    assert cases.filter(case_id="304")["site"].item() == "hungary"
    assert cases.filter(case_id="303")["site"].item() == "cleveland"


def test_the_file_is_the_one_that_was_checked_and_its_card_says_so() -> None:
    folder = ROOT / "data" / "raw" / "heart_disease"
    assert sha256_of_path(folder / "heart_disease_uci.csv") == SHA256
    card = (folder / "card.md").read_text(encoding="utf-8")
    for fact in (SHA256, "10.24432/C52P4X", "CC BY 4.0", "Detrano", "304", "405 and 406"):
        assert fact in card


def test_another_file_is_refused(make: Callable[..., HeartDisease], tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes((ROOT / "data/raw/heart_disease/heart_disease_uci.csv").read_bytes() + b"\n")
    with pytest.raises(SchemaError, match="data=csv_table"):
        make(path=str(path)).read(None)


@pytest.mark.parametrize("key", [{"header": False}, {"separator": "semicolon"}])
def test_keys_that_make_another_table_of_the_file_are_refused(
    make: Callable[..., HeartDisease], key: dict[str, object]
) -> None:
    with pytest.raises(SchemaError, match="has no column 'id'"):
        make(**key).read(None)
