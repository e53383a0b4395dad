"""The predictions file: the same bytes every time, and no nonsense accepted from other tools."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions, read_predictions, scored_splits, write_predictions
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, ReprodxError, SchemaError


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
    assert scored_splits(found) == ("val", "test")
    assert found.of("test").targets().tolist() == [0, 1, 0]
    assert found.of("val").probs().tolist() == [[0.25, 0.75]]


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
        ("case_id,y_true,prob_0,prob_1\n1,0,0.8,0.3\n2,1,0.3,0.7\n", "row 1.*sum to 1"),
        ("case_id,y_true,prob_0,prob_1\n1,0,0.8,0.2\n2,1,-0.7,1.7\n", "row 2"),
        ("case_id,y_true,prob_0,prob_1\n1,0,0.8,0.2\n2,1,,1\n", "row 2"),
        ("case_id,y_true,prob_0,prob_1\n1,0,0.8,0.2\n2,5,0.5,0.5\n", "without a prob"),
        ("case_id,y_true,prob_1\n1,0,0.2\n2,1,0.7\n3,2,0.7\n", "3 classes"),
    ],
)
def test_nonsense_is_refused_with_its_place(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        read_predictions(write_csv(tmp_path, text))


@pytest.mark.parametrize(("content", "kind"), [(None, ArtifactMissingError), (b"PAR1 nonsense", ArtifactCorruptError)])
def test_absent_and_broken_files_are_told_apart(
    tmp_path: Path, content: bytes | None, kind: type[ReprodxError]
) -> None:
    path = tmp_path / "predictions.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kind):
        read_predictions(path)
