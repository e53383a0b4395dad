"""The best of many that know nothing looks good, and what is left of it without luck is nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import optuna
import pytest

from reprodx.sweep.search.optimism import OF_TRAINING, without_luck
from reprodx.sweep.search.study import RUNS, ranked
from tests.prediction_tables import write_run

if TYPE_CHECKING:
    from pathlib import Path

    from optuna.trial import FrozenTrial

NUM_CASES = 80


@pytest.fixture
def trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[FrozenTrial]:
    """Eight trials whose predictions are noise, the fourth told to be the best."""
    monkeypatch.chdir(tmp_path)
    study, rng = optuna.create_study(direction="maximize"), np.random.default_rng(1)
    targets = np.arange(NUM_CASES) % 2
    for number in range(8):
        file = tmp_path / "outputs" / f"h{number}" / "results" / "predictions.parquet"
        file.parent.mkdir(parents=True)
        probs = rng.random(NUM_CASES) + (0.3 * targets if number == 3 else 0)
        identity = {"config_hash": f"h{number}", "recipe_hash": f"r{number}"}
        write_run(file, targets, probs / 2, columns={"split": ["val"] * NUM_CASES}, **identity)
        study.add_trial(optuna.create_trial(value=float(number == 3), user_attrs={RUNS: [f"h{number}"]}))
    return ranked(study)


def test_the_winner_is_told_by_its_trial_with_what_is_left_of_its_score(trials: list[FrozenTrial]) -> None:
    told = without_luck(trials, "auroc")
    assert told.startswith("trial 3 was chosen among 8 models on the validation cases themselves")
    assert told.endswith(OF_TRAINING)
    seen, corrected = re.findall(r"(?:where it has|the score is) (0\.\d+)", told)
    assert float(seen) > float(corrected)


def test_of_noise_nothing_is_left(trials: list[FrozenTrial]) -> None:
    told = without_luck(trials[1:], "auroc")
    seen, corrected = re.findall(r"(?:where it has|the score is) (0\.\d+)", told)
    assert float(seen) > 0.53
    assert float(corrected) == pytest.approx(0.5, abs=0.03)


def test_what_cannot_be_told_is_said(trials: list[FrozenTrial], tmp_path: Path) -> None:
    assert "is not known: predictions of two trials" in without_luck(trials[:1], "auroc")
    assert "is not known: " in without_luck(trials, "no_such_metric")
    (tmp_path / "outputs/h5/results/predictions.parquet").unlink()
    assert "is not known: predictions of two trials" in without_luck(trials, "auroc")
