"""What a person reads after `make run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ArtifactMissingError
from reprodx.last_result import lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project


def test_the_result_and_where_to_look(finished_copy: Callable[[], Project], monkeypatch: pytest.MonkeyPatch) -> None:
    project = finished_copy()
    monkeypatch.chdir(project.folder)
    text = "\n".join(lines())
    assert "mlp on heart, 184 test cases" in text
    assert "auroc" in text
    assert "results/report.html" in text
    (pointer,) = (project.folder / ".cache/tracking").iterdir()
    assert "reprodx track" not in text
    pointer.unlink()
    assert "reprodx track" in "\n".join(lines())


def test_nothing_evaluated_yet_says_what_to_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)
    with pytest.raises(ArtifactMissingError, match="dvc repro"):
        lines()
