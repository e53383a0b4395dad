"""Strong features whose names say that they come too late."""

from __future__ import annotations

import numpy as np
import polars as pl

from reprodx.preparation.late_features import find_late_features
from reprodx.schemas import Task

random = np.random.default_rng(0)
NUM_CASES = 300
TRUTH = np.arange(NUM_CASES) % 2 == 1


def late(features: dict[str, object], task: Task = Task.BINARY) -> list[str]:
    truth = pl.DataFrame({"no": ~TRUTH, "yes": TRUTH})
    return list(find_late_features(pl.DataFrame(features), truth, ("no", "yes"), task, np.arange(NUM_CASES)))


def test_only_the_strongest_count() -> None:
    noise = {f"noise_{place}": random.normal(size=NUM_CASES) for place in range(8)}
    strong = {f"strong_{place}": random.normal(size=NUM_CASES) + 2 * TRUTH for place in range(3)}
    weak = random.normal(size=NUM_CASES) + 0.7 * TRUTH
    assert late({**noise, "time": weak}) == ["time"]
    assert late({**noise, **strong, "time": weak}) == []
    assert late({**noise, **strong, "time": -9.0 * TRUTH}) == ["time"]
    assert late({"time": random.normal(size=NUM_CASES)}) == []
    assert late({"timer": weak}) == []


def test_words_and_gaps_are_read_and_labels_asked_one_by_one() -> None:
    discharge = pl.Series(np.where(TRUTH & (random.random(NUM_CASES) < 0.8), "ward", "home"))
    assert late({"discharge": discharge}) == ["discharge"]
    date = pl.Series(np.where(TRUTH, random.normal(size=NUM_CASES), np.nan)).fill_nan(None)
    assert late({"death_date": date}, Task.MULTILABEL) == ["death_date"]
