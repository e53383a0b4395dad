"""The comparability table."""

from collections.abc import Callable

import numpy as np
import pytest

from reprodx.comparison.compared_cases import Contender, Member
from reprodx.comparison.lineup.agreed_classes import AgreedClasses
from reprodx.comparison.lineup.assumptions import GROUPS
from reprodx.comparison.lineup.checks import comparability_table
from reprodx.comparison.source import Source
from reprodx.schemas import Sampling, Task

Make = Callable[..., Source]
YOUDEN = {"value": 0.4, "rule": "largest Youden index", "chosen_on": "val"}
FIXED = {"value": 0.5, "rule": "fixed", "chosen_on": "val"}


def member(*sources: Source, seed: int | None = 0, repeat: int = 0) -> Member:
    return Member(np.zeros((4, 2)), None, None, (None,) * len(sources), seed, repeat, sources)


def contender(name: str, *sources: Source, **counts: int) -> Contender:
    return Contender(name, (member(*sources),), None, **counts)


def table(
    *contenders: Contender,
    task: Task = Task.BINARY,
    classes: tuple[str, ...] = ("well", "sick"),
    patients: list[int] | None = None,
    has_patients: bool = True,
    without_threshold: tuple[str, ...] = (),
) -> dict[str, str]:
    return dict(
        comparability_table(
            contenders,
            AgreedClasses(task, classes),
            num_cases=4,
            patients=None if patients is None else np.array(patients),
            has_patients=has_patients,
            without_threshold=without_threshold,
            sampling=Sampling.CASE_CONTROL,
            ordinal_cut=1,
        )
    )


@pytest.mark.parametrize(
    ("one", "two", "row", "words"),
    [
        ({"split_hash": "x"}, {"split_hash": "x"}, "Split", "equal hashes x"),
        ({"split_hash": "x"}, {"split_hash": "y"}, "Split", "cases agree though split hashes differ"),
        ({"split_hash": "x"}, {}, "Split", "not said by every file; decided by cases and labels themselves"),
        (
            {"data_hash": "x"},
            {"data_hash": "y"},
            "Data versions",
            "hashes of the data differ, the labels compared agree",
        ),
        ({"leaky": False}, {"leaky": False}, "Leaks", "no run is marked leaky"),
        ({"leaky": False}, {}, "Leaks", "unknown for b; no other run is marked leaky"),
        ({}, {}, "Leaks", "unknown: files of other tools do not say"),
        ({}, {}, "Sampling", Sampling.CASE_CONTROL.in_words),
        ({"reference_standard": "CT"}, {"reference_standard": "CT"}, "Reference standard", "CT"),
        ({"reference_standard": "CT"}, {"reference_standard": "MR"}, "Reference standard", "differs: CT; MR"),
        ({"reference_standard": "CT"}, {}, "Reference standard", "CT; not stated by b"),
        ({}, {}, "Reference standard", "not stated by any file"),
        ({"threshold": YOUDEN}, {"threshold": YOUDEN}, "Thresholds", "each chosen on validation: largest Youden index"),
        (
            {"threshold": YOUDEN},
            {"threshold": FIXED},
            "Thresholds",
            "a: chosen on validation: largest Youden index; b: chosen on validation: fixed",
        ),
    ],
)
def test_files_are_held_against_each_other(
    make_source: Make, one: dict[str, object], two: dict[str, object], row: str, words: str
) -> None:
    found = table(contender("A", make_source("a", **one)), contender("B", make_source("b", **two)))
    assert found[row] == words


def test_fixed_thresholds_are_said_whatever_the_file_says(make_source: Make) -> None:
    found = table(contender("A", make_source("a", threshold=YOUDEN)), without_threshold=("a",))
    assert found["Thresholds"] == "each without one of its own, see the notes"


@pytest.mark.parametrize(
    ("patients", "has_patients", "words"),
    [
        (None, False, "no file names patients: cases are treated as independent"),
        ([0, 0, 1, 2], False, f"no file names patients: cases but for {GROUPS} are treated as independent"),
        (None, True, "every case is a patient of its own"),
        ([0, 0, 1, 2], True, "3 patients, several cases of some; named alike in all files that name them"),
    ],
)
def test_patients_are_counted(make_source: Make, patients: list[int] | None, has_patients: bool, words: str) -> None:
    assert table(contender("A", make_source()), patients=patients, has_patients=has_patients)["Patients"] == words


@pytest.mark.parametrize(
    ("task", "words", "thresholds"),
    [
        (Task.BINARY, "a, b, c; b is positive", "each without one of its own"),
        (Task.MULTICLASS, "a, b, c", "none: the most probable class is called"),
        (Task.ORDINAL, "grades a, b, c; referable: b or above", "each without one of its own"),
        (Task.MULTILABEL, "labels a, b, c, any number a case", "each without one of its own"),
    ],
)
def test_classes_are_named_as_the_task_has_them(make_source: Make, task: Task, words: str, thresholds: str) -> None:
    found = table(contender("A", make_source("s")), task=task, classes=("a", "b", "c"), without_threshold=("s",))
    assert found["Classes"] == words
    assert found["Thresholds"].startswith(thresholds)


def test_lost_cases_are_counted(make_source: Make) -> None:
    one, two = make_source("a", split_hash="x"), make_source("b", split_hash="y")
    found = table(contender("A", one, num_lost=3), contender("B", two))
    assert found["Cases"] == "4 in common; left out: 3 of A, 0 of B"
    assert found["Split"].startswith("split hashes differ, and so do the cases")
    assert table(contender("A", one))["Cases"] == "4 in every run"


def test_members_are_described(make_source: Make) -> None:
    source = make_source()
    seeds = Contender("A", tuple(member(source, seed=seed) for seed in (0, 1, 2)), 80)
    folds = Contender("B", tuple(member(*[source] * 5, repeat=repeat) for repeat in (0, 1)), None)
    found = table(seeds, folds, Contender("C", (member(source, seed=None),), None))
    assert found["Folds and seeds"] == ("A: 3 seeds (0, 1, 2); B: seed 0, 2 repetitions, 5 folds; C: seed not said")
    assert found["Trained with"] == "A: 80 cases; B: not said; C: not said"
