"""Runs with overrides lie apart, and caches outlive DVC's temporary workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.locations import DVC_OUTS, checkpoint_folder, home, own_locations, prepared_cache

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_of_its_own_shares_prepared_cases_and_nothing_else() -> None:
    own = own_locations("abc", DVC_OUTS.prepared)
    assert own.prepared == DVC_OUTS.prepared
    assert not own.models.is_relative_to(DVC_OUTS.models)
    assert own.predictions.parts[:2] == ("outputs", "abc")
    assert {own.metrics.parent, own.report.parent, own.predictions.parent} == {own.results}


@pytest.mark.parametrize("inside", [".", ".dvc/tmp/exps/tmpabc", ".dvc/tmp/exps/standalone/tmpabc/src"])
def test_home_is_the_original_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    folder = tmp_path / inside
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(folder)
    assert home() == tmp_path
    assert checkpoint_folder("abc").is_relative_to(tmp_path / ".cache")
    assert prepared_cache("abc") != prepared_cache("abd")
