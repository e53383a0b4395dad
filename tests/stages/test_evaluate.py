"""What is known of the cases goes with the predictions and into what people read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reprodx.artifacts.locations import own_locations
from reprodx.artifacts.predictions import read_predictions
from reprodx.artifacts.prepared import read_prepared
from reprodx.config.composition import compose, validate
from reprodx.config.identity import config_hash
from reprodx.pipeline import run_command
from reprodx.schemas import Sampling
from reprodx.stages.evaluate import predict
from reprodx.stages.prepare import find_or_prepare
from reprodx.training.model_folder import load_scorer
from tests.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_how_cases_came_to_be_goes_from_the_configuration_to_report_and_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    quick = ["evaluation.num_resamples=100", "evaluation.num_null_draws=100", "evaluation.num_attributed=1"]
    plain = compose(["data=breast_cancer", "model=logistic", "data.sampling=case_control", "tracking=none", *quick])
    config = validate(plain)

    run_command("run", config)

    locations = own_locations(config_hash(config), find_or_prepare(config))
    prepared = read_prepared(locations.prepared)
    assert prepared.manifest["sampling"] == "case_control"
    assert read_predictions(locations.predictions).sampling is Sampling.CASE_CONTROL
    assert all(
        Sampling.CASE_CONTROL.in_words in path.read_text(encoding="utf-8")
        for path in (locations.report, locations.model_card)
    )
    older = {key: value for key, value in prepared.manifest.items() if key != "sampling"}
    predicted = predict(config, replace(prepared, manifest=older), load_scorer(locations.models))
    assert predicted.sampling is Sampling.COHORT
