"""What a split is balanced by."""

from __future__ import annotations

from collections import Counter

import polars as pl

from reprodx.preparation.strata import MIN_PATIENTS, with_strata
from reprodx.schemas import RawCases, Task


def labelled(**labels: list[int]) -> RawCases:
    num = len(next(iter(labels.values())))
    ids = [str(row) for row in range(num)]
    names = ["+".join(sorted(name for name in labels if labels[name][row])) or "none" for row in range(num)]
    columns = {f"y_true_{name}": pl.Series(values, dtype=pl.Int8) for name, values in labels.items()}
    cases = pl.DataFrame({"case_id": ids, "patient_id": ids, "y_true": names, **columns})
    features = pl.DataFrame(height=num)
    return RawCases(cases, features, tuple(labels), num, (), True, "", declared_task=Task.MULTILABEL)


def test_a_case_counts_as_of_its_rarest_label() -> None:
    raw = labelled(common=[1] * 30 + [0] * 12, rare=[0] * 15 + [1] * 15 + [0] * 12)
    assert Counter(with_strata(raw)["y_true"]) == {"common": 15, "rare": 15, "none": 12}


def test_what_is_too_rare_goes_with_the_commonest() -> None:
    few = MIN_PATIENTS - 1
    raw = labelled(common=[1] * 30 + [0] * few, rare=[0] * (30 - few) + [1] * few + [0] * few)
    assert Counter(with_strata(raw)["y_true"]) == {"common": 30 + few}


def test_other_tasks_keep_their_classes() -> None:
    raw = labelled(a=[1, 0], b=[0, 1])
    single = RawCases(raw.cases, raw.features, ("a", "b"), 2, (), True, "")
    assert with_strata(single) is single.cases
