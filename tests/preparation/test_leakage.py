"""The gate: what it stops, what passes as acknowledged, and the valid twin of each."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.errors import LeakageError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.leakage import Leaks, check_leakage
from reprodx.preparation.units import find_identical_inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.schemas import RawCases


def check(raw: RawCases, **acknowledged: Any) -> Leaks:
    allowed = {"features": (), "duplicates": (), "patients": False, **acknowledged}
    units = raw.cases["patient_id"].rank("dense").to_numpy().astype(np.int64)
    return check_leakage(raw, find_identical_inputs(raw), units, Acknowledged(**allowed))


def test_clean_cases_pass(placed: Callable[..., RawCases]) -> None:
    assert check(placed()) == Leaks((), (), 0, ())
    assert not check(placed()).is_leaky


def test_a_patient_in_two_splits_is_refused(placed: Callable[..., RawCases]) -> None:
    straddling = placed(patient_id=[f"p{row // 4}" for row in range(120)])
    with pytest.raises(LeakageError, match=r"\d+ of 30 patients have cases in more than one split") as caught:
        check(straddling)
    assert caught.value.exit_code == 3
    together = placed(patient_id=[f"p{row // 2}" for row in range(120)])
    assert not check(together).is_leaky
    assert check(straddling, patients=True).num_patients > 0
    assert check(straddling, patients=True).is_leaky
    spelled = placed(patient_id=[f"{'pP'[row % 4 // 2]}{row // 4}" for row in range(120)])
    assert not check(spelled).is_leaky
    assert check(spelled, patients=True) == check(straddling, patients=True)


def twins(placed: Callable[..., RawCases], one: int, other: int) -> RawCases:
    """Return cases of which two have the same inputs."""
    raw = placed()
    rows = np.arange(120)
    rows[other] = one
    return dataclasses.replace(raw, features=raw.features[rows])


def test_identical_inputs_in_two_splits_are_refused_without_an_id(placed: Callable[..., RawCases]) -> None:
    with pytest.raises(LeakageError, match=r"2 cases .* in another split: keep them .* lists them in") as caught:
        check(twins(placed, 0, 8))
    assert "c8" not in str(caught.value)
    assert check(twins(placed, 0, 2)) == Leaks((), (), 0, ())
    leaks = check(twins(placed, 0, 8), duplicates=("c0", "c8"))
    assert leaks.duplicates == ("c0", "c8")
    assert leaks.is_leaky
    assert check(twins(placed, 0, 8), duplicates=("*",)) == leaks
    with pytest.raises(LeakageError, match="1 cases"):
        check(twins(placed, 0, 8), duplicates=("c0",))


def test_identical_inputs_of_two_declared_patients_are_warned_of(placed: Callable[..., RawCases]) -> None:
    leaks = check(dataclasses.replace(twins(placed, 0, 9), has_patients=True))
    assert leaks.warnings == ("2 cases have inputs identical to a case's of another patient in another split",)
    assert not leaks.is_leaky
    coarse = placed(features={"age": np.zeros(120), "sex": ["f"] * 120})
    assert check(dataclasses.replace(coarse, has_patients=True)).warnings == ()


def test_conflicting_labels_are_counted_in_the_refusal_and_in_a_warning(placed: Callable[..., RawCases]) -> None:
    with pytest.raises(LeakageError, match=r"2 cases .* another split, 2 of them with another label: keep"):
        check(twins(placed, 0, 9))
    leaks = check(twins(placed, 0, 1))
    assert leaks.warnings == ("2 cases have identical inputs and conflicting labels: see duplicates.csv",)
    assert not leaks.is_leaky


def test_a_patient_among_the_features_is_refused_with_the_key_that_declares_it(placed: Callable[..., RawCases]) -> None:
    raw = placed(features={"k": np.random.default_rng(2).normal(size=120)})
    found = dataclasses.replace(raw, undeclared_patients={"k": "is called like a patient's id", "dropped": "is so too"})
    with pytest.raises(LeakageError, match=r"feature 'k' is called like .* id: name it in data\.patient, in data"):
        check(found)
    assert check(found, features=("k",)).features == ("k",)


def test_an_id_among_the_features_is_refused(placed: Callable[..., RawCases]) -> None:
    numbered = placed(features={"record": np.arange(120.0)})
    with pytest.raises(LeakageError, match=r"'record' names its cases like an id: name it in data\.drop"):
        check(numbered)
    assert check(numbered, features=("record",)).features == ("record",)
    measured = placed(features={"record": np.random.default_rng(1).normal(size=120)})
    assert not check(measured).is_leaky


def test_the_answer_among_the_features_is_refused_on_training_cases_alone(
    placed: Callable[..., RawCases], parts: Callable[[int], list[str]]
) -> None:
    answer = np.arange(120) % 2.0
    with pytest.raises(LeakageError, match="'outcome' gives the answer away by its values"):
        check(placed(features={"outcome": answer}))
    assert check(placed(features={"outcome": answer}), features=("outcome",)).is_leaky
    is_train = np.array(parts(120)) == "train"
    noise = np.random.default_rng(2).normal(size=120)
    assert not check(placed(features={"outcome": np.where(is_train, noise, answer)})).is_leaky
    with pytest.raises(LeakageError, match="outcome"):
        check(placed(features={"outcome": np.where(is_train, answer, noise)}))


def test_all_bad_features_are_named_at_once(placed: Callable[..., RawCases]) -> None:
    answer = np.arange(120) % 2.0
    with pytest.raises(LeakageError, match=r"'one' gives .*, 'two' gives"):
        check(placed(features={"one": answer, "two": 1 - answer}))


def test_several_classes_are_refused_like_two_and_a_telling_sign_of_one_is_said(
    placed: Callable[..., RawCases],
) -> None:
    labels = [["a", "b", "c"][row % 3] for row in range(120)]
    code = (np.arange(120) % 3).astype(float)
    with pytest.raises(LeakageError, match="'outcome' gives the answer away by its values"):
        check(placed(features={"outcome": code}, y_true=labels))
    sign = np.random.default_rng(3).normal(size=120) + 9 * (code == 2)
    leaks = check(placed(features={"sign": sign}, y_true=labels))
    assert not leaks.is_leaky
    assert leaks.warnings == ("sign tells class c from the others by its values alone",)


def test_a_strong_feature_that_may_be_known_too_late_is_said(placed: Callable[..., RawCases]) -> None:
    values = np.random.default_rng(4).normal(size=120) - np.arange(120) % 2
    leaks = check(placed(features={"follow_up_days": values}))
    assert leaks.late_features == ("follow_up_days",)
    assert "known only after the outcome" in leaks.warnings[0]
    assert check(placed(features={"marker": values})) == Leaks((), (), 0, ())


def test_what_is_acknowledged_but_not_found_marks_nothing(placed: Callable[..., RawCases]) -> None:
    assert not check(placed(), features=("age",), duplicates=("c1",), patients=True).is_leaky


def test_a_variable_of_series_that_names_the_stay_is_refused(placed: Callable[..., RawCases]) -> None:
    steps = np.random.default_rng(0).normal(size=(120, 2, 2)).astype(np.float32)
    steps[:, :, 1] = np.arange(120)[:, None] * 7 + 9000
    series = Inputs.of_steps(Modality.SERIES, steps.reshape(-1, 2), np.full(120, 2), channels=("hr", "subject"))
    raw = dataclasses.replace(placed(), inputs=series)
    with pytest.raises(LeakageError, match="'subject' is one number throughout each series"):
        check(raw)
    assert check(raw, features=("subject",)).features == ("subject",)
