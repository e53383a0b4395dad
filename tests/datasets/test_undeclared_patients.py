"""Columns that say whose case a row is, and columns that only look like it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from reprodx.datasets.undeclared_patients import find_undeclared_patients

random = np.random.default_rng(0)
NUM_PATIENTS, NUM_ROWS = 200, 400
OWNERS = np.repeat(random.permutation(100_000)[:NUM_PATIENTS], 2)
ROW_OF = np.repeat(np.arange(NUM_PATIENTS), 2)
SEX, AGE = random.choice(["f", "m"], NUM_PATIENTS)[ROW_OF], random.integers(20, 90, NUM_PATIENTS)[ROW_OF]
LAB = random.normal(size=NUM_ROWS).round(3)


def find(**columns: object) -> dict[str, str]:
    table = pl.DataFrame(columns).cast(pl.String)
    return find_undeclared_patients(table, candidates=table.columns)


def test_a_repeated_number_within_which_sex_and_age_never_differ() -> None:
    reason = "has values that repeat, and rows of one value never differ in 'sex', 'age'"
    assert find(x=OWNERS, sex=SEX, age=AGE, lab=LAB) == {"x": reason}
    assert find(x=[f"P{owner:05d}" for owner in OWNERS], sex=SEX, age=AGE, lab=LAB) == {"x": reason}
    words = ["".join(chr(ord("a") + int(digit)) for digit in str(owner)) for owner in OWNERS]
    assert find(x=words, sex=SEX, age=AGE, lab=LAB) == {"x": reason}


def test_a_few_errors_of_entry_hide_no_patient() -> None:
    sex = SEX.copy()
    sex[7] = "f" if sex[7] == "m" else "m"
    assert list(find(x=OWNERS, sex=sex, lab=LAB)) == ["x"]


def test_without_anything_personal_whatever_stays_with_a_patient_tells() -> None:
    assert list(find(x=OWNERS, status=SEX, lab=LAB)) == ["x"]
    few = np.repeat(np.arange(32), 6)
    status = random.integers(0, 2, 32)[few]
    assert list(find(x=[f"S{owner:02d}" for owner in few], y=status, lab=random.normal(size=192))) == ["x"]


@pytest.mark.parametrize("name", ["id", "mrn", "Patient No", "record id"])
def test_a_name_is_enough(name: str) -> None:
    assert find(**{name: random.permutation(9999)[:NUM_ROWS], "lab": LAB}) == {name: "is called like a patient's id"}
    assert find(**{name: random.permutation(9999)[: NUM_ROWS // 2].repeat(2), "lab": LAB})


@pytest.mark.parametrize("name", ["patient", "id", "record id"])
def test_classes_and_measurements_are_no_names(name: str) -> None:
    assert not find(**{name: random.integers(0, 2, NUM_ROWS), "lab": LAB})
    assert not find(**{name: LAB, "lab": LAB})


def test_a_case_id_is_one_only_where_it_tells_rows_apart() -> None:
    assert not find(case_id=random.integers(20, 90, NUM_ROWS), lab=LAB)
    assert list(find(case_id=random.permutation(9999)[:NUM_ROWS], lab=LAB)) == ["case_id"]


def test_many_rows_of_a_study_are_no_patient() -> None:
    assert not find(study_id=random.integers(0, 8, NUM_ROWS), lab=LAB)


def test_measurements_of_whole_numbers_are_none() -> None:
    platelets, salary = random.integers(1000, 4000, NUM_ROWS), random.lognormal(8, 1, NUM_ROWS).round()
    age = random.integers(20, 90, NUM_ROWS)
    others = {"platelets": platelets, "salary": salary, "age": age, "decade": age // 10, "is_old": age > 60}
    assert not find(**others, sex=random.choice(["f", "m"], NUM_ROWS), lab=LAB)
    assert not find(**others, lab=LAB, flag=random.random(NUM_ROWS) < 0.02)


def test_what_a_code_implies_is_no_patient() -> None:
    codes = random.integers(0, 60, NUM_ROWS)
    icd = [f"{chr(ord('A') + code // 10)}{code % 10}0" for code in codes]
    assert not find(icd=icd, chapter=[code[0] for code in icd], lab=LAB)
    state = random.integers(0, 9, 60)[codes]
    assert not find(postcode=codes * 97 + 10_000, state=state, sex=random.choice(["f", "m"], NUM_ROWS), lab=LAB)
    assert not find(
        town=[f"town {'abcdefghij'[code % 10]}{'klmnop'[code // 10]}" for code in codes], state=state, lab=LAB
    )


def test_tables_made_of_cycles_hold_no_patients() -> None:
    row = np.arange(240)
    for period in (2, 3, 4):
        for size in (24, 30, 60):
            assert not find(x=40 + row % size, sex=row % size % period, lab=row * 37 % 101 / 10)
    assert not find(age=OWNERS % 90, sex=OWNERS % 90 * 7 % 5 % 2, lab=LAB)


def test_rows_entered_twice_are_no_evidence() -> None:
    table = {"x": OWNERS[::2], "y": SEX[::2], "lab": LAB[::2]}
    assert not find(**{name: np.concatenate([values, values]) for name, values in table.items()})


def test_small_empty_and_constant_tables_are_read() -> None:
    assert not find(x=[1], y=[2])
    assert not find(x=[None] * 50, y=["a"] * 50)
    assert not find(id=[None] * 50)
    assert not find_undeclared_patients(pl.DataFrame({"x": OWNERS}).cast(pl.String), candidates=[])
