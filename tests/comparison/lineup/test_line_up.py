"""From sources to cases that can be compared."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.artifacts.predictions import Predictions, read_predictions, write_predictions
from reprodx.comparison.compared_cases import ComparedCases
from reprodx.comparison.lineup.line_up import line_up
from reprodx.comparison.source import Source, TrackedRun
from reprodx.errors import ConfigError, IncomparableError
from reprodx.schemas import Task
from tests.comparisons import thresholds_of

Make = Callable[..., Source]
SIX = {
    "case_id": ["1", "2", "3", "4", "5", "6"],
    "split": ["test"] * 4 + ["val"] * 2,
}


def probs_of(certain: float, num_cases: int = 4) -> dict[str, list[float]]:
    """Return the probabilities of a model that calls cases rightly in turn."""
    pairs = num_cases // 2
    return {"prob_well": [certain, 1 - certain] * pairs, "prob_sick": [1 - certain, certain] * pairs}


def compare(*sources: Source, **options: object) -> ComparedCases:
    usual: dict[str, object] = {
        "split": "test",
        "reference": None,
        "intersect": False,
        "across_code": False,
        "positive": None,
        "order": None,
        "threshold": None,
        "ordinal_cut": 1,
    }
    return line_up(sources, **{**usual, **options})  # type: ignore[arg-type]


def entry(value: float = 0.4) -> dict[str, object]:
    return {"value": value, "rule": "largest Youden index", "chosen_on": "val"}


def run_of(make_source: Make, recipe: str, seed: int, **more: Any) -> Source:
    metadata = {"recipe_hash": recipe, "name": recipe, "seed": seed, "num_train": 90 + seed, "has_patients": True}
    run = TrackedRun(f"{recipe}-{seed}", "owl", "heart", {}, {})
    columns = more.pop("columns", SIX)
    probs = probs_of(0.75 if recipe == "mlp" else 0.875, len(columns["case_id"]))
    more = {"threshold": entry(), **metadata, **more}
    return make_source(f"{recipe}/{seed}", run=run, columns={**probs, **columns}, **more)


def fold_of(make_source: Make, recipe: str, fold: int, *, cv_hash: str = "cv", deal: int = 1) -> Source:
    """One of three folds of twelve cases; the next fold validates."""
    cases = np.arange(12)
    folds = cases // deal % 3
    tested, validated = (cases[folds == place % 3].astype(str).tolist() for place in (fold, fold + 1))
    columns = {
        "case_id": tested + validated,
        "split": ["test"] * 4 + ["val"] * 4,
        "fold": [fold] * 8,
        "y_true": ["sick" if int(case) > 5 else "well" for case in tested + validated],
        **probs_of(0.75 if recipe == "a" else 0.875, 8),
    }
    return make_source(
        f"{recipe}{fold}", columns=columns, recipe_hash=recipe, cv_hash=cv_hash, seed=0, threshold=entry(0.1 + fold)
    )


def essence(cases: ComparedCases) -> tuple[object, ...]:
    members = [member for contender in cases.contenders for member in contender.members]
    return (
        cases.table.to_dict(as_series=False),
        cases.targets.tolist(),
        None if cases.patients is None else cases.patients.tolist(),
        cases.classes,
        cases.task,
        [member.probs.tolist() for member in members],
        [None if member.called is None else member.called.tolist() for member in members],
        [contender.name for contender in cases.contenders],
    )


def test_seeds_are_members_and_the_reference_is_first(make_source: Make) -> None:
    runs = [run_of(make_source, recipe, seed) for recipe in ("mlp", "gru") for seed in (1, 0)]
    found = compare(*runs, reference="gru/1")
    assert [one.name for one in found.contenders] == ["gru", "mlp"]
    assert [[member.seed for member in one.members] for one in found.contenders] == [[0, 1], [0, 1]]
    assert [one.num_train for one in found.contenders] == [90, 90]
    assert found.pair_positions == ((1, 0),)
    assert thresholds_of(found, 0) == {"gru/0": 0.4, "gru/1": 0.4}
    assert found.table["case_id"].to_list() == ["1", "2", "3", "4"]
    assert found.targets.tolist() == [0, 1, 0, 1]
    assert (found.folds, found.patients, found.has_patients, found.notes) == (None, None, True, ())
    assert [one.name for one in compare(*runs).contenders] == ["mlp", "gru"]


def test_validation_cases_come_with_their_contender(make_source: Make) -> None:
    found = compare(*(run_of(make_source, recipe, seed) for recipe in ("mlp", "gru") for seed in (0, 1)))
    for contender in found.contenders:
        assert contender.validation is not None
        assert contender.validation.split == "val"
        assert contender.validation.table["case_id"].to_list() == ["5", "6"]
        assert [one.name for one in contender.validation.contenders] == [contender.name]
        assert [member.seed for member in contender.validation.contenders[0].members] == [0, 1]


@pytest.mark.parametrize(
    "columns",
    [
        {"case_id": ["1", "2", "3", "4", "5", "7"], "split": SIX["split"]},
        {"case_id": ["1", "2", "3", "4"], "split": ["test"] * 4},
    ],
)
def test_seeds_that_were_validated_on_other_cases_have_no_validation(
    make_source: Make, columns: dict[str, list[str]]
) -> None:
    found = compare(
        run_of(make_source, "mlp", 0), run_of(make_source, "mlp", 1, columns=columns), run_of(make_source, "gru", 0)
    )
    assert found.contenders[0].validation is None
    assert found.contenders[1].validation is not None


def test_a_case_that_is_tested_by_another_validates_nothing(make_source: Make) -> None:
    turned = {"case_id": ["1", "2", "3", "4", "5", "6"], "split": ["val"] * 2 + ["test"] * 4}
    found = compare(run_of(make_source, "mlp", 0), run_of(make_source, "gru", 0, columns=turned), intersect=True)
    assert found.table["case_id"].to_list() == ["3", "4"]
    assert [one.validation for one in found.contenders] == [None, None]
    assert [(one.num_lost, one.num_events_lost) for one in found.contenders] == [(2, 1), (2, 1)]
    assert any("2 common cases" in note for note in found.notes)
    assert dict(found.checks)["Cases"] == "2 in common; left out: 2 of mlp, 2 of gru"


def test_validation_can_be_compared_itself(make_source: Make) -> None:
    found = compare(run_of(make_source, "mlp", 0), run_of(make_source, "gru", 0), split="val")
    assert found.table["case_id"].to_list() == ["5", "6"]
    assert [one.validation for one in found.contenders] == [None, None]
    assert any("chosen on the cases compared here" in note for note in found.notes)


def test_folds_are_pooled_each_at_its_own_threshold(make_source: Make) -> None:
    runs = [fold_of(make_source, recipe, fold) for recipe in "ab" for fold in (2, 0, 1)]
    found = compare(*runs)
    assert found.table.height == 12
    assert found.folds is not None
    assert found.folds.tolist() == found.table["fold"].to_list() == [int(case) % 3 for case in found.table["case_id"]]
    (member,) = found.contenders[0].members
    assert member.thresholds == (0.1, 1.1, 2.1)
    assert member.called is not None
    assert member.called.tolist() == [int(fold == 0) for fold in found.folds]
    assert [one.validation for one in found.contenders] == [None, None]
    assert dict(found.checks)["Folds and seeds"] == "a0: seed 0, 3 folds; b0: seed 0, 3 folds"


def test_folds_that_were_dealt_differently_are_compared_with_a_note(make_source: Make) -> None:
    one = [fold_of(make_source, "a", fold) for fold in range(3)]
    two = [fold_of(make_source, "b", fold, cv_hash="other", deal=2) for fold in range(3)]
    found = compare(*one, *two)
    assert found.folds is None
    assert "fold" not in found.table.columns
    assert any("not trained on the same folds" in note for note in found.notes)


def test_missing_folds_are_said_or_refused(make_source: Make) -> None:
    runs = [fold_of(make_source, recipe, fold) for recipe in "ab" for fold in range(3)]
    equal = compare(*(run for run in runs if run.label not in ("a2", "b2")))
    assert sum("incomplete" in note for note in equal.notes) == 2
    with pytest.raises(IncomparableError, match=r"cases differ \(a0 8, b0 12\)"):
        compare(*(run for run in runs if run.label != "a2"))


def test_runs_of_one_recipe_are_no_comparison(make_source: Make) -> None:
    runs = [run_of(make_source, "mlp", seed) for seed in (0, 1)]
    with pytest.raises(ConfigError, match="the 2 runs given are of one recipe"):
        compare(*runs)
    assert len(compare(*runs, run_of(make_source, "gru", 0)).contenders) == 2


@pytest.mark.parametrize("threshold", [-0.1, 1.1])
def test_a_threshold_is_a_probability(make_source: Make, threshold: float) -> None:
    with pytest.raises(ConfigError, match="--threshold"):
        compare(make_source("a"), make_source("b"), threshold=threshold)
    assert thresholds_of(compare(make_source("a"), make_source("b", columns=probs_of(0.9)), threshold=0.2), 0) == {
        "a": 0.2
    }


def test_other_labels_are_refused(make_source: Make) -> None:
    labels = ["well", "sick", "sick", "sick"]
    with pytest.raises(IncomparableError, match="1 of 4 cases are labelled differently in a and b"):
        compare(make_source("a", split_hash="s", data_hash="d"),
                make_source("b", columns={"y_true": labels}, split_hash="s", data_hash="d"))  # fmt: skip


def test_patients_of_one_file_hold_for_all(make_source: Make) -> None:
    named = make_source("b", columns={"patient_id": ["q", "q", "p", "r"], **probs_of(0.9)}, has_patients=True)
    found = compare(make_source("a"), named)
    assert found.patients is not None
    assert found.patients.tolist() == [1, 1, 0, 2]
    assert found.table["patient_id"].to_list() == ["q", "q", "p", "r"]
    assert found.has_patients
    assert any("No patients are named by a" in note for note in found.notes)


def test_the_comparability_table_says_what_was_found(make_source: Make) -> None:
    hashes = {"split_hash": "5" * 64, "data_hash": "d" * 64, "leaky": False, "reference_standard": "biopsy"}
    checks = dict(compare(*(run_of(make_source, recipe, 0, **hashes) for recipe in ("mlp", "gru"))).checks)
    assert checks == {
        "Cases": "4 in every run",
        "Labels": "agree in all 4 cases",
        "Classes": "well, sick; sick is positive",
        "Patients": "every case is a patient of its own",
        "Thresholds": "each chosen on validation: largest Youden index",
        "Leaks": "no run is marked leaky",
        "Split": f"equal hashes {'5' * 12}",
        "Data versions": f"equal hashes {'d' * 12}",
        "Code": "not said by any run or file",
        "Folds and seeds": "mlp: seed 0; gru: seed 0",
        "Reference standard": "biopsy",
        "Sampling": "cohort: patients as they came (also taken where nothing is stated)",
        "Trained with": "mlp: 90 cases; gru: 90 cases",
    }


def test_one_source_tells_of_all_how_the_cases_came_to_be(make_source: Make) -> None:
    fixed, silent = run_of(make_source, "mlp", 0, sampling="case_control"), run_of(make_source, "gru", 0)
    found = compare(fixed, silent)
    assert found.sampling == "case_control"
    assert dict(found.checks)["Sampling"] == found.sampling.in_words
    assert all(one.validation and one.validation.sampling == "case_control" for one in found.contenders)
    contradicted = compare(fixed, run_of(make_source, "gru", 0, sampling="cohort"))
    assert contradicted.sampling == "cohort"
    assert any("classes were fixed by design" in note for note in contradicted.notes)


def foreign(folder: Path, name: str, table: pl.DataFrame) -> Source:
    path = folder / name
    if name.endswith(".csv"):
        table.write_csv(path)
    else:
        table.write_parquet(path)
    return Source(name, read_predictions(path))


CASES = pl.DataFrame(
    {
        "case_id": [11, 2, 30, 4, 5],
        "patient_id": [1, 1, 2, 3, 3],
        "y_true": [1, 0, 1, 0, 1],
        "prob_0": [0.5, 0.75, 0.25, 1.0, 0.0],
        "prob_1": [0.5, 0.25, 0.75, 0.0, 1.0],
    }
)


@settings(max_examples=25, deadline=None)
@given(rows=st.permutations(range(5)), columns=st.permutations(CASES.columns), as_text=st.booleans())
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_rows_columns_and_types_of_a_file_decide_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows: list[int], columns: list[str], as_text: bool, ending: str
) -> None:
    folder = tmp_path_factory.mktemp("files")
    other = CASES.with_columns(prob_0=1 - pl.col("prob_1") / 2, prob_1=pl.col("prob_1") / 2)
    plain = [foreign(folder, f"{name}.parquet", table) for name, table in (("a", CASES), ("b", other))]
    table = other[rows].select(columns)
    if as_text:
        table = table.with_columns(pl.col("case_id", "patient_id", "y_true").cast(pl.String))
    shuffled = foreign(folder, f"b.{ending}", table)
    assert essence(compare(plain[0], shuffled)) == essence(compare(*plain))
    assert essence(compare(shuffled, plain[0])) == essence(compare(plain[1], plain[0]))


def test_a_file_of_three_columns_is_compared_with_a_tracked_run(tmp_path: Path, make_source: Make) -> None:
    table = pl.DataFrame({"case_id": [4, 3, 2, 1], "y_true": ["sick", "well"] * 2, "prob_sick": [0.9, 0.4, 0.6, 0.1]})
    found = compare(foreign(tmp_path, "forest.csv", table), run_of(make_source, "mlp", 0), threshold=0.35)
    assert found.classes == ("well", "sick")
    assert [one.name for one in found.contenders] == ["forest", "mlp"]
    assert found.contenders[0].members[0].called is not None
    assert found.contenders[0].members[0].called.tolist() == [0, 1, 1, 1]
    assert found.contenders[0].num_train is None
    checks = dict(found.checks)
    assert checks["Thresholds"] == (
        "forest.csv: without one of its own, see the notes; mlp/0: chosen on validation: largest Youden index"
    )
    assert any("called at 0.35" in note for note in found.notes)


def test_a_written_run_is_the_same_as_the_run(tmp_path: Path, make_source: Make) -> None:
    runs = [run_of(make_source, recipe, 0) for recipe in ("mlp", "gru")]
    for run in runs:
        write_predictions(tmp_path / run.predictions.metadata["name"], run.predictions)
    read = [replace(run, predictions=read_predictions(tmp_path / run.predictions.metadata["name"])) for run in runs]
    assert essence(compare(*read)) == essence(compare(*runs))


@pytest.mark.parametrize("task", [Task.ORDINAL, Task.MULTICLASS])
def test_three_classes_are_lined_up(make_source: Make, task: Task) -> None:
    columns = {
        "y_true": ["none", "mild", "grave", "none"],
        **{f"prob_{name}": [0.25, 0.5, 0.0, 1.0] for name in ("none", "mild")},
    }
    columns["prob_mild"] = [0.5, 0.25, 0.0, 0.0]
    columns["prob_grave"] = [0.25, 0.25, 1.0, 0.0]
    other = {
        "prob_none": columns["prob_none"][::-1],
        "prob_mild": [0.0, 0.0, 0.25, 0.5],
        "prob_grave": [0.0, 1.0, 0.25, 0.25],
    }
    runs = [
        make_source(label, columns={**columns, **given}, classes=("none", "mild", "grave"), task=task)
        for label, given in (("a", {}), ("b", other))
    ]
    found = compare(*runs)
    member = found.contenders[0].members[0]
    assert found.task == task
    assert found.targets.tolist() == [0, 1, 2, 0]
    assert member.called is not None
    assert member.called.tolist() == [1, 0, 2, 0]
    assert (member.called_referable is None) == (task == Task.MULTICLASS)
    assert dict(found.checks)["Classes"].startswith("grades" if task == Task.ORDINAL else "none, mild, grave")


def test_labels_are_lined_up(make_source: Make) -> None:
    columns = {"y_true_x": [1, 0, 0, 1], "y_true_y": [0, 0, 1, 1], "prob_x": [0.5] * 4, "prob_y": [0.25] * 4}
    runs = [
        make_source(label, columns={**columns, "prob_x": [of_x] * 4}, classes=classes, task="multilabel")
        for label, of_x, classes in (("a", 0.5, ("x", "y")), ("b", 0.75, ("y", "x")))
    ]
    found = compare(*runs)
    assert found.classes == ("x", "y")
    assert found.targets.tolist() == [[1, 0], [0, 0], [0, 1], [1, 1]]
    one, two = (contender.members[0] for contender in found.contenders)
    assert (one.probs.tolist(), two.probs.tolist()) == ([[0.5, 0.25]] * 4, [[0.75, 0.25]] * 4)
    other = make_source("c", columns={**columns, "y_true_y": [0, 0, 0, 1]}, classes=("x", "y"), task="multilabel")
    with pytest.raises(IncomparableError, match="1 of 4 cases are labelled differently in a and c"):
        compare(runs[0], other)


def test_predictions_of_every_split_are_kept(make_source: Make) -> None:
    found = compare(run_of(make_source, "mlp", 0), run_of(make_source, "gru", 0))
    (source,) = found.contenders[0].members[0].sources
    assert isinstance(source.predictions, Predictions)
    assert source.predictions.table.height == 6


def test_a_copy_changes_notes_alone(make_source: Make) -> None:
    """Its patients are known all the same, where it is the one that names them."""
    one, other = make_source("a"), make_source("b", columns=probs_of(0.9))
    rows = {"case_id": ["4", "3", "2", "1"], "y_true": ["sick", "well"] * 2, "patient_id": ["r", "q", "q", "p"]}
    copy = make_source("copy", columns={**rows, **probs_of(0.25)}, has_patients=True)
    found = compare(one, other, copy)
    assert [contender.name for contender in found.contenders] == ["a", "b"]
    assert "copy predicts the same as a in every case: one model, compared once." in found.notes
    assert found.table["patient_id"].to_list() == ["p", "q", "q", "r"]
    assert [contender.name for contender in compare(one, other, copy, reference="copy").contenders] == ["copy", "b"]
    with pytest.raises(ConfigError, match=r"all 2 given predict the same \(copy as a\)"):
        compare(one, copy)


def test_files_of_other_tools_are_graded_by_an_order(tmp_path: Path) -> None:
    table = pl.DataFrame({"case_id": ["1", "2"], "y_true": ["b", "a"], "prob_a": [0.2, 0.5], "prob_c": [0.5, 0.2],
                          "prob_b": [0.3, 0.3]})  # fmt: skip
    turned = table.with_columns(prob_a=pl.col("prob_c"), prob_c=pl.col("prob_a"))
    found = compare(foreign(tmp_path, "x.csv", table), foreign(tmp_path, "y.csv", turned), order=("a", "b", "c"))
    member = found.contenders[0].members[0]
    assert (found.task, found.targets.tolist()) == (Task.ORDINAL, [1, 0])
    assert member.probs.tolist() == [[0.2, 0.3, 0.5], [0.5, 0.3, 0.2]]
    assert member.called_referable is not None
    assert member.called_referable.tolist() == [1, 1]
