"""Which code a model was trained by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.training import model_code
from reprodx.training.model_code import is_of_other_code, note_code

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a model."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "best.safetensors").write_bytes(b"weights")
    return tmp_path / "models"


def code_is(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(model_code, "sha256_of_code", lambda *_: code)


def test_a_model_of_other_code_is_told_from_one_of_this(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_of_other_code(models), "nobody knows"
    code_is(monkeypatch, "first")
    note_code(models)
    assert not is_of_other_code(models)
    code_is(monkeypatch, "edited")
    assert is_of_other_code(models)
    note_code(models)
    assert not is_of_other_code(models), "it made the same bytes"
    code_is(monkeypatch, "first")
    assert not is_of_other_code(models), "both did"


def test_other_bytes_are_another_model(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code_is(monkeypatch, "first")
    note_code(models)
    (models / "best.safetensors").write_bytes(b"others")
    code_is(monkeypatch, "edited")
    assert not is_of_other_code(models)


def test_a_damaged_note_says_nothing(models: Path) -> None:
    note_code(models)
    (note,) = (models.parent / ".cache" / "trained").iterdir()
    note.write_text("{")
    assert not is_of_other_code(models)
