"""Texts with labels in a CSV file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.datasets.text_table import TextTable
from reprodx.errors import ConfigError, DatasetNotFoundError, SchemaError
from reprodx.inputs import Modality
from reprodx.schemas import Task

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., TextTable]
NOTES = 'who,note,y\na,"No fracture, no effusion.",0\na,Fracture of the wrist,1\nb,  ,1\nc,NA,0\nd,Clear lungs,0\n'


@pytest.fixture
def make(write_csv: Callable[[str], Path], settings: Callable[[str], dict[str, Any]]) -> Make:
    """Return a function from the text of a table and settings to the dataset, with the YAML's other settings."""

    def of(content: str = NOTES, **overrides: Any) -> TextTable:
        given = {"path": str(write_csv(content)), "text": "note", "target": "y"}
        return TextTable(**{**settings("text_table"), **given, **overrides})

    return of


def test_each_row_with_words_is_a_case(make: Make) -> None:
    raw = make(patient="who").read(None)
    assert raw.inputs is not None
    assert raw.inputs.modality == raw.modality == Modality.TEXT
    assert list(raw.inputs) == ["No fracture, no effusion.", "Fracture of the wrist", "Clear lungs"]
    assert raw.cases.to_dict(as_series=False) == {
        "case_id": ["row2", "row3", "row6"],
        "patient_id": ["a", "a", "d"],
        "y_true": ["0", "1", "0"],
    }
    assert raw.features.shape == (3, 0)
    assert raw.num_read == 5
    assert [(rule.rule, rule.count) for rule in raw.exclusions] == [("the text is empty", 2)]
    assert raw.has_patients
    assert raw.task == Task.BINARY


def test_the_settings_of_tokens_go_with_the_texts(make: Make) -> None:
    raw = make(vocabulary_size=500, max_tokens=7).read(None)
    assert raw.inputs is not None
    assert raw.inputs.settings == {"vocabulary_size": 500, "max_tokens": 7}


def test_unlabelled_and_empty_texts_are_counted_apart(make: Make) -> None:
    raw = make("note,y\none,0\ntwo,\n,1\nthree,1\n", drop_unlabelled=True).read(None)
    assert raw.inputs is not None
    assert list(raw.inputs) == ["one", "three"]
    assert [rule.count for rule in raw.exclusions] == [1, 1]
    assert raw.cases["y_true"].to_list() == ["0", "1"]


def test_texts_without_a_letter_or_digit_are_left_out(make: Make) -> None:
    raw = make("note,y\n\u200b\ufeff,0\n... !!,1\n\U0001f600,1\n\u764c,0\n7,1\n,1\n").read(None)
    assert raw.inputs is not None
    assert list(raw.inputs) == ["\u764c", "7"]
    found = {rule.rule: rule.count for rule in raw.exclusions}
    assert found == {"the text has no letter or digit": 3, "the text is empty": 1}


def test_a_text_may_have_several_labels_and_a_split(make: Make) -> None:
    raw = make("note,a,b,fold\nx,1,0,t\ny,1,1,v\n", target=["a", "b"]).read("fold")
    assert raw.task == Task.MULTILABEL
    assert raw.cases["y_true"].to_list() == ["a", "a+b"]
    assert raw.cases["fold"].to_list() == ["t", "v"]


def test_the_card_lies_beside_the_file(make: Make, tmp_path: Path) -> None:
    table = make()
    (tmp_path / "card.md").write_text("# Notes\n")
    assert table.read(None).card == "# Notes\n"


def test_what_cannot_be_read_is_named(make: Make) -> None:
    with pytest.raises(SchemaError, match=r"data\.text: .* no column 'notes': did you mean 'note'"):
        make(text="notes").read(None)
    with pytest.raises(SchemaError, match="column 'note' holds no text"):
        make("note,y\n,0\n ,1\n").read(None)
    with pytest.raises(DatasetNotFoundError, match="is missing"):
        make(path="absent.csv").read(None)
    with pytest.raises(ConfigError, match=r"data\.max_tokens"):
        make(max_tokens=0)
