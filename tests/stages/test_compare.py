"""What a person asks for and what stands behind the runs, on the way to a comparison and its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reprodx.artifacts.files import write_json
from reprodx.artifacts.openings import record_scored
from reprodx.artifacts.predictions import read_predictions
from reprodx.cli import main
from reprodx.comparison.request import BY_DEFAULT
from reprodx.comparison.settings import AS_GIVEN
from reprodx.errors import VerdictError
from reprodx.stages import compare as stage
from tests.prediction_tables import compare, requested, write_csv, write_run

if TYPE_CHECKING:
    from collections.abc import Iterator

TRUTH = np.arange(80) % 2


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def probs_of(seed: int, worth: float) -> np.ndarray:
    return 1 / (1 + np.exp(-worth * (TRUTH - 0.5) - np.random.default_rng(seed).normal(size=TRUTH.size)))


@pytest.fixture
def files() -> list[str]:
    return [str(write_csv(Path(f"{name}.csv"), TRUTH, probs_of(seed, 2 * seed))) for seed, name in enumerate("ab")]


def run_of(name: str, seed: int, **metadata: object) -> Path:
    return write_run(Path(f"{name}.parquet"), TRUTH, probs_of(seed, 1.5), name=name, **metadata)


@pytest.mark.parametrize(
    ("stated", "value", "words"),
    [
        ((0.05, 0.05), 0.05, "in the runs' configuration"),
        ((0.05, 0.01), 0.01, "in the runs' configuration, the strictest of several"),
        ((0.02, 0.02), 0.02, BY_DEFAULT),
        ((0.02, 0.05), 0.02, f"{BY_DEFAULT}, the strictest of several"),
        ((None, None), 0.02, BY_DEFAULT),
    ],
)
def test_the_margin_is_the_strictest_that_was_stated(
    stated: tuple[float | None, ...], value: float, words: str
) -> None:
    runs = [run_of(name, seed, margin=one) for seed, (name, one) in enumerate(zip("ab", stated, strict=True))]
    margin = compare(*runs)["margin"]
    assert margin == {"value": value, "origin": words, "is_configured": not words.startswith(BY_DEFAULT)}
    given = compare(*runs, "--margin", "0.3")["margin"]
    assert given == {"value": 0.3, "origin": AS_GIVEN, "is_configured": False}


def test_nothing_says_when_what_the_command_line_gives_was_fixed(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = "whether it was fixed before the test split was opened is not known"
    numbers = compare(*files, "--margin", "0.3", "--threshold", "0.4", "--html", "report.html")
    told = " ".join(capsys.readouterr().out.split())
    html = Path("report.html").read_text(encoding="utf-8")
    for text in (told, html, json.dumps(numbers)):
        assert text.count("before the test split was opened") == text.count(unknown) > 1
    assert any(f"called at 0.4, as given on the command line; {unknown}" in note for note in numbers["notes"])


def test_a_margin_that_is_not_that_of_the_first_look_is_said_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    runs = [run_of(name, seed, margin=0.05, split_hash="5" * 64) for seed, name in enumerate("ab")]
    opened = read_predictions(runs[0]).metadata
    record_scored({**opened, "margin": 0.05}, runs[0])
    assert not any("margin" in note for note in compare(*runs)["notes"])
    capsys.readouterr()
    numbers = compare(*runs, "--margin", "0.1", "--html", "report.html")
    said = "The margin was 0.05 at the first opening of this test split and is 0.1 now."
    assert said in numbers["notes"]
    assert said in " ".join(capsys.readouterr().out.split())
    assert said in Path("report.html").read_text(encoding="utf-8")


def test_the_margin_is_about_areas_alone() -> None:
    margin = compare(run_of("a", 0), run_of("b", 1), "--metric", "brier")["margin"]
    assert margin["value"] == 0
    assert "none is assumed" in margin["origin"]
    assert compare(run_of("a", 0), run_of("b", 1), "--metric", "brier", "--margin", "0.2")["margin"]["value"] == 0.2


def test_how_cases_came_to_be_is_asked_of_files_that_do_not_say(files: list[str]) -> None:
    def checked(*arguments: object) -> str:
        return next(one["found"] for one in compare(*arguments)["checks"] if one["check"] == "Sampling")

    assert checked(*files) == "cohort: patients as they came (also taken where nothing is stated)"
    assert checked(*files, "--sampling", "case_control").startswith("case-control")
    stated = [run_of(name, seed, sampling="cohort") for seed, name in enumerate("cd")]
    assert (
        checked(*stated, "--sampling", "case_control")
        == "cohort: patients as they came (also taken where nothing is stated)"
    )


def test_three_models_are_a_search_and_two_are_not() -> None:
    runs = [run_of(name, seed) for seed, name in enumerate("abc")]
    assert compare(*runs[:2])["selection"] is None
    assert compare(*runs)["selection"]["num_candidates"] == 3


def test_a_report_is_made_only_where_asked_for(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def make(path: Path, *_: object, **__: object) -> None:
        made.append(path)
        path.write_text("report")

    monkeypatch.setattr(stage, "write_comparison_report", make)
    assert main(["compare", *files, "--resamples", "100"]) == 0
    assert not made
    assert main(["compare", *files, "--resamples", "100", "--html", "report.html"]) == 0
    assert made == [Path("report.html")]


def test_a_table_that_nobody_reads_ends_nothing(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def write(self, _: str) -> None:
            raise BrokenPipeError

        def fileno(self) -> int:
            return unread.fileno()

    with Path("unread").open("w") as unread, monkeypatch.context() as patched:
        patched.setattr("sys.stdout", Gone())
        assert main(["compare", *files, "--resamples", "100", "--json", "numbers.json", "--require", "superior"]) == 0
    assert json.loads(Path("numbers.json").read_text())["verdicts"]


def test_a_requirement_that_is_not_met_comes_last(files: list[str]) -> None:
    with pytest.raises(VerdictError, match="a against b is inferior"):
        stage.compare(requested(runs=files[::-1], num_resamples=100, require="superior", json_path="numbers.json"))
    assert Path("numbers.json").is_file()
    stage.compare(requested(runs=files, num_resamples=100, require="superior"))


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stage, "write_json", fail)
    yield
    monkeypatch.setattr(stage, "write_json", write_json)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_said_in_one_line(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *files, "--resamples", "100", "--json", "numbers.json"]) == 2
    assert capsys.readouterr().err == (
        "reprodx: numbers.json cannot be written (No space left on device): name another place\n"
    )
    assert sorted(path.name for path in Path().iterdir()) == ["a.csv", "b.csv"]


def test_the_command_that_repeats_a_comparison_is_in_the_report(files: list[str]) -> None:
    options = ["--resamples", "100", "--level", "0.9", "--sampling", "case_control"]
    assert main(["compare", *files, *options, "--all-pairs", "--html", "report.html"]) == 0
    html = Path("report.html").read_text(encoding="utf-8")
    command = html.partition("reprodx compare ")[2].partition("<")[0].split()
    for option, value in zip(("--reference", *options[::2]), ("a.csv", *options[1::2]), strict=True):
        assert command[command.index(option) + 1] == value
    assert "--all-pairs" in command
