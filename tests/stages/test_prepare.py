"""What a person is told of prepared cases."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from reprodx.artifacts.files import write_json
from reprodx.cli import main
from reprodx.stages.prepare import show_warnings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.project import Project


def test_each_warning_is_said_in_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_json(tmp_path / "manifest.json", {"warnings": ["crp is 999 in\n12 cases", "sex: 2 spellings"]})
    show_warnings(tmp_path)
    assert caplog.messages == ["warning: crp is 999 in 12 cases", "warning: sex: 2 spellings"]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_warnings_are_said_last_and_again_where_cases_are_found_in_the_cache(
    finished_copy: Callable[[], Project], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(finished_copy().folder)
    caplog.set_level(logging.INFO, logger="reprodx")
    for _ in range(2):
        caplog.clear()
        assert main(["prepare", "split.seed=1"]) == 0
        assert caplog.messages[-1].startswith("warning: ")
    assert "prepare: found in the cache" in caplog.messages
