"""What is written beside a result that is committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ArtifactError
from reprodx.record import record, with_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project

SHOWN = ["mlp on heart, 184 test cases:", "  auroc  0.900", "  brier  0.100", "  report results/report.html"]
README = "before\n```\nmlp on heart, 184 test cases:\n  auroc  0.800\n  report results/report.html\n```\nbehind\n"


def test_the_numbers_of_the_readme_are_replaced_and_nothing_else() -> None:
    assert with_numbers(README, SHOWN) == README.replace("  auroc  0.800", "  auroc  0.900\n  brier  0.100")


def test_a_readme_that_shows_another_model_is_left_alone() -> None:
    with pytest.raises(ArtifactError, match=r"README\.md shows no result that begins with 'mlp on heart, 184"):
        with_numbers(README.replace("mlp on", "lstm on"), SHOWN)


def test_environment_and_numbers_are_written(
    finished_copy: Callable[[], Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished_copy().folder)
    Path("README.md").write_text(README)
    record()
    environment = json.loads(Path("results/environment.json").read_text())
    assert environment["portable"] is False, "as the project of the tests is configured"
    assert environment["packages"]["torch"]
    assert "  auroc" in Path("README.md").read_text()
    assert "0.800" not in Path("README.md").read_text()
