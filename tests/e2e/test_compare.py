"""`reprodx compare` as people use it, and as nobody should: it ends in a verdict or one line, and leaves whole files.

Every refusal has a twin that passes, so that no gate closes on everybody.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reprodx.artifacts.prediction_metadata import GENERATION
from reprodx.artifacts.predictions import Predictions, write_predictions
from reprodx.cli import main
from tests.prediction_tables import (
    CLASSES,
    THRESHOLD,
    case_ids,
    compare,
    pair,
    write_classes,
    write_csv,
    write_run,
)
from tests.project import environment, make_project

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlflow import MlflowClient

    from tests.project import Project

    Refused = Callable[..., str]

N = 160
FEW = ("--resamples", "100")
GRADES = ("none", "mild", "moderate", "severe")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Return a function that runs a comparison that must be refused, and gives its one line."""

    def run(*arguments: object, exit_code: int = 2) -> str:
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        capsys.readouterr()
        command = ["compare", *FEW, "--json", "refused.json", "--html", "refused.html", *map(str, arguments)]
        assert main(command) == exit_code
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
        said = capsys.readouterr()
        assert said.out == ""
        (line,) = said.err.splitlines()
        assert line.startswith("reprodx: ")
        assert str(folder) not in line
        return line

    return run


def truth_of(num_cases: int = N) -> np.ndarray:
    return np.arange(num_cases) % 2


def probs_of(seed: int, worth: float, truth: np.ndarray | None = None) -> np.ndarray:
    """Return probabilities that separate the classes by `worth` standard deviations."""
    true = truth_of() if truth is None else truth
    logits = worth * (true - 0.5) + np.random.default_rng(seed).normal(size=len(true))
    return 1 / (1 + np.exp(-logits))


def two_files(**columns: Sequence[object]) -> tuple[Path, Path]:
    """Write the predictions of a worse and of a better model."""
    return (
        write_csv(Path("worse.csv"), truth_of(), probs_of(0, 0.5), **columns),
        write_csv(Path("better.csv"), truth_of(), probs_of(1, 2.5), **columns),
    )


def words_of(numbers: dict[str, Any]) -> list[str]:
    return [one["verdict"] for one in numbers["verdicts"]]


# --- What can be compared ---


