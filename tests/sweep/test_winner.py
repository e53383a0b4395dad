"""Which trials of a sweep are reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.files import write_json
from reprodx.artifacts.locations import own_locations
from reprodx.config.composition import compose, validate
from reprodx.config.identity import config_hash
from reprodx.config.schema import Sweep
from reprodx.errors import ConfigError
from reprodx.schemas import Extent
from reprodx.sweep import winner
from reprodx.sweep.winner import extent_of_trials, report_winner
from tests.project import ROOT

if TYPE_CHECKING:
    from reprodx.config import Config


@pytest.mark.parametrize(
    ("scores", "reported"),
    [
        ([0.7, 0.9, 0.8], [1]),
        ([0.9, 0.9], [0]),
        # One that failed left nothing.
        ([None, 0.6, 0.5], [1]),
        ([None, None], []),
        # A generator has no such score.
        (["unranked", "unranked"], [0, 1]),
        (["unranked", 0.4], [1]),
    ],
)
def test_the_best_on_validation_is_reported_or_all_where_none_is_ranked(
    scores: list[float | str | None], reported: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    trials = [validate(compose(["data=breast_cancer", f"seed={seed}"]), components=()) for seed in range(len(scores))]
    for trial, score in zip(trials, scores, strict=True):
        if score is not None:
            # The test split says the opposite, and is not asked.
            worse = {"auroc": {"value": 1 - score}} if isinstance(score, float) else {}
            scored = {"auroc": {"value": score}} if isinstance(score, float) else {}
            write_json(own_locations(config_hash(trial), Path()).metrics, {"val": scored, "test": worse})
    made: list[tuple[int, str | None]] = []

    def report(trial: Config, *, parent_run_id: str | None) -> Path:
        made.append((trials.index(trial), parent_run_id))
        return Path("report.html")

    monkeypatch.setattr(winner, "report_of", report)
    report_winner(trials, "parent")
    assert made == [(number, "parent") for number in reported]


def test_scores_of_other_code_where_a_trial_failed_do_not_win(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    caplog.set_level("INFO")
    failed, ended = (validate(compose(["data=breast_cancer", f"seed={seed}"]), components=()) for seed in range(2))
    for trial, score in ((failed, 0.9), (ended, 0.8)):
        write_json(own_locations(config_hash(trial), Path()).metrics, {"val": {"auroc": {"value": score}}})
    monkeypatch.setattr(winner, "report_of", lambda trial, **_: Path("report.html") if trial is ended else None)
    report_winner([failed, ended], None)
    assert "auroc 0.800" in caplog.text


@pytest.mark.parametrize(
    ("report", "score_test", "of_grid", "of_search"),
    [
        ("winner", None, Extent.SCORED, Extent.VALIDATION),
        ("winner", "winner", Extent.VALIDATION, Extent.VALIDATION),
        ("winner", "all", Extent.SCORED, Extent.SCORED),
        ("all", None, Extent.REPORTED, Extent.REPORTED),
        ("all", "all", Extent.REPORTED, Extent.REPORTED),
    ],
)
def test_a_search_leaves_the_test_split_closed(
    report: str, score_test: str | None, of_grid: Extent, of_search: Extent
) -> None:
    sweep = Sweep(name="sweep", trials=None, report=report, score_test=score_test, space=None)
    assert extent_of_trials(sweep, is_search=False) is of_grid
    assert extent_of_trials(sweep, is_search=True) is of_search


def test_a_report_of_a_closed_test_split_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"sweep\.report=all"):
        extent_of_trials(
            Sweep(name="sweep", trials=None, report="all", score_test="winner", space=None), is_search=True
        )
