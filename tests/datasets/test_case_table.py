"""The rows of a table that are cases, what of them is left out, and what is handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.datasets.case_table import CaseTable, label_truth, read_card
from reprodx.inputs import Inputs, Modality
from reprodx.schemas import Exclusion, Task

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FOUND = CaseTable(
    cases=pl.DataFrame({"case_id": ["row2", "row4"], "patient_id": ["row2", "row4"], "y_true": ["0", "1"]}),
    classes=("0", "1"),
    rows=np.array([0, 2]),
    num_read=3,
    exclusions=(Exclusion("the target is missing", 1),),
    task=None,
    has_patients=False,
    reference_standard="biopsy",
)


def test_label_truth_joins_sorted_names() -> None:
    truth = label_truth(pl.DataFrame({"b": [1, 0, None], "a": [1, 0, 1]}))
    assert truth["y_true"].to_list() == ["a+b", "none", None]
    assert truth.columns == ["y_true", "y_true_b", "y_true_a"]


def test_cases_left_out_are_counted_by_rule() -> None:
    found = FOUND.leave_out([None, "the image is missing"])
    assert found.cases["case_id"].to_list() == ["row2"]
    assert found.rows.tolist() == [0]
    assert found.exclusions == (Exclusion("the target is missing", 1), Exclusion("the image is missing", 1))


def test_raw_cases_have_inputs_and_no_features(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    inputs = Inputs.of_rows(Modality.IMAGE, np.zeros((2, 1, 1, 1), np.uint8))
    raw = FOUND.as_raw_cases(inputs, "# card")
    assert raw.features.shape == (2, 0)
    assert (raw.modality, raw.task, raw.card, raw.has_patients) == (Modality.IMAGE, Task.BINARY, "# card", False)
    assert raw.reference_standard == "biopsy"
    assert "kept 2 of 3 cases: 0 1, 1 1" in caplog.text


def test_the_card_is_the_file_beside(tmp_path: Path) -> None:
    assert read_card(tmp_path / "cases.csv") == "# cases.csv\n\nThere is no card.md.\n"
    (tmp_path / "card.md").write_text("# Mine\n", encoding="utf-8")
    assert read_card(tmp_path / "cases.csv") == "# Mine\n"
