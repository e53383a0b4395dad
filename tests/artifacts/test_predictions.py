"""The predictions file: the same bytes every time, and no nonsense accepted from other tools."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.predictions import ClassOrder, Predictions, read_predictions, scored_splits, write_predictions
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, ReprodxError, SchemaError
from reprodx.schemas import Sampling, Task


@pytest.fixture
def predictions() -> Predictions:
    table = pl.DataFrame(
        {
            "case_id": ["a", "b", "c", "d"],
            "patient_id": ["p", "p", "q", "r"],
            "split": ["val", "test", "test", "test"],
            "y_true": ["sick", "well", "sick", "well"],
            "prob_well": [0.25, 0.5, 0.1, 0.9],
            "prob_sick": [0.75, 0.5, 0.9, 0.1],
        }
    )
    return Predictions(table, {"classes": ["well", "sick"], "task": "binary", "seed": 0})


def write_csv(folder: Path, text: str) -> Path:
    path = folder / "predictions.csv"
    path.write_text(text)
    return path


def test_round_trip_keeps_table_and_metadata(tmp_path: Path, predictions: Predictions) -> None:
    write_predictions(tmp_path / "predictions.parquet", predictions)
    found = read_predictions(tmp_path / "predictions.parquet")
    assert found.table.equals(predictions.table)
    assert found.classes == ("well", "sick")
    assert found.metadata["seed"] == 0
    assert found.sampling == "cohort"
    assert scored_splits(found) == ("val", "test")
    assert found.of("test").targets().tolist() == [0, 1, 0]
    assert found.of("val").probs().tolist() == [[0.25, 0.75]]


def test_how_the_cases_came_to_be_is_kept(tmp_path: Path, predictions: Predictions) -> None:
    fixed = replace(predictions, metadata={**predictions.metadata, "sampling": Sampling.CASE_CONTROL})
    write_predictions(tmp_path / "predictions.parquet", fixed)
    assert read_predictions(tmp_path / "predictions.parquet").sampling is Sampling.CASE_CONTROL


def test_equal_predictions_are_equal_bytes(tmp_path: Path, predictions: Predictions) -> None:
    for name in ("first", "second"):
        write_predictions(tmp_path / name, predictions)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_foreign_csv_needs_three_columns_only(tmp_path: Path) -> None:
    found = read_predictions(write_csv(tmp_path, "case_id,y_true,prob_1\n1,0,0.2\n2,1,0.7\n"))
    assert found.classes == ("0", "1")
    np.testing.assert_allclose(found.probs(), [[0.8, 0.2], [0.3, 0.7]])
    assert found.table["split"].to_list() == ["test", "test"]
    assert found.table["patient_id"].to_list() == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("case_id,prob_1\n1,0.2\n", "no column 'y_true'"),
        ("case_id,y_true\n1,0\n", "no prob_<class> column"),
        ("case_id,y_true,prob_1\n1,0,0.2\n1,1,0.7\n", "more than once"),
        ("case_id,split,y_true,prob_1\nc1,val,0,0.2\nc1,test,0,0.2\nc2,test,1,1\n", "has 1 cases in two splits"),
        ("case_id,y_true,prob_0,prob_1\n1,0,0.8,0.3\n2,1,0.3,0.7\n", "row 2.*sum to 1"),
        ("case_id,y_true,prob_0,prob_1\n1,0,0.8,0.2\n2,1,-0.7,1.7\n", "row 3"),
        ("case_id,y_true,prob_0,prob_1\n1,0,0.8,0.2\n2,1,,1\n", "row 3"),
        ("case_id,y_true,prob_0,prob_1\n1,0,0.8,0.2\n2,5,0.5,0.5\n", "without a prob"),
        ("case_id,y_true,prob_1\n1,0,0.2\n2,1,0.7\n3,2,0.7\n", "3 classes"),
    ],
)
def test_nonsense_is_refused_with_its_place(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        read_predictions(write_csv(tmp_path, text))


LABELLED = "case_id,y_true_a,y_true_b,prob_a,prob_b\n"


def test_a_foreign_csv_with_labels_is_multilabel(tmp_path: Path) -> None:
    found = read_predictions(write_csv(tmp_path, LABELLED + "1,1,1,0.9,0.8\n2,0,0,0.1,0.3\n3,0,1,0,1\n"))
    assert found.task == Task.MULTILABEL
    assert found.metadata["task"] == "multilabel"
    assert found.classes == ("a", "b")
    assert found.table["y_true"].to_list() == ["a+b", "none", "b"]
    assert found.targets().tolist() == [[1, 1], [0, 0], [0, 1]]
    assert found.targets().dtype == np.int64
    assert found.probs().tolist() == [[0.9, 0.8], [0.1, 0.3], [0, 1]]


def test_labels_come_back_as_they_were_written(tmp_path: Path) -> None:
    csv = write_csv(tmp_path, LABELLED + "1,1,1,0.9,0.8\n2,0,0,0.1,0.3\n")
    written = read_predictions(csv)
    write_predictions(tmp_path / "predictions.parquet", Predictions(written.table, {**written.metadata, "seed": 3}))
    found = read_predictions(tmp_path / "predictions.parquet")
    assert found.table.equals(written.table)
    assert found.table["y_true_a"].dtype == pl.Int8
    assert found.metadata["seed"] == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("case_id,y_true_a,prob_b\n1,1,0.5\n", "no column 'prob_a'"),
        (LABELLED + "1,2,0,0.5,0.5\n", "must be 1 where a case has the label"),
        (LABELLED + "1,,0,0.5,0.5\n", "must be 1 where a case has the label"),
        (LABELLED + "1,1,0,0.5,0.5\n2,1,0,0.5,1.5\n", "row 3.*lie in"),
        (LABELLED + "1,1,0,0.5,\n", "row 2.*lie in"),
        ("y_true_a,prob_a\n1,0.5\n", "no column 'case_id'"),
    ],
)
def test_nonsense_in_labels_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        read_predictions(write_csv(tmp_path, text))


def test_grades_keep_the_order_of_the_metadata(tmp_path: Path) -> None:
    classes = ["mild", "moderate", "grave"]
    probs = {f"prob_{name}": [1 / 3] for name in sorted(classes)}
    table = pl.DataFrame({"case_id": ["1"], "y_true": ["grave"], **probs})
    metadata = {"classes": classes, "task": "ordinal"}
    write_predictions(tmp_path / "predictions.parquet", Predictions(table, metadata))
    found = read_predictions(tmp_path / "predictions.parquet")
    assert found.task == Task.ORDINAL
    assert found.classes == tuple(classes)
    assert found.targets().tolist() == [2]


@pytest.mark.parametrize(("content", "kind"), [(None, ArtifactMissingError), (b"PAR1 nonsense", ArtifactCorruptError)])
def test_absent_and_broken_files_are_told_apart(
    tmp_path: Path, content: bytes | None, kind: type[ReprodxError]
) -> None:
    path = tmp_path / "predictions.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kind):
        read_predictions(path)


def test_missing_class_columns_are_named(tmp_path: Path) -> None:
    table = pl.DataFrame({"case_id": ["1"], "y_true": ["a"], "prob_a": [1.0], "prob_b": [0.0]})
    for classes, path in ((["a", "b"], tmp_path / "whole.parquet"), (["a", "b", "c"], tmp_path / "lacking.parquet")):
        write_predictions(path, Predictions(table, {"classes": classes}))
    assert read_predictions(tmp_path / "whole.parquet").class_order == ClassOrder.DECLARED
    with pytest.raises(SchemaError, match="no column 'prob_c'"):
        read_predictions(tmp_path / "lacking.parquet")


def test_declared_names_are_not_touched(tmp_path: Path) -> None:
    table = pl.DataFrame({"case_id": ["1.0"], "y_true": ["1.0"], "prob_0.0": [0.25], "prob_1.0": [0.75]})
    write_predictions(tmp_path / "p.parquet", Predictions(table, {"classes": ["1.0", "0.0"]}))
    found = read_predictions(tmp_path / "p.parquet")
    assert found.classes == ("1.0", "0.0")
    assert found.targets().tolist() == [0]
    assert found.probs().tolist() == [[0.75, 0.25]]


def test_a_generator_s_file_is_left_as_it_is(tmp_path: Path) -> None:
    table = pl.DataFrame({"sample": [0, 1]})
    write_predictions(tmp_path / "p.parquet", Predictions(table, {"task": "generation"}))
    assert read_predictions(tmp_path / "p.parquet").table.equals(table)
    write_predictions(tmp_path / "p.parquet", Predictions(table, {"task": "binary"}))
    with pytest.raises(SchemaError, match="no column 'case_id'"):
        read_predictions(tmp_path / "p.parquet")


def test_a_split_keeps_what_is_known_of_the_classes(tmp_path: Path) -> None:
    found = read_predictions(write_csv(tmp_path, "case_id,y_true,prob_1\n1,0,0.2\n2,1,0.7\n"))
    assert found.of("test").class_order == found.class_order == ClassOrder.ONLY_COLUMN
    assert found.of("val").targets().shape == (0,)


def test_a_label_outside_the_classes_is_an_error(predictions: Predictions) -> None:
    stranger = Predictions(predictions.table, {"classes": ["well", "ill"]})
    with pytest.raises(pl.exceptions.InvalidOperationError):
        stranger.targets()
