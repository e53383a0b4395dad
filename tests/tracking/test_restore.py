"""`reprodx track`: files that exist are logged as a run."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from omegaconf import OmegaConf

from reprodx.artifacts.files import write_json, write_text
from reprodx.errors import ArtifactMissingError, TrackingError
from reprodx.tracking.restore import track

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.config import Config
    from reprodx.tracking.store import Store


@pytest.fixture(autouse=True)
def project(
    config: Config, manifest: Mapping[str, Any], store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stand in a project whose stages have run, with the store of the other tests."""
    monkeypatch.chdir(tmp_path)
    write_params(replace(config, tracking=replace(config.tracking, uri=store.uri)))
    write_json(Path("data/prepared/manifest.json"), {**manifest, "data_hash": tmp_path.name})
    write_json(Path("results/metrics.json"), {"test": {"auroc": {"value": 0.9, "ci_low": 0.8, "ci_high": 0.95}}})


def write_params(config: Config) -> None:
    write_text(Path("params.yaml"), OmegaConf.to_yaml(OmegaConf.create(config.as_dict())))


def test_files_are_logged_once(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    track()
    condition = f"tags.`reprodx.data_hash` = '{tmp_path.name}'"
    (logged,) = store.client.search_runs([store.experiment_id("clinic")], condition)
    assert logged.data.tags["reprodx.restored"] == "true"
    assert logged.data.metrics["test/auroc"] == 0.9
    assert logged.data.params["model.hidden_sizes"] == "[8, 4]"
    with caplog.at_level(logging.INFO, "reprodx"):
        track()
    assert f"{logged.info.run_id} has these results already" in caplog.text
    assert len(store.client.search_runs([store.experiment_id("clinic")], condition)) == 1


def test_stages_that_have_not_run_are_named() -> None:
    Path("results/metrics.json").unlink()
    with pytest.raises(ArtifactMissingError, match="reprodx evaluate"):
        track()


def test_without_tracking_there_is_nowhere_to_log(config: Config) -> None:
    write_params(replace(config, tracking=replace(config.tracking, name="none", uri=None)))
    with pytest.raises(TrackingError, match="tracking"):
        track()
