"""Synthetic stays: plainly called so, the same from the same seed, with gaps, trends and labels that follow them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from reprodx.datasets.synthetic_icu import (
    CLASSES,
    DETERIORATION,
    MIN_HOURS,
    NUMBERS,
    VARIABLES,
    SyntheticIcu,
    draw_severity,
    measure,
    risk_of,
)
from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.preparation.series_transform import SeriesTransform
from reprodx.preparation.summaries.series import SeriesSummary

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.schemas import RawCases

    Make = Callable[..., SyntheticIcu]

COMMON = NUMBERS[:, 4] > 0.5
"""Whether a variable is measured in most hours."""


@pytest.fixture
def icu(settings: Callable[[str], dict[str, Any]]) -> Make:
    """Return a function from changed settings to a small set."""
    return lambda **overrides: SyntheticIcu(**{**settings("synthetic_icu"), "num_patients": 60, **overrides})


def cross_validated(raw: RawCases, features: np.ndarray) -> float:
    truth = (raw.cases["y_true"] == DETERIORATION).to_numpy()
    model = LogisticRegression(C=0.05, max_iter=2000)
    probs = cross_val_predict(
        model, features, truth, groups=raw.cases["patient_id"].to_numpy(), cv=GroupKFold(5), method="predict_proba"
    )
    return float(roc_auc_score(truth, probs[:, 1]))


def test_everything_says_that_it_is_synthetic(icu: Make) -> None:
    assert yaml.safe_load(Path("conf/data/synthetic_icu.yaml").read_text(encoding="utf-8"))["name"].startswith("synth")
    raw = icu().read(None)
    assert raw.is_synthetic
    assert raw.card.startswith("# SYNTHETIC")
    assert raw.reference_standard is not None
    assert raw.reference_standard.startswith("synthetic")


def test_patients_share_sex_age_and_site_over_their_stays(icu: Make) -> None:
    raw = icu().read(None)
    assert set(raw.cases["y_true"]) == set(raw.classes) == set(CLASSES)
    by_patient = raw.cases.group_by("patient_id").n_unique()
    for column in ("site", "group_sex", "group_age"):
        assert by_patient[column].max() == 1
        assert raw.cases[column].n_unique() > 1
    sizes = raw.cases.group_by("patient_id").len()["len"]
    assert (by_patient.height, sizes.min(), sizes.max()) == (60, 1, 2)
    assert raw.cases["case_id"].is_unique().all()
    assert set(raw.features["admission"]) == {"emergency", "planned"}
    assert 0 < raw.features["weight"].null_count() < raw.features.height / 4
    assert raw.features.drop("weight").null_count().sum_horizontal().item() == 0


def test_measurements_are_hourly_plausible_and_full_of_gaps(icu: Make) -> None:
    raw = icu(max_hours=30, num_patients=200).read(None)
    assert raw.inputs is not None
    assert raw.inputs.lengths is not None
    assert raw.inputs.modality == Modality.SERIES
    assert raw.inputs.channels == tuple(VARIABLES)
    assert (raw.inputs.lengths.min(), raw.inputs.lengths.max()) == (MIN_HOURS, 30)
    values = raw.inputs.values
    assert values.dtype == np.float32
    assert values.shape == (raw.inputs.lengths.sum(), len(VARIABLES))
    assert (np.nanmin(values, axis=0) >= NUMBERS[:, 5].astype(np.float32)).all()
    assert (np.nanmax(values, axis=0) <= NUMBERS[:, 6].astype(np.float32)).all()
    measured = (~np.isnan(values)).mean(axis=0)
    np.testing.assert_allclose(measured, NUMBERS[:, 4], atol=0.08)
    assert all(not np.isnan(stay[0, COMMON]).any() for stay in raw.inputs)


def test_a_worse_patient_has_worse_values_and_is_measured_more(icu: Make) -> None:
    rng, usual = np.random.default_rng(0), NUMBERS[:, 0]
    well, ill = (measure(np.full(4000, severity), usual, 1.0, rng) for severity in (-1.0, 1.0))
    change = np.nanmean(ill, axis=0) - np.nanmean(well, axis=0)
    assert (np.sign(change) == np.sign(NUMBERS[:, 3])).all()
    assert (~np.isnan(ill)).sum() > (~np.isnan(well)).sum()
    often, seldom = ((~np.isnan(measure(np.zeros(4000), usual, factor, rng))).mean() for factor in (1.0, 0.3))
    assert seldom < often - 0.08


def test_severity_starts_at_its_level_and_has_drifted_at_the_end() -> None:
    rng = np.random.default_rng(0)
    stays = np.array([draw_severity(1.0, 3.0, 24, rng) for _ in range(2000)])
    assert stays[:, 0].mean() == pytest.approx(1.0, abs=0.05)
    assert stays[:, -1].mean() == pytest.approx(4.0, abs=0.05)


def test_risk_follows_the_drift_more_than_the_level() -> None:
    stays = pl.DataFrame({"age": [62.0] * 3, "admission": ["planned"] * 3})
    usual, worse, worsening = risk_of(np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]), stays)
    assert 0 < usual < worse < worsening < 1


def test_trends_tell_the_classes_apart_but_not_entirely(icu: Make) -> None:
    raw = icu(num_patients=400).read(None)
    assert raw.inputs is not None
    known = [raw.features["age"], raw.features["admission"] == "emergency", raw.inputs.lengths]
    at_the_start = np.column_stack([*known, np.array([stay[0, COMMON] for stay in raw.inputs])])
    scaled = (at_the_start - at_the_start.mean(axis=0)) / at_the_start.std(axis=0)
    summed_up = SeriesSummary.fit(raw.inputs, None).apply(raw.inputs)
    assert cross_validated(raw, scaled) < 0.68
    assert 0.72 < cross_validated(raw, summed_up) < 0.92


def test_serving_reads_a_stay_as_it_was_drawn(icu: Make, tmp_path: Path) -> None:
    inputs = icu().read(None).inputs
    assert inputs is not None
    transform = SeriesTransform.from_json(json.loads(json.dumps(SeriesTransform.fit(inputs).to_json())))
    stay = pl.DataFrame(inputs[4], schema=list(VARIABLES)).fill_nan(None)
    stay.with_row_index("hour").write_csv(tmp_path / "stay.csv")
    again = transform.read_raw(pl.DataFrame({"series": [str(tmp_path / "stay.csv")]}))
    np.testing.assert_allclose(again[0], inputs[4], rtol=1e-6)


def test_the_seed_decides_everything(icu: Make) -> None:
    first, again, other = icu().read(None), icu().read(None), icu(seed=1).read(None)
    assert first.cases.equals(again.cases)
    assert first.features.equals(again.features)
    assert not first.cases.equals(other.cases)
    assert first.inputs is not None
    assert again.inputs is not None
    np.testing.assert_array_equal(first.inputs.values, again.inputs.values)


@pytest.mark.parametrize("changed", [{"num_patients": 7}, {"max_stays": 0}, {"max_hours": 5}, {"seed": -1}])
def test_impossible_sizes_are_refused(icu: Make, changed: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"data.{next(iter(changed))}"):
        icu(**changed)


def test_there_is_no_column_to_split_by(icu: Make) -> None:
    with pytest.raises(ConfigError, match="synthetic_icu has no column 'fold'"):
        icu().read("fold")
