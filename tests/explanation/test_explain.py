"""From predictions and a model folder to the content of the explanations file."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from reprodx.artifacts.explanations import FailureKind, write_explanations
from reprodx.explanation.explain import explain
from reprodx.training.determinism import reproducible

NEGATIVE, POSITIVE, WRONG = FailureKind


def run(model, settings):
    with reproducible(1):
        return explain(model.predictions, model.prepared, model.folder, settings)


@pytest.mark.parametrize("name", ["mlp", "boosting", "resnet18", "resnet1d", "lstm", "transformer"])
def test_the_same_configuration_gives_the_same_bytes(stored, settings, tmp_path, name):
    files = []
    for place in ("first", "again"):
        write_explanations(tmp_path / place, run(stored(name), settings))
        files.append((tmp_path / place).read_bytes())
    assert files[0] == files[1]
    other = run(stored(name), replace(settings, bootstrap_seed=9))
    write_explanations(tmp_path / "other", other)
    assert (tmp_path / "other").read_bytes() != files[0]


def test_the_first_of_each_kind_are_attributed(stored, settings):
    found = run(stored("mlp"), settings)
    assert found.reason is None
    assert [one.kind for one in found.failures] == [NEGATIVE] * 2 + [POSITIVE] * 3
    kinds = [(one.case_id, one.kind) for one in found.attributions]
    listed = [(one.case_id, one.kind) for one in found.failures]
    assert kinds == listed[:4]
    assert found.method == "integrated gradients"
    correlations = [one.rank_correlation for one in found.attributions]
    assert found.randomisation.correlation == pytest.approx(np.mean(correlations), rel=1e-4)
    assert found.randomisation.num_cases == 4
    means = dict(found.mean_absolute)
    for name in means:
        values = [abs(dict(one.features)[name]) for one in found.attributions]
        assert means[name] == pytest.approx(np.mean(values), rel=1e-4)


def test_an_estimator_has_no_check_and_says_why(stored, settings):
    found = run(stored("boosting"), settings)
    assert found.method == "sampled Shapley values"
    assert found.randomisation.correlation is None
    assert "no parameters" in (found.randomisation.reason or "")
    assert all(one.features and one.rank_correlation is None for one in found.attributions)


def test_a_picture_has_a_mean_map_and_a_signal_its_leads(stored, settings):
    pictures, signals = run(stored("resnet18"), settings), run(stored("resnet1d"), settings)
    grids = np.abs([one.grid for one in pictures.attributions])
    np.testing.assert_allclose(pictures.mean_grid, grids.mean(axis=0), rtol=1e-4)
    assert (pictures.channels, pictures.mean_absolute) == ((), ())
    assert signals.channels == ("I", "II")
    means = dict(signals.mean_absolute)
    windows = np.abs([one.grid[1] for one in signals.attributions]).sum(axis=1)
    assert means["II"] == pytest.approx(windows.mean(), rel=1e-4)
    assert set(means) > {"I", "feature0"}


def test_a_text_keeps_positions_and_no_tokens(stored, settings):
    model = stored("transformer")
    found = run(model, settings)
    one = found.attributions[0]
    row = model.prepared.cases["case_id"].to_list().index(one.case_id)
    assert len(one.grid) == 1
    assert len(one.grid[0]) == one.num_steps == model.prepared.inputs.lengths[row]
    assert (found.mean_absolute, found.channels) == ((), ())
    keys = set(asdict(found)) | set(asdict(one))
    assert not {"tokens", "values", "words"} & keys


def test_grades_are_asked_for_the_upper_ones(stored, settings):
    model = stored("mlp", architecture=None, task="ordinal", num_classes=2)
    found = run(model, settings)
    above = model.predictions.table["prob_class1"]
    ids = model.prepared.cases["case_id"].to_list()
    for one in found.attributions:
        prob = above[ids.index(one.case_id)]
        assert one.log_odds == pytest.approx(np.log(prob / (1 - prob)), rel=1e-5)


def test_several_classes_are_asked_for_the_one_that_was_called(stored, settings):
    architecture = {
        "_target_": "reprodx.models.logistic.Logistic",
        "text_penalty": 1.0,
        "num_features": 5,
        "num_outputs": 3,
    }
    model = stored("logistic", architecture=architecture, task="multiclass", num_classes=3)
    found = run(model, settings)
    assert {one.kind for one in found.attributions} == {WRONG}
    for one, failure in zip(found.attributions, found.failures, strict=False):
        odds = np.log(failure.probability / (1 - failure.probability))
        assert (one.question, one.log_odds) == (failure.question, pytest.approx(odds, rel=1e-5))


@pytest.mark.parametrize("change", [{"num_attributed": 0}, {"num_failures": 0}])
def test_where_none_is_asked_for_there_is_none(stored, settings, change):
    found = run(stored("mlp"), replace(settings, **change))
    assert found.attributions == ()
    assert found.reason == "the configuration asks for none"
    assert len(found.failures) == (5 if "num_attributed" in change else 0)


def test_a_model_without_failures_has_nothing_to_attribute(stored, settings):
    model = stored("mlp")
    table = model.predictions.table
    threshold = {"value": 0.5, "rule": "fixed", "chosen_on": "val"}
    right = table.with_columns(
        prob_class1=(table["y_true"] == "class1").cast(float), prob_class0=(table["y_true"] == "class0").cast(float)
    )
    predictions = replace(
        model.predictions, table=right, metadata={**model.predictions.metadata, "threshold": threshold}
    )
    found = run(replace(model, predictions=predictions), settings)
    assert (found.failures, found.reason) == ((), "the test split has no failure")


def test_what_captum_cannot_take_leaves_the_list_and_the_reason(stored, settings, monkeypatch):
    from reprodx.models.mlp import MLP

    model = stored("mlp")
    monkeypatch.setattr(MLP, "forward", lambda self, features: features.detach()[:, :1])
    found = run(model, settings)
    assert found.attributions == ()
    assert "captum cannot attribute the answers of MLP" in (found.reason or "")
    assert len(found.failures) == 5
