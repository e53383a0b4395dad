"""What a reader made of a mutant, and whether it may: the cases by their id, beside what the mutant can mean."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from reprodx.schemas import RawCases

Value = float | str | bytes | tuple[Any, ...] | None
Case = Mapping[str, Value]
CLASS, PATIENT, INPUT = "(class)", "(patient)", "(input)"
TOLERANCE = 1e-5
"""Relative: signals are kept in float32."""


@dataclass(frozen=True)
class Reading:
    """What a reader hands on."""

    cases: Mapping[str, Case]
    """By case id: the class, the patient, each feature under its name, and what the case is judged by."""
    num_left_out: int = 0
    """Cases that the reader counts as excluded."""

    @classmethod
    def of(cls, raw: RawCases) -> Reading:
        """Return the cases as plain values."""
        found = {}
        for position, case_id in enumerate(raw.cases["case_id"]):
            row = raw.cases.row(position, named=True)
            case: dict[str, Value] = {CLASS: row["y_true"], PATIENT: row["patient_id"]}
            if raw.features.width:
                case |= raw.features.row(position, named=True)
            if raw.inputs is not None:
                case[INPUT] = _frozen(raw.inputs[position])
            found[folded(case_id)] = case
        return cls(found, sum(rule.count for rule in raw.exclusions))


Judge = Callable[[Reading], str | None]
"""Takes what was read of a mutant; returns what is wrong with it in words, or None."""


def folded(text: str) -> str:
    """Return a text without what no person sees: letter case, invisible signs, surrounding blanks, widths."""
    text = unicodedata.normalize("NFKC", text)
    return " ".join(
        "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in ("Cf", "Cc")).split()
    ).casefold()


def as_before(original: Reading) -> Judge:
    """Return the judge of mutants that mean what the original does, or are damaged: cases are as before, or counted."""
    return as_one_of(
        {case_id: {key: (value,) for key, value in case.items()} for case_id, case in original.cases.items()}
    )


def either(*judges: Judge) -> Judge:
    """Return the judge who is content where one of several is."""

    def judge(found: Reading) -> str | None:
        complaints = [one(found) for one in judges]
        return None if None in complaints else complaints[0]

    return judge


def as_one_of(expected: Mapping[str, Mapping[str, tuple[Value, ...]]]) -> Judge:
    """Return the judge of mutants whose values may be these: by case id and name, one of several.

    A name that the reader has and `expected` has not is not looked at; one that `expected` has must be there.
    """

    def judge(found: Reading) -> str | None:
        if extra := set(found.cases) - set(expected):
            return f"{len(extra)} cases that are not in the file"
        absent = len(expected) - len(found.cases)
        if absent > found.num_left_out:
            return f"{absent} cases vanished, {found.num_left_out} are counted"
        for case_id, case in found.cases.items():
            for key, values in expected[case_id].items():
                if key not in case:
                    return f"{key} is not read"
                if not any(_equal(case[key], value) for value in values):
                    return (
                        f"{key} is read as {_shown(case[key])} where it is one of {[_shown(value) for value in values]}"
                    )
        return None

    return judge


def _frozen(value: Any) -> Value:
    if isinstance(value, str):
        return " ".join(value.split())
    return np.asarray(value).shape, np.ascontiguousarray(value, dtype=np.float64).tobytes()


def _equal(one: Value, other: Value) -> bool:
    if one is None or other is None:
        return one is other
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return one[0] == other[0] and np.allclose(
            np.frombuffer(one[1]), np.frombuffer(other[1]), rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True
        )
    if isinstance(one, str) and isinstance(other, str):
        return folded(one) == folded(other)
    return one == other


def _shown(value: Value) -> str:
    return f"an array of {value[0]}" if isinstance(value, tuple) else repr(value)
