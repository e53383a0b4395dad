"""Synthetic electrocardiograms: plainly called so, the same from the same seed, and with the signs of each class."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GroupKFold, cross_val_predict

from reprodx.datasets.heart_dipole import LEADS
from reprodx.datasets.synthetic_ecg import SyntheticEcg
from reprodx.datasets.synthetic_heart import CLASSES, CONDUCTION, NORMAL, ST_T
from reprodx.datasets.wfdb_files import decode
from reprodx.errors import ConfigError
from reprodx.preparation.summaries.signal import SignalSummary

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.schemas import RawCases

    Make = Callable[..., SyntheticEcg]


@pytest.fixture
def ecg(settings: Callable[[str], dict[str, Any]]) -> Make:
    """Return a function from changed settings to a small set."""
    return lambda **overrides: SyntheticEcg(**{**settings("synthetic_ecg"), "num_patients": 80, **overrides})


def mean_shape(raw: RawCases, truth: str) -> np.ndarray:
    assert raw.inputs is not None
    rows = np.flatnonzero((raw.cases["y_true"] == truth).to_numpy())
    return raw.inputs.select(rows).gathered()


def test_everything_says_that_it_is_synthetic(ecg: Make) -> None:
    assert yaml.safe_load(Path("conf/data/synthetic_ecg.yaml").read_text(encoding="utf-8"))["name"].startswith("synth")
    raw = ecg().read(None)
    assert raw.card.startswith("# SYNTHETIC")
    assert raw.reference_standard is not None
    assert raw.reference_standard.startswith("synthetic")


def test_patients_share_sex_age_and_site_over_their_records(ecg: Make) -> None:
    raw = ecg().read(None)
    assert raw.classes == CLASSES
    assert set(raw.cases["y_true"]) == set(CLASSES)
    by_patient = raw.cases.group_by("patient_id").n_unique()
    for column in ("site", "group_sex", "group_age"):
        assert by_patient[column].max() == 1
        assert raw.cases[column].n_unique() > 1
    sizes = raw.cases.group_by("patient_id").len()["len"]
    assert (by_patient.height, sizes.min(), sizes.max()) == (80, 1, 3)
    assert raw.cases["case_id"].is_unique().all()
    assert raw.features.shape == (raw.cases.height, 0)


def test_signals_have_the_form_that_serving_reads(ecg: Make, tmp_path: Path) -> None:
    raw = ecg(seconds=2.0, sampling_rate=125).read(None, scratch=tmp_path)
    assert raw.inputs is not None
    assert isinstance(raw.inputs.values, np.memmap)
    assert raw.inputs.values.shape == (raw.cases.height, 250, 12)
    assert raw.inputs.values.dtype == np.float32
    assert raw.inputs.channels == LEADS
    assert np.isfinite(raw.inputs.values).all()
    file = io.BytesIO()
    np.save(file, raw.inputs[3])
    np.testing.assert_array_equal(decode(file.getvalue(), raw.inputs.settings), raw.inputs[3])


def test_the_seed_decides_everything(ecg: Make) -> None:
    first, again, other = ecg().read(None), ecg().read(None), ecg(seed=1).read(None)
    assert first.cases.equals(again.cases)
    assert not first.cases.equals(other.cases)
    assert first.inputs is not None
    assert again.inputs is not None
    np.testing.assert_array_equal(first.inputs.values, again.inputs.values)


def test_limb_leads_agree_without_noise(ecg: Make) -> None:
    values = ecg(noise=0.0).read(None).inputs.values.astype(np.float64)
    lead = {name: values[..., position] for position, name in enumerate(LEADS)}
    np.testing.assert_allclose(lead["I"] + lead["III"], lead["II"], atol=1e-5)


def test_v1_tells_the_two_blocks_apart_and_v5_shows_depression(ecg: Make) -> None:
    raw = ecg(noise=0.0, num_patients=150).read(None)
    v1, v5 = (LEADS.index(lead) for lead in ("V1", "V5"))
    normal, blocked, depressed = (mean_shape(raw, truth) for truth in (NORMAL, CONDUCTION, ST_T))
    # R' of right block lifts V1 in some; QS of left block widens it in others.
    assert np.quantile(blocked[..., v1].max(axis=1), 0.75) > np.quantile(normal[..., v1].max(axis=1), 0.75)
    assert np.median(depressed[..., v5].mean(axis=1)) < np.median(normal[..., v5].mean(axis=1))


def test_the_classes_can_be_learnt_but_not_by_a_linear_model_of_samples(ecg: Make) -> None:
    raw = ecg(num_patients=200).read(None)
    assert raw.inputs is not None
    samples = raw.inputs.values[:, ::5].reshape(len(raw.inputs), -1)
    measured = SignalSummary.fit(raw.inputs, None).apply(raw.inputs)
    truth, patients = raw.cases["y_true"].to_numpy(), raw.cases["patient_id"].to_numpy()
    accuracies = [
        (cross_val_predict(RidgeClassifier(1000), features, truth, groups=patients, cv=GroupKFold(4)) == truth).mean()
        for features in (samples, measured)
    ]
    assert accuracies[0] < 0.6
    assert 0.7 < accuracies[1] < 0.95


@pytest.mark.parametrize(
    "changed", [{"num_patients": 7}, {"max_records": 0}, {"sampling_rate": 20}, {"seconds": 0.1}, {"noise": -1.0}]
)
def test_impossible_sizes_are_refused(ecg: Make, changed: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"data.{next(iter(changed))}"):
        ecg(**changed)


def test_there_is_no_column_to_split_by(ecg: Make) -> None:
    with pytest.raises(ConfigError, match="synthetic_ecg has no column 'fold'"):
        ecg().read("fold")
