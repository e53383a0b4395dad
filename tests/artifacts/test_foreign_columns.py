"""Columns that other tools call otherwise are ours where that is certain, and refused with what to do where not."""

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from reprodx.artifacts.foreign_columns import with_case_ids, with_class_of_prob
from reprodx.artifacts.predictions import read_predictions
from reprodx.errors import SchemaError

NAMED = pd.DataFrame({"y_true": [1, 0, 1], "prob_1": [0.75, 0.25, 0.5]}, index=["x3", "x1", "x2"])
NUMBERED = NAMED.reset_index(drop=True)
ONLY_NUMBERS = "which only numbers rows"


def read(folder: Path, frame: pd.DataFrame, ending: str) -> tuple[list[str], tuple[str, ...]]:
    path = folder / f"p.{ending}"
    if ending == "csv":
        frame.to_csv(path)
    else:
        frame.to_parquet(path)
    found = read_predictions(path)
    return found.table["case_id"].to_list(), found.notes


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_an_index_is_the_case_id_and_that_is_said(tmp_path: Path, ending: str) -> None:
    assert read(tmp_path, NAMED, ending) == (["x3", "x1", "x2"], ("its index is taken for case_id",))
    ids, (note,) = read(tmp_path, NUMBERED.loc[[2, 0, 1]], ending)
    assert ids == ["2", "0", "1"]
    assert ONLY_NUMBERS in note
    assert read(tmp_path, NAMED.rename_axis("case_id"), ending) == (["x3", "x1", "x2"], ())
    assert read(tmp_path, NAMED.assign(case_id=["a", "b", "c"]), ending) == (["a", "b", "c"], ())


def test_an_index_that_has_a_name_is_meant(tmp_path: Path) -> None:
    frame = NUMBERED.set_index(pd.Index([7, 8, 9], name="visit")).assign(image_id=["a", "b", "c"])
    assert read(tmp_path, frame, "parquet") == (["7", "8", "9"], ("its index 'visit' is taken for case_id",))
    patients = NAMED.rename_axis("patient_id")
    patients.to_parquet(tmp_path / "p.parquet")
    found = read_predictions(tmp_path / "p.parquet").table
    assert found["patient_id"].to_list() == found["case_id"].to_list() == ["x3", "x1", "x2"]


def test_a_range_that_pandas_only_describes_is_an_index(tmp_path: Path) -> None:
    cases = NUMBERED.set_index(pd.RangeIndex(5, 8, name="case_id"))
    assert read(tmp_path, cases, "parquet") == (["5", "6", "7"], ())
    ids, (note,) = read(tmp_path, NUMBERED.set_index(pd.RangeIndex(5, 8)), "parquet")
    assert ids == ["5", "6", "7"]
    assert ONLY_NUMBERS in note
    with pytest.raises(SchemaError, match="has no column 'case_id': give"):
        read(tmp_path, NUMBERED, "parquet")


def test_what_read_csv_made_of_an_index_is_one(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    NAMED.to_csv(path)
    pd.read_csv(path).to_csv(path, index=False)
    assert path.read_text().startswith("Unnamed: 0,")
    assert read_predictions(path).table["case_id"].to_list() == ["x3", "x1", "x2"]


@pytest.mark.parametrize("column", ["image_id", "CaseID", "filename"])
def test_numbers_of_rows_are_no_ids_beside_a_column_that_tells_cases_apart(tmp_path: Path, column: str) -> None:
    with pytest.raises(SchemaError, match=f"its index only numbers rows, and '{column}' tells cases apart"):
        read(tmp_path, NUMBERED.assign(**{column: ["a", "b", "c"]}), "csv")
    several = NUMBERED.assign(**{column: ["a", "b", "a"], "age": [50, 60, 70]})
    assert read(tmp_path, several, "csv")[0] == ["0", "1", "2"]


@pytest.mark.parametrize("index", [[], ["patient", "visit"]])
def test_no_index_and_one_of_several_columns_are_none(index: list[str]) -> None:
    table = pl.DataFrame({"patient": ["p"], "visit": [1], "": ["x"]})
    assert with_case_ids(Path("p"), table, index) == (table, ())


@pytest.mark.parametrize("name", ["prob", "y_prob"])
@pytest.mark.parametrize(
    ("labels", "classes"),
    [([1, 0, 1], ("0", "1")), ([1.0, 0.0, 1.0], ("0", "1")), ([True, False, True], ("false", "true"))],
)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_an_only_probability_is_that_of_one_or_true(
    tmp_path: Path, name: str, labels: list[object], classes: tuple[str, str], ending: str
) -> None:
    frame = NAMED.assign(y_true=labels).rename(columns={"prob_1": name})
    read(tmp_path, frame, ending)
    found = read_predictions(tmp_path / f"p.{ending}")
    assert found.classes == classes
    assert found.probs()[:, 1].tolist() == [0.75, 0.25, 0.5]
    assert found.targets().tolist() == [1, 0, 1]


@pytest.mark.parametrize("labels", [["1", "2"], ["sick", "well"], ["0", "2"]])
def test_whose_probability_it_is_must_be_certain(labels: list[str]) -> None:
    table = pl.DataFrame({"y_true": labels, "prob": [0.5, 0.25]})
    with pytest.raises(SchemaError, match="'prob' does not say of which class it is the probability"):
        with_class_of_prob(Path("p"), table)
    named = table.with_columns(prob_sick=0.5)
    assert with_class_of_prob(Path("p"), named) is named
    both = table.with_columns(y_prob=0.5)
    assert with_class_of_prob(Path("p"), both) is both
