"""Files that a run left are fetched where they are there, and damaged ones are named by the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ArtifactCorruptError
from reprodx.tracking.logged_files import fetch, in_words, read_logged_config, read_logged_json, told_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tracking.conftest import RunLogger


def test_what_is_there_is_fetched(log_run: RunLogger, tmp_path: Path) -> None:
    stored = log_run.store.client.get_run(log_run(files={"config.yaml": "seed: 1\n", "prepared/manifest.json": "{}"}))
    folder = tmp_path / "fetched"
    folder.mkdir()
    assert fetch(log_run.store, stored, {"config.yaml", "prepared", "absent"}, folder) == {"config.yaml", "prepared"}
    assert read_logged_config(folder / "config.yaml") == {"seed": 1}
    assert read_logged_json(folder / "prepared/manifest.json") == {}
    assert (read_logged_config(folder / "absent"), read_logged_json(folder / "absent")) == ({}, None)


def test_a_damaged_file_is_named_without_its_folder(tmp_path: Path) -> None:
    (tmp_path / "hashes.json").write_text("{")
    with (
        pytest.raises(ArtifactCorruptError, match=r"^run 'mlp': hashes\.json is not valid JSON"),
        told_of("run 'mlp'", tmp_path),
    ):
        read_logged_json(tmp_path / "hashes.json")


def test_a_run_is_named_so_that_it_can_be_found(log_run: RunLogger) -> None:
    run_id = log_run("lstm")
    assert in_words(log_run.store.client.get_run(run_id)) == f"run 'lstm' ({run_id[:8]})"