def test_two_files_of_other_tools(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = compare(*two_files(), "--html", "report.html")
    assert (numbers["n"], numbers["n_patients"], numbers["reference"]) == (N, None, "worse")
    assert words_of(numbers) == ["superior"]
    assert any("treated as independent" in note for note in numbers["notes"])
    assert numbers["margin"]["value"] == 0.02
    said = capsys.readouterr()
    assert "better is superior to worse" in " ".join(said.out.split())
    html = Path("report.html").read_text(encoding="utf-8")
    assert "better is superior to worse" in html
    assert "<script src=" not in html
    assert "http://" not in html.replace("http://www.w3.org", "")


def test_a_file_of_another_tool_and_one_of_ours() -> None:
    ours = write_run(Path("ours.parquet"), truth_of(), probs_of(0, 1.0), name="mlp", patients=case_ids(N))
    names = [CLASSES[label] for label in truth_of()]
    theirs = pl.DataFrame({"case_id": case_ids(N), "y_true": names, "prob_sick": probs_of(1, 1.0)})
    theirs.sample(fraction=1, shuffle=True, seed=0).write_csv("theirs.csv")
    numbers = compare(ours, "theirs.csv")
    assert [one["name"] for one in numbers["contenders"]] == ["mlp", "theirs"]
    assert (numbers["n_patients"], numbers["classes"]) == (N, ["well", "sick"])
    assert numbers["margin"] == {"value": 0.02, "origin": numbers["margin"]["origin"], "is_configured": False}
    assert any("patients" in note and "theirs.csv" in note for note in numbers["notes"])


def test_seeds_of_a_recipe_are_one_model_with_its_spread() -> None:
    runs = [
        write_run(Path(f"{name}{seed}.parquet"), truth_of(), probs_of(10 * seed, worth), name=name, seed=seed)
        for name, worth in (("plain", 1.0), ("deep", 1.6))
        for seed in range(3)
    ]
    numbers = compare(*runs)
    assert [(one["name"], one["seeds"]) for one in numbers["contenders"]] == [("plain", [0, 1, 2]), ("deep", [0, 1, 2])]
    of_deep = numbers["metrics"]["auroc"]["estimates"]["deep"]
    alone = [compare(runs[0], run)["metrics"]["auroc"]["estimates"]["deep"]["value"] for run in runs[3:]]
    assert of_deep["value"] == pytest.approx(np.mean(alone))
    assert of_deep["spread"] == pytest.approx(np.std(alone, ddof=1))
    assert "variance between them added" in of_deep["method"]
    assert [one["contender"] for one in numbers["ensembles"]] == ["plain", "deep"]


def test_folds_are_pooled_and_tested_fold_by_fold_beside() -> None:
    ids, truth = case_ids(N), truth_of()
    for name, worth in (("plain", 1.0), ("deep", 1.6)):
        probs = probs_of(3, worth)
        for fold in range(4):
            rows = np.flatnonzero(np.arange(N) // 2 % 4 == fold)
            threshold = {**THRESHOLD, "value": 0.3 + 0.1 * fold}
            write_run(
                Path(f"{name}{fold}.parquet"), truth[rows], probs[rows], name=name, ids=[ids[row] for row in rows],
                fold=fold, cv_hash="four folds", num_train=120, threshold=threshold,
            )  # fmt: skip
    numbers = compare(*sorted(Path().glob("*.parquet"), reverse=True), "--reference", "plain")
    assert [len(one["sources"]) for one in numbers["contenders"]] == [4, 4]
    assert (numbers["n"], numbers["reference"]) == (N, "plain")
    (by_fold,) = numbers["by_fold"]
    assert (by_fold["n"], by_fold["metric"], by_fold["reason"]) == (4, "auroc", None)
    assert by_fold["method"].startswith("Nadeau-Bengio")
    pooled = write_csv(Path("pooled.csv"), truth, probs_of(3, 1.6))
    again = compare(write_csv(Path("plain.csv"), truth, probs_of(3, 1.0)), pooled)
    assert pair(numbers)["value"] == pytest.approx(pair(again)["value"])


def test_several_cases_of_a_patient_are_clustered() -> None:
    patients = [f"patient{number // 4}" for number in range(N)]
    truth = np.repeat(np.arange(N // 4) % 2, 4)
    files = [
        write_csv(Path(f"{name}.csv"), truth, probs_of(seed, 1.0, truth), patient_id=patients)
        for seed, name in enumerate(("a", "b"))
    ]
    numbers = compare(*files)
    assert (numbers["n"], numbers["n_patients"]) == (N, N // 4)
    assert "Obuchowski" in pair(numbers)["method"]
    for metric in ("brier", "accuracy", "sensitivity"):
        assert "clustered by patient" in pair(numbers, metric)["method"]


@pytest.mark.parametrize("task", ["multiclass", "ordinal", "by order"])
def test_several_classes(task: str) -> None:
    targets = np.arange(N) % 4
    rng, files = np.random.default_rng(0), []
    for name, worth in (("worse", 0.5), ("better", 2.5)):
        logits = worth * np.eye(4)[targets] + rng.normal(size=(N, 4))
        probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        if task == "ordinal":
            files.append(write_run(Path(f"{name}.parquet"), targets, probs, name=name, classes=GRADES, task=task))
        else:
            files.append(write_classes(Path(f"{name}.csv"), targets, probs, GRADES))
    order = ("--order", ",".join(GRADES)) if task == "by order" else ()
    numbers = compare(*files, *order, "--html", "report.html")
    if order:
        command = Path("report.html").read_text(encoding="utf-8").partition("reprodx compare ")[2].partition("<")[0]
        assert f"--order {','.join(GRADES)}" in command
        task = "ordinal"
    assert (numbers["task"], numbers["classes"]) == (task, list(GRADES))
    assert words_of(numbers) == ["superior"]
    assert set(numbers["metrics"]) >= {"auroc", "brier", "accuracy", "kappa"}
    assert ("kappa_referable" in numbers["metrics"]) is (task == "ordinal")


def test_several_labels() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((N, 2)) < [0.5, 0.3]).astype(int)
    for name, worth in (("worse", 0.5), ("better", 2.5)):
        probs = 1 / (1 + np.exp(-(worth * (truth - 0.5) + rng.normal(size=truth.shape))))
        columns = {"y_true_fluid": truth[:, 0], "y_true_drusen": truth[:, 1]}
        of_labels = {"prob_fluid": probs[:, 0], "prob_drusen": probs[:, 1]}
        pl.DataFrame({"case_id": case_ids(N), **columns, **of_labels}).write_csv(f"{name}.csv")
    numbers = compare("worse.csv", "better.csv", "--metric", "auroc_drusen")
    assert (numbers["task"], numbers["metric"], words_of(numbers)) == ("multilabel", "auroc_drusen", ["superior"])


def test_every_pair_is_compared_where_asked_and_adjusted_for_their_number() -> None:
    files = [write_csv(Path(f"{name}.csv"), truth_of(), probs_of(seed, seed)) for seed, name in enumerate("abc")]
    numbers = compare(*files, "--all-pairs")
    found = numbers["metrics"]["auroc"]["pairs"]
    assert [(one["first"], one["second"]) for one in found] == [("b", "a"), ("c", "a"), ("c", "b")]
    assert all(one["p_holm"] >= one["p"] for one in found)
    assert numbers["overall"]["degrees_of_freedom"] == 2


def test_sites_and_groups_say_when_they_are_too_small() -> None:
    sites = ["north", "south"] * (N // 2)
    sites[0] = "island"
    sexes = [None if number % 4 == 3 else "fm"[number // 2 % 2] for number in range(N)]
    numbers = compare(*two_files(site=sites, group_sex=sexes))
    rows = {(one["column"], one["group"]): one for one in numbers["groups"]}
    assert "too few" in rows["site", "island"]["reason"]
    assert rows["site", "island"]["value"] is None
    # Sites of one class each, as cases alternate here.
    assert rows["site", "north"]["reason"]
    assert {group for column, group in rows if column == "group_sex"} == {"f", "m", "(missing)"}
    assert sum(one["n"] for one in numbers["groups"] if one["column"] == "group_sex") == N


def test_a_copy_of_a_model_is_not_counted_among_the_tests() -> None:
    """Holm counted it, so that "inferior" became "inconclusive"."""
    files = [
        write_csv(Path(f"{name}.csv"), truth_of(), probs_of(seed, w))
        for seed, name, w in ((0, "a", 1.6), (1, "b", 0.9))
    ]
    alone = compare(*files)
    pl.read_csv("a.csv").sample(fraction=1, shuffle=True, seed=0).write_csv("copy.csv")
    numbers = compare(*files, "copy.csv")
    assert [one["name"] for one in numbers["contenders"]] == ["a", "b"]
    assert numbers["metrics"] == alone["metrics"]
    assert numbers["verdicts"] == alone["verdicts"]
    assert any(note.startswith("copy predicts the same as a") for note in numbers["notes"])


def test_weights_are_said_to_be_unused() -> None:
    worse, _ = two_files()
    weighted = write_csv(Path("better.csv"), truth_of(), probs_of(1, 2.5), weight=[2.0] * N)
    assert any("weights of cases in better.csv are not used" in note for note in compare(worse, weighted)["notes"])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_tables_as_pandas_writes_them(ending: str) -> None:
    worse, better = two_files()
    frame = pl.read_csv(better).to_pandas().set_index("case_id").rename_axis(None)
    frame = frame.assign(y_true=frame["y_true"] == 1).rename(columns={"prob_1": "y_prob"})
    frame.to_csv("pandas.csv")
    frame.to_parquet("pandas.parquet")
    numbers = compare(worse, f"pandas.{ending}")
    assert pair(numbers)["value"] == pytest.approx(pair(compare(worse, better))["value"])
    assert f"pandas.{ending}: its index is taken for case_id." in numbers["notes"]


# --- What cannot be compared, and the twin that can ---


def test_other_cases_are_refused_and_the_common_ones_compared(refused: Refused) -> None:
    worse, better = two_files()
    table = pl.read_csv(better, infer_schema=False)
    table.head(N - 10).write_csv("fewer.csv")
    line = refused(worse, "fewer.csv", exit_code=3)
    assert "10 only in worse.csv" in line
    assert "--intersect" in line
    numbers = compare(worse, "fewer.csv", "--intersect")
    assert numbers["n"] == N - 10
    assert [(one["num_lost"], one["num_events_lost"]) for one in numbers["contenders"]] == [(10, 5), (0, 0)]
    assert any("left out are 10 cases of worse (5 with the event)" in note for note in numbers["notes"])
    table.with_columns(pl.format("x{}", "case_id")).write_csv("others.csv")
    assert "no case is common" in refused(worse, "others.csv", "--intersect", exit_code=3)


def test_ids_that_are_written_otherwise_are_refused(refused: Refused) -> None:
    padded = write_csv(Path("padded.csv"), truth_of(), probs_of(0, 1), case_id=[f"{case:03}" for case in range(N)])
    plain = write_csv(Path("plain.csv"), truth_of(), probs_of(1, 1), case_id=list(range(N)))
    for options in ((), ("--intersect",)):
        line = refused(padded, plain, *options, exit_code=3)
        assert "ids are of the form '000' in padded.csv and '0' in plain.csv" in line
        assert "--intersect" not in line


def test_all_that_predict_the_same_are_no_comparison(refused: Refused) -> None:
    worse, _ = two_files()
    Path("copy.csv").write_bytes(worse.read_bytes())
    assert "all 2 given predict the same (copy as worse)" in refused(worse, "copy.csv")


def test_a_case_in_two_splits_is_refused(refused: Refused) -> None:
    worse, better = two_files()
    table = pl.read_csv(better)
    of_splits = [table.with_columns(split=pl.lit("test")), table.head(3).with_columns(split=pl.lit("val"))]
    pl.concat(of_splits).write_csv("twice.csv")
    assert "twice.csv has 3 cases in two splits" in refused(worse, "twice.csv")


def test_other_labels_are_refused(refused: Refused) -> None:
    worse, better = two_files()
    changed = truth_of()
    changed[7] = 1 - changed[7]
    line = refused(worse, write_csv(Path("relabelled.csv"), changed, probs_of(1, 2.5)), exit_code=3)
    assert "1 of 160 cases are labelled differently" in line
    assert "case00007" not in line
    assert compare(worse, better)["n"] == N


def test_other_patients_are_refused(refused: Refused) -> None:
    patients = [f"patient{number // 2}" for number in range(N)]
    one = write_csv(Path("one.csv"), truth_of(), probs_of(0, 1), patient_id=patients)
    other = write_csv(Path("other.csv"), truth_of(), probs_of(1, 1), patient_id=patients[::-1])
    assert "different patients" in refused(one, other, exit_code=3)
    assert compare(one, write_csv(Path("other.csv"), truth_of(), probs_of(1, 1), patient_id=patients))["n"] == N


def test_other_classes_are_refused(refused: Refused) -> None:
    worse, better = two_files()
    probs = np.full((N, 3), 1 / 3)
    three = write_classes(Path("three.csv"), truth_of(), probs, "012")
    assert "classes" in refused(worse, three, exit_code=3)
    assert compare(worse, better)["classes"] == ["0", "1"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"threshold": {**THRESHOLD, "chosen_on": "test"}}, "chose its threshold on the test split"),
        ({"leaky": True}, "marked leaky"),
    ],
)
def test_runs_that_must_not_be_believed_are_refused(refused: Refused, wrong: dict[str, object], words: str) -> None:
    honest = write_run(Path("honest.parquet"), truth_of(), probs_of(0, 1), name="honest")
    other = write_run(Path("other.parquet"), truth_of(), probs_of(1, 1), name="other", **wrong)
    assert words in refused(honest, other, exit_code=3)
    write_run(other, truth_of(), probs_of(1, 1), name="other")
    assert compare(honest, other)["n"] == N


def test_a_generator_is_refused(refused: Refused) -> None:
    honest = write_run(Path("honest.parquet"), truth_of(), probs_of(0, 1), name="honest")
    write_predictions(Path("made.parquet"), Predictions(pl.DataFrame({"pixel": [0.5]}), {"task": GENERATION}))
    assert "generator" in refused(honest, "made.parquet", exit_code=3)


def test_seeds_alone_are_no_comparison(refused: Refused) -> None:
    runs = [
        write_run(Path(f"seed{seed}.parquet"), truth_of(), probs_of(seed, 1), name="deep", seed=seed)
        for seed in range(2)
    ]
    assert "of one recipe" in refused(*runs)


def broken(column: str, row: int, value: str) -> Path:
    """Write the better file with one cell changed."""
    worse, better = two_files()
    table = pl.read_csv(better, infer_schema=False)
    cells = table[column].to_list()
    cells[row] = value
    table.with_columns(pl.Series(column, [cell or None for cell in cells])).write_csv("broken.csv")
    return worse


@pytest.mark.parametrize("value", ["nan", "1.2", "-0.1", "inf", "likely", ""])
def test_what_is_no_probability_is_refused(refused: Refused, value: str) -> None:
    line = refused(broken("prob_1", 5, value), "broken.csv")
    assert "broken.csv, row 7" in line
    assert "[0, 1]" in line
    assert value == "" or value not in line.replace("nan", "", value != "nan")


def test_probabilities_must_sum_to_one(refused: Refused) -> None:
    worse, better = two_files()
    probs = probs_of(1, 2.5)
    twice = write_csv(Path("twice.csv"), truth_of(), probs, prob_0=probs)
    assert "sum to 1" in refused(worse, twice)
    write_csv(twice, truth_of(), probs, prob_0=1 - probs)
    assert pair(compare(worse, twice))["value"] == pair(compare(worse, better))["value"]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("case_id", "case00000", "more than once"),
        ("case_id", "", "case_id"),
        ("y_true", "2", "3 classes"),
        ("y_true", "", "y_true"),
    ],
)
def test_ids_and_labels_must_be_there_once(refused: Refused, column: str, value: str, words: str) -> None:
    line = refused(broken(column, 5, value), "broken.csv")
    assert words in line
    assert "broken.csv" in line


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"case_id,y_true,prob_1\n",
        b"case_id;y_true;prob_1\n1;0;0,5\n",
        b"id,label,score\n1,0,0.5\n",
        b"\x00\xff" * 99,
    ],
    ids=["empty", "no-rows", "semicolons", "other-columns", "binary"],
)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_is_no_file_of_predictions_is_refused(refused: Refused, content: bytes, ending: str) -> None:
    worse, _ = two_files()
    Path(f"broken.{ending}").write_bytes(content)
    assert f"broken.{ending}" in refused(worse, f"broken.{ending}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name the runs"),
        (["worse.csv"], "two runs or more"),
        (["worse.csv", "bettr.csv"], "better.csv"),
        (["worse.csv", ""], "empty name"),
        (["worse.csv", "better.csv", "--metric", "aurok"], "auroc"),
        (["worse.csv", "better.csv", "--metrics=brier", "--bogus"], "--"),
        (["worse.csv", "better.csv", "--bogus", "3"], "--bogus"),
        (["worse.csv", "better.csv", "--reference", "nobody"], "worse, better"),
        (["worse.csv", "better.csv", "--margin", "-0.1"], "--margin"),
        (["worse.csv", "better.csv", "--margin", "nan"], "--margin"),
        (["worse.csv", "better.csv", "--margin", "2"], "--margin"),
        (["worse.csv", "better.csv", "--level", "95"], "--level"),
        (["worse.csv", "better.csv", "--resamples", "20"], "--resamples"),
        (["worse.csv", "better.csv", "--threshold", "1.5"], "--threshold"),
        (["worse.csv", "better.csv", "--decision-threshold", "1"], "--decision-threshold"),
        (["worse.csv", "better.csv", "--power", "0"], "--power"),
        (["worse.csv", "better.csv", "--bootstrap-seed", "-1"], "--bootstrap-seed"),
        (["worse.csv", "better.csv", "--positive", "sick"], "--positive"),
        (["worse.csv", "better.csv", "--json", "."], "folder"),
        (["worse.csv", "better.csv", "--json", "better.csv"], "compared itself"),
        (["worse.csv", "better.csv", "--html", "refused.json", "--json", "./refused.json"], "its own"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(refused: Refused, arguments: list[str], words: str) -> None:
    two_files()
    assert words in refused(*arguments)
    assert (
        compare("worse.csv", "better.csv", "--margin", "0.1", "--level", "0.9")["settings"]["confidence_level"] == 0.9
    )


@pytest.mark.parametrize("option", [["--margin", "much"], ["--require", "best"], ["--split", "train"]])
def test_argparse_refuses_by_itself(capsys: pytest.CaptureFixture[str], option: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["compare", *map(str, two_files()), *option])
    assert ended.value.code == 2
    assert option[0] in capsys.readouterr().err.splitlines()[-1]


def test_a_place_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").write_text("")
    assert main(["compare", *map(str, two_files()), *FEW, "--json", "file/numbers.json"]) == 2
    assert "reprodx: file/numbers.json cannot be written" in capsys.readouterr().err
    assert main(["compare", *map(str, two_files()), *FEW, "--json", "new/numbers.json"]) == 0
    assert Path("new/numbers.json").is_file()


# --- What is undefined ---


def undefined(numbers: dict[str, Any], metric: str = "auroc") -> str:
    """Return why a difference has no test; there is none then."""
    found = pair(numbers, metric)
    assert (found["p"], found["ci"]) == (None, None)
    reason: str = found["reason"]
    return reason


def test_one_class_only() -> None:
    files = [write_csv(Path(f"{name}.csv"), np.zeros(20), probs_of(seed, 1)[:20]) for seed, name in enumerate("ab")]
    numbers = compare(*files)
    for metric in ("auroc", "average_precision", "calibration_slope", "scaled_brier", "sensitivity", "kappa"):
        assert undefined(numbers, metric), metric
    assert undefined(numbers) == "one class only: no positive case"
    assert words_of(numbers) == ["inconclusive"]
    assert pair(numbers, "brier")["p"] is not None


def test_perfect_separation() -> None:
    perfect = write_csv(Path("perfect.csv"), truth_of(), 0.2 + 0.6 * truth_of())
    numbers = compare(write_csv(Path("usual.csv"), truth_of(), probs_of(0, 1)), perfect)
    of_perfect = numbers["metrics"]["auroc"]["estimates"]["perfect"]
    assert (of_perfect["value"], of_perfect["ci"]) == (1, None)
    assert of_perfect["reason"]
    assert "separat" in undefined(numbers, "calibration_slope")
    assert words_of(numbers) == ["superior"]


def test_two_perfect_models_of_few_cases_are_no_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    one = write_csv(Path("one.csv"), [0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    other = write_csv(Path("other.csv"), [0, 0, 1, 1], [0.2, 0.1, 0.9, 0.8])
    for metric in ("auroc", "net_benefit", "kappa", "balanced_accuracy"):
        numbers = compare(one, other, "--metric", metric, "--margin", "0.1", "--require", "non-inferior", exit_code=3)
        assert "answered differently" in undefined(numbers, metric)
        assert "is inconclusive" in capsys.readouterr().err


def test_all_probabilities_equal() -> None:
    constant = write_csv(Path("constant.csv"), truth_of(), np.full(N, 0.3))
    numbers = compare(write_csv(Path("usual.csv"), truth_of(), probs_of(0, 1)), constant)
    of_constant = numbers["metrics"]["auroc"]["estimates"]["constant"]
    assert (of_constant["value"], of_constant["ci"]) == (0.5, None)
    assert undefined(numbers, "calibration_slope")
    assert words_of(numbers) == ["inferior"]


def test_one_case() -> None:
    numbers = compare(write_csv(Path("a.csv"), [0], [0.3]), write_csv(Path("b.csv"), [0], [0.4]), "--html", "one.html")
    assert words_of(numbers) == ["inconclusive"]
    assert all(one["pairs"][0]["reason"] or one["pairs"][0]["p"] == 1 for one in numbers["metrics"].values())


# --- Gates and files ---


def test_a_gate_opens_for_what_it_asks_and_writes_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    worse, better = two_files()
    assert words_of(compare(worse, better, "--require", "superior")) == ["superior"]
    assert words_of(compare(worse, better, "--require", "non-inferior")) == ["superior"]
    capsys.readouterr()
    numbers = compare(better, worse, "--require", "non-inferior", "--html", "report.html", exit_code=3)
    assert words_of(numbers) == ["inferior"]
    said = capsys.readouterr()
    assert said.err.splitlines()[-1] == "reprodx: --require non-inferior is not met: worse against better is inferior"
    assert "inferior" in said.out
    assert Path("report.html").is_file()
    assert words_of(compare(better, worse, "--require", "superior", "--reference", "worse")) == ["superior"]


def test_files_are_written_where_asked_and_nowhere_else(folder: Path) -> None:
    worse, better = two_files()
    assert main(["compare", str(worse), str(better), *FEW]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["better.csv", "worse.csv"]
    assert main(["compare", str(worse), str(better), *FEW, "--html", "sub/report.html"]) == 0
    assert sorted(path.name for path in folder.rglob("*")) == ["better.csv", "report.html", "sub", "worse.csv"]


def test_the_same_files_give_the_same_bytes() -> None:
    files = [*two_files(), write_csv(Path("third.csv"), truth_of(), probs_of(2, 0.6))]
    written = []
    for name in ("first", "second"):
        compare(*files, "--html", f"{name}.html")
        written.append((Path("numbers.json").read_bytes(), Path(f"{name}.html").read_bytes()))
    assert written[0] == written[1]
    first, other = json.loads(written[0][0]), compare(*files, "--bootstrap-seed", "5")
    # What is drawn is the luck of the best, and what a calibrated model would have; intervals are computed.
    assert other["selection"]["optimism"] != first["selection"]["optimism"]
    assert other["metrics"]["ece_null"] != first["metrics"]["ece_null"]
    assert other["metrics"]["brier"] == first["metrics"]["brier"]


def test_names_that_are_markup_are_text() -> None:
    name = "<img src=x onerror=alert(1)>"
    for one, certain in (("a", 1), ("b", 0.9)):
        probs = np.abs(1 - certain - np.eye(2)[truth_of()])
        write_classes(Path(f"{one}.csv"), truth_of(), probs, ["&", name])
    compare("a.csv", "b.csv", "--html", "report.html")
    assert name not in Path("report.html").read_text(encoding="utf-8")


def test_reports_of_every_shape_hold_no_placeholder() -> None:
    compare(*two_files(site=["north"] * N), "--html", "report.html")
    html = Path("report.html").read_text(encoding="utf-8")
    for word in ("nan", "None", "inf", "Estimate(", "<function"):
        assert f">{word}<" not in html
        assert f" {word} " not in html.partition("<main")[2].partition("<h2>Provenance")[0].replace("None of", "")


SCRIPT = """
import sys
from reprodx.cli import main
code = main(["compare", "worse.csv", "better.csv", "--resamples", "100", "--json", "numbers.json", "--html", "r.html"])
heavy = {"mlflow", "torch", "hydra", "omegaconf", "pytorch_lightning"} & set(sys.modules)
print("imported:", sorted(heavy), file=sys.stderr)
sys.exit(code)
"""


def test_files_alone_open_no_store(folder: Path) -> None:
    two_files()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "imported: []" in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["better.csv", "numbers.json", "r.html", "worse.csv"]


def test_a_reader_who_leaves_early_stops_neither_files_nor_gate() -> None:
    two_files()
    command = (
        f"reprodx compare better.csv worse.csv --resamples 100 --json numbers.json --require superior | true; {STATUS}"
    )
    done = subprocess.run(["bash", "-c", command], env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert words_of(json.loads(Path("numbers.json").read_text())) == ["inferior"]


STATUS = "exit ${PIPESTATUS[0]}"


# --- Tracked runs ---


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a logistic regression and two seeds of a network on one data set, and a run on another."""
    project = make_project(tmp_path_factory.mktemp("compare") / "project")
    project.here("run", "data=breast_cancer", "model=logistic")
    project.here("run", "-m", "data=breast_cancer", "model=mlp", "seed=0,1")
    project.here("run", "model=logistic")
    return project


@pytest.fixture
def client(tracked: Project) -> MlflowClient:
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{tracked.folder / 'mlflow.db'}")


def runs_of(client: MlflowClient, experiment: str) -> list[Any]:
    (found,) = [one for one in client.search_experiments() if one.name == experiment]
    return list(client.search_runs([found.experiment_id]))


def comparisons_of(client: MlflowClient) -> list[Any]:
    return [run for run in runs_of(client, "breast") if run.data.tags.get("reprodx.kind") == "comparison"]


def test_an_experiment_is_compared_and_the_comparison_linked(tracked: Project, client: MlflowClient) -> None:
    before = {run.info.run_id for run in comparisons_of(client)}
    tracked.here("compare", "--experiment", "breast", "--json", "numbers.json", *FEW)
    numbers = json.loads(tracked.read("numbers.json"))
    assert {one["name"]: one["num_members"] for one in numbers["contenders"]} == {"logistic": 1, "mlp": 2}
    assert numbers["selection"]["chosen_on"] == "validation"
    assert numbers["selection"]["winner"] == numbers["reference"]
    assert numbers["margin"]["origin"].startswith("by the default of the configuration, not by anyone")
    (comparison,) = [run for run in comparisons_of(client) if run.info.run_id not in before]
    assert comparison.info.status == "FINISHED"
    artifacts = [file.path for file in client.list_artifacts(comparison.info.run_id)]
    assert sorted(artifacts) == ["comparison.html", "comparison.json"]
    compared = [source["run_id"] for one in numbers["contenders"] for source in one["sources"]]
    assert comparison.data.tags["reprodx.compared"].split(",") == compared
    for run_id in compared:
        assert comparison.info.run_id in client.get_run(run_id).data.tags["reprodx.compared_in"]


def test_a_second_comparison_is_added(tracked: Project, client: MlflowClient) -> None:
    ids = [run.info.run_id for run in runs_of(client, "breast") if run.info.run_name in ("logistic", "mlp seed 0")]
    before = len(comparisons_of(client))
    for _ in range(2):
        tracked.here("compare", *ids, *FEW)
    assert len(comparisons_of(client)) == before + 2
    noted = client.get_run(ids[0]).data.tags["reprodx.compared_in"].split(",")
    assert {run.info.run_id for run in comparisons_of(client)} >= set(noted)
    assert len(set(noted)) == len(noted) >= 2


def test_a_tracked_run_and_a_file(tracked: Project, client: MlflowClient, tmp_path: Path) -> None:
    (run,) = [run for run in runs_of(client, "breast") if run.info.run_name == "logistic"]
    table = pl.read_parquet(client.download_artifacts(run.info.run_id, "predictions.parquet", str(tmp_path)))
    of_test = table.filter(pl.col("split") == "test")
    of_test.select("case_id", "y_true", pl.col("^prob_.*$")).write_csv(tracked.folder / "theirs.csv")
    tracked("reprodx", "compare", run.info.run_id, "theirs.csv", "--json", "numbers.json", *FEW)
    numbers = json.loads(tracked.read("numbers.json"))
    assert [one["sources"][0]["run_id"] for one in numbers["contenders"]] == [run.info.run_id, None]
    assert (pair(numbers)["value"], words_of(numbers)) == (0, ["non-inferior"])


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["nosuch", "mlp"], 2, "nosuch"),
        (["--experiment", "brest"], 2, "breast"),
        (["--experiment", "breast", "--filter", "colour = 3"], 2, "--filter"),
        (["--experiment", "breast", "--filter", "params.seed = '7'"], 2, "breast"),
        (["--experiment", "heart"], 2, "two runs or more"),
        (["logistic", "mlp"], 2, "give the ids"),
        (["models:/nosuch/1", "mlp"], 2, "nosuch"),
    ],
)
def test_runs_that_cannot_be_found_are_refused(
    tracked: Project, arguments: list[str], exit_code: int, words: str
) -> None:
    assert words in tracked.refused_here("compare", *arguments, exit_code=exit_code)


def test_runs_on_other_data_are_refused(tracked: Project, client: MlflowClient) -> None:
    ids = [
        next(run.info.run_id for run in runs_of(client, experiment) if run.info.run_name == "logistic")
        for experiment in ("breast", "heart")
    ]
    assert tracked.refused_here("compare", *ids, exit_code=3)


# --- Anything ---

PROBS = st.sampled_from([0.0, 1e-300, 0.25, 0.5, 0.75, 1.0]) | st.floats(0, 1)
CASES = st.lists(st.tuples(st.booleans(), PROBS, PROBS, st.integers(0, 3)), min_size=2, max_size=40)


def refuse_constant(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def check_numbers(node: Any) -> None:
    """Assert that what has no value has a reason, and that p values are probabilities."""
    if isinstance(node, list):
        for one in node:
            check_numbers(one)
    elif isinstance(node, dict):
        if "reason" in node and "ci" in node:
            assert node["value"] is not None or node["reason"]
            assert node["ci"] is not None or node["reason"]
            assert node["ci"] is None or node["ci"][0] <= node["ci"][1]
        for name in ("p", "p_holm", "p_bh", "mid_p", "interaction_p"):
            assert node.get(name) is None or 0 <= node[name] <= 1
        for one in node.values():
            check_numbers(one)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    CASES, st.booleans(), st.sampled_from(["auroc", "brier", "calibration_slope", "net_benefit", "kappa", "accuracy"])
)
def test_any_two_files_end_in_numbers_or_one_line(
    cases: list[tuple[bool, float, float, int]], has_patients: bool, metric: str
) -> None:
    truth, *probs, groups = (np.array(column) for column in zip(*cases, strict=True))
    columns: dict[str, list[str]] = {"site": [f"site{group}" for group in groups]}
    if has_patients:
        columns["patient_id"] = [f"patient{number // 2}" for number in range(len(cases))]
    files = [
        write_csv(Path(f"{name}.csv"), truth, of_model, prob_0=1 - of_model, **columns)
        for name, of_model in zip("ab", probs, strict=True)
    ]
    code = main(["compare", *map(str, files), "--metric", metric, *FEW, "--json", "any.json"])
    is_one_model = np.allclose(*probs, rtol=1e-12, atol=1e-15) and np.array_equal(probs[0] >= 0.5, probs[1] >= 0.5)
    assert code == (2 if is_one_model else 0)
    if is_one_model:
        return
    numbers = json.loads(Path("any.json").read_text(encoding="utf-8"), parse_constant=refuse_constant)
    check_numbers(numbers)
    assert words_of(numbers)[0] in {"superior", "non-inferior", "inferior", "inconclusive"}
