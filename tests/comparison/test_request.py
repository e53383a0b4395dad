"""What a person asks for on the command line, and what is refused before anything is read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from reprodx.cli import main
from reprodx.comparison.request import LIMITS, check_task, settings_of
from reprodx.errors import ConfigError
from reprodx.schemas import Task
from tests.prediction_tables import requested

if TYPE_CHECKING:
    from reprodx.comparison.source import Source


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_was_not_given_is_not_chosen() -> None:
    assert requested().chosen == {}
    assert requested(metric="brier", all_pairs=True).chosen == {"metric": "brier", "all_pairs": True}
    assert requested(margin=0.1).margin == 0.1
    assert requested(json_path="x.json").json_path == Path("x.json")
    assert requested().order is None
    assert requested(order="none, mild,severe").order == ("none", "mild", "severe")


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_a_number_out_of_its_limits_is_refused_by_the_name_of_its_option(name: str) -> None:
    flag, low, high = LIMITS[name]
    for value in (low, high, float("nan")):
        with pytest.raises(ConfigError, match=f"^{flag} "):
            requested(**{name: value})
    assert requested(**{name: low + (high - low) / 2})


def test_limits_are_those_of_options_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["compare", "--help"])
    help_text = capsys.readouterr().out
    assert all(f"{flag} " in help_text for flag, _, _ in LIMITS.values())


def test_nothing_named_is_refused() -> None:
    with pytest.raises(ConfigError, match="name the runs"):
        requested(runs=[])
    assert requested(runs=[], experiment="ward").experiment == "ward"


def test_no_file_replaces_another(tmp_path: Path) -> None:
    for places in ({"json_path": "b.csv"}, {"html_path": "./a.csv"}, {"json_path": "x", "html_path": "sub/../x"}):
        with pytest.raises(ConfigError, match=r"replaced|its own"):
            requested(**places)
    with pytest.raises(ConfigError, match="is a folder"):
        requested(json_path=str(tmp_path))
    assert requested(json_path="x", html_path="y").html_path == Path("y")


def test_runs_of_several_prevalences_are_refused_until_one_is_given() -> None:
    def source(prevalence: float | None) -> Source:
        run = SimpleNamespace(config={"evaluation": {"prevalence": prevalence}})
        return cast("Source", SimpleNamespace(run=run, predictions=SimpleNamespace(metadata={})))

    runs = [source(0.05), source(0.2), source(None)]
    with pytest.raises(ConfigError, match=r"several prevalences \(0.05, 0.2\): give one, --prevalence"):
        settings_of(requested(), runs)
    assert settings_of(requested(prevalence=0.1), runs).prevalence == 0.1
    assert settings_of(requested(), runs[::2]).prevalence == 0.05


@pytest.mark.parametrize(
    ("task", "options", "is_refused"),
    [
        (Task.MULTICLASS, {"prevalence": 0.1}, True),
        (Task.MULTICLASS, {"threshold": 0.1}, True),
        (Task.MULTICLASS, {"decision_threshold": 0.1}, True),
        (Task.MULTILABEL, {"prevalence": 0.1}, True),
        (Task.BINARY, {"prevalence": 0.1, "threshold": 0.1, "decision_threshold": 0.1}, False),
        (Task.ORDINAL, {"prevalence": 0.1, "threshold": 0.1}, False),
        (Task.MULTICLASS, {"power": 0.9}, False),
    ],
)
def test_an_option_about_the_positive_class_is_refused_where_there_is_none(
    task: Task, options: dict[str, float], is_refused: bool
) -> None:
    request = requested(**options)
    if is_refused:
        with pytest.raises(ConfigError, match=r"^--.* is about one positive class"):
            check_task(request, task)
    else:
        check_task(request, task)


@pytest.mark.parametrize("level", [0.05, 0.5, 1])
def test_a_level_that_is_an_error_rate_is_refused(level: float) -> None:
    with pytest.raises(ConfigError, match=r"^--level .* above 0\.5 and below 1"):
        requested(confidence_level=level)
