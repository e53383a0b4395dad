"""Files of other tools: what differs in writing alone is read alike, and what cannot be read says why."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.artifacts.prediction_files import plain_names, read_file, typed, with_plain_names
from reprodx.artifacts.predictions import ClassOrder, Predictions, read_predictions
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, SchemaError

FRAME = pd.DataFrame({"case_id": [3, 1, 2], "y_true": [1.0, 0.0, 1.0], "prob_1": [0.75, 0.25, 0.5]})


def essence(predictions: Predictions) -> tuple[object, ...]:
    table = predictions.table.sort("case_id")
    return (
        table["case_id"].to_list(),
        table["y_true"].to_list(),
        predictions.classes,
        Predictions(table, predictions.metadata).probs().tolist(),
    )


EXPECTED = (["1", "2", "3"], ["0", "1", "1"], ("0", "1"), [[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]])


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: FRAME.to_csv(folder / "p.csv", index=False),
        lambda folder: FRAME.to_csv(folder / "p.csv"),
        lambda folder: FRAME.to_csv(folder / "p.csv", encoding="utf-8-sig"),
        lambda folder: FRAME.to_csv(folder / "p.csv", index=False, lineterminator="\r\n"),
        lambda folder: FRAME.astype({"case_id": float}).to_csv(folder / "p.csv", index=False),
        lambda folder: FRAME.rename(columns={"prob_1": "prob_1.0"}).to_csv(folder / "p.csv", index=False),
        lambda folder: FRAME.assign(age=[50, None, 7], note="a,b").to_csv(folder / "p.csv", index=False),
        lambda folder: FRAME.to_parquet(folder / "p.parquet"),
        lambda folder: FRAME.set_index("case_id").to_parquet(folder / "p.parquet"),
        lambda folder: FRAME.astype({"case_id": str, "y_true": "category"}).to_parquet(folder / "p.parquet"),
        lambda folder: FRAME.astype({"case_id": float, "prob_1": "float32"}).to_parquet(folder / "p.parquet"),
        lambda folder: FRAME.astype({"y_true": int}).to_parquet(folder / "p.parquet"),
    ],
)
def test_pandas_writes_one_thing_in_many_ways(tmp_path: Path, write: Callable[[Path], None]) -> None:
    write(tmp_path)
    (path,) = tmp_path.iterdir()
    found = read_predictions(path)
    assert essence(found) == EXPECTED
    assert found.class_order == ClassOrder.ONLY_COLUMN
    assert found.metadata["has_patients"] is False


def test_tables_of_r_are_read(tmp_path: Path) -> None:
    """As `write.csv` writes a data frame with a logical column: names quoted, rows numbered."""
    path = tmp_path / "r.CSV"
    path.write_text('"","case_id","y_true","prob_TRUE"\n"1","007",TRUE,0.75\n"2","08",FALSE,2.5e-1\n')
    found = read_predictions(path)
    assert found.classes == ("false", "true")
    assert found.table["case_id"].to_list() == ["007", "08"]
    assert found.targets().tolist() == [1, 0]


@pytest.mark.parametrize("column", ["prob_True", "prob_true", "prob_1", "prob_1.0"])
@pytest.mark.parametrize("is_alone", [True, False])
def test_truth_values_of_pandas_are_those_of_r(tmp_path: Path, column: str, is_alone: bool) -> None:
    frame = FRAME.assign(y_true=[True, False, True]).rename(columns={"prob_1": column})
    if not is_alone:
        negative = {"prob_True": "prob_False", "prob_true": "prob_false"}.get(column, "prob_0")
        frame.insert(0, negative, 1 - frame[column])
    frame.to_csv(tmp_path / "p.csv", index=False)
    frame.to_parquet(tmp_path / "p.parquet")
    for name in ("p.csv", "p.parquet"):
        found = read_predictions(tmp_path / name)
        assert found.classes == ("false", "true")
        assert found.targets().tolist() == [1, 0, 1]
        assert found.probs()[:, 1].tolist() == [0.75, 0.25, 0.5]


def test_columns_are_called_as_the_labels_call_the_classes() -> None:
    table = pl.DataFrame({"y_true": [0, 1], "prob_FALSE": [0.5, 0.5], "prob_TRUE": [0.5, 0.5], "logit_TRUE": [0, 0]})
    assert with_plain_names(table).columns == ["y_true", "prob_0", "prob_1", "logit_1"]
    other = pl.DataFrame({"y_true": [True, False], "prob_1": [0.5, 0.5], "prob_2": [0.5, 0.5]})
    assert with_plain_names(other).columns == other.columns


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("case_id;y_true;prob_1\n1;0;0,2\n", "must be separated by commas"),
        ("case_id\ty_true\tprob_1\n1\t0\t0.2\n", "must be separated by commas"),
        ("id,y_true,prob_1\n1,0,0.2\n", "no column 'case_id': give case_id, y_true and prob_\\*$"),
        ("case_id,y_true,prob_1\n,0,0.2\n2,1,0.7\n", "1 rows have no case_id"),
        ("case_id,patient_id,y_true,prob_1\n1,,0,0.2\n2,p,1,0.7\n", "1 rows have no patient_id"),
        ("case_id,y_true,prob_1\n1,NA,0.2\n2,1,0.7\n3,0,0.1\n", "1 rows have no y_true"),
        ("case_id,y_true,prob_1\n1,0,NA\n2,1,0.7\n", "row 2: prob_\\* must be numbers"),
        ('case_id,y_true,prob_1\n1,0,"0,2"\n2,1,0.7\n', "row 2: prob_\\* must be numbers"),
        ("case_id,y_true,prob_1\n1,0,nan\n2,1,0.7\n", "row 2: prob_\\* must be numbers"),
        ("case_id,y_true,prob_1\n1,0,inf\n2,1,0.7\n", "row 2: prob_\\* must be numbers"),
        ("case_id,y_true,prob_1,fold\n1,0,0.1,A\n2,1,0.7,B\n", "fold must be whole numbers"),
        ("case_id,y_true,prob_1\n1,0,0.2\n01.0,0,0.2\n1,1,0.3\n", "more than once"),
    ],
)
def test_what_cannot_be_used_says_why(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(SchemaError, match=reason):
        read_predictions(path)


def test_lists_in_a_cell_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    FRAME.assign(prob_1=[[0.2, 0.8]] * 3).to_parquet(path)
    with pytest.raises(SchemaError, match="column 'prob_1' holds lists"):
        read_predictions(path)


def test_half_a_fold_is_none(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    FRAME.assign(fold=[0, 0.5, 1]).to_csv(path, index=False)
    with pytest.raises(SchemaError, match="fold must be whole numbers"):
        read_predictions(path)


def test_probabilities_may_begin_with_a_hundred_whole_numbers(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    rows = [f"{case},{case % 2},{case % 2 if case < 300 else 0.25}" for case in range(400)]
    path.write_text("\n".join(["case_id,y_true,prob_1", *rows]))
    assert read_predictions(path).probs()[[298, 299, 300], 1].tolist() == [0, 1, 0.25]


def test_ids_and_classes_that_are_no_whole_numbers_stay(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("case_id, y_true, prob_0.0, prob_0.5\n1.0, 0.5, 0.5, 0.5\n1.1, 0.0, 0.9, 0.1\n001, 0.0, 1, 0\n")
    found = read_predictions(path)
    assert found.table["case_id"].to_list() == ["1.0", "1.1", "001"]
    assert found.classes == ("0.0", "0.5")
    assert found.class_order == ClassOrder.COLUMNS


@pytest.mark.parametrize("content", [b"", b"case_id,y_true\n1,2,3,4\n"])
def test_a_broken_csv_is_told_from_an_absent_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.csv"
    with pytest.raises(ArtifactMissingError):
        read_file(path)
    path.write_bytes(content)
    with pytest.raises(ArtifactCorruptError, match=r"has no header|has a row of another length"):
        read_file(path)


def test_columns_get_their_types(tmp_path: Path) -> None:
    table = pl.DataFrame({"case_id": [1], "site": [3], "group_sex": [None], "prob_a": ["1e-3"], "fold": ["2.0"]})
    found = typed(tmp_path, table)
    assert found.dtypes == [pl.String, pl.String, pl.String, pl.Float64, pl.Int64]
    assert found.row(0) == ("1", "3", None, 0.001, 2)


def test_labels_written_as_words_are_labels(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("case_id,y_true_a,y_true_b,prob_a,prob_b\n1,TRUE,False,0.9,0.8\n2,FALSE,True,0.1,0.3\n")
    assert read_predictions(path).targets().tolist() == [[1, 0], [0, 1]]


@given(st.lists(st.from_regex(r"-?(0|[1-9][0-9]{0,5})(\.0{1,3})?", fullmatch=True), min_size=1))
def test_whole_numbers_become_equal_where_their_values_are(names: list[str]) -> None:
    found = plain_names(names)
    assert [float(name) for name in found] == [float(name) for name in names]
    assert not any("." in name for name in found)
    assert plain_names(found) == found


def test_two_columns_never_become_one() -> None:
    table = pl.DataFrame({"y_true": ["1", "1.0"], "prob_1": [0.5, 0.5], "prob_1.0": [0.5, 0.5]})
    assert with_plain_names(table).equals(table)
    assert with_plain_names(table.drop("prob_1")).columns == ["y_true", "prob_1"]


@pytest.mark.parametrize(
    ("ids", "words"),
    [(["1", "1.0"], "1 of case_id differ from others by .0 alone"), ([], "has no rows")],
)
def test_cases_that_nobody_can_tell_apart_are_refused(tmp_path: Path, ids: list[str], words: str) -> None:
    with pytest.raises(SchemaError, match=words):
        typed(tmp_path, pl.DataFrame({"case_id": ids}, schema={"case_id": pl.String}))


def test_an_id_in_other_letters_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"no column 'case_id'.*; call 'Case_ID' so"):
        typed(tmp_path, pl.DataFrame({"Case_ID": ["1"]}))
