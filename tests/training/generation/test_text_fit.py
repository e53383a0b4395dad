"""A text generator is fitted the same way each time, also where it was interrupted, and keeps its best epoch."""

import logging
import math

import numpy as np
import pytest
import torch

from reprodx.errors import ConfigError
from reprodx.training.generation.text_sampling import sample_texts, text_losses

STEP = {"name": "step", "_target_": "torch.optim.lr_scheduler.StepLR", "step_size": 1, "gamma": 0.5}
STOPPING = {"_target_": "reprodx.training.best_epoch.EarlyStopping", "monitor": "val/loss", "mode": "min"}


def assert_equal_weights(one, other):
    others = other.state_dict()
    assert [name for name, weights in one.state_dict().items() if not torch.equal(weights, others[name])] == []


def test_equal_settings_give_equal_weights_and_samples(run_fit):
    one, other, another = run_fit(), run_fit(), run_fit(seed=1)

    assert_equal_weights(one.fit.network, other.fit.network)
    assert one.fit.history == other.fit.history
    assert [texts for _, texts, _ in one.samples] == [texts for _, texts, _ in other.samples]
    assert one.fit.history != another.fit.history


@pytest.mark.parametrize(("cell", "interrupted_after"), [("rnn", 1), ("lstm", 2), ("rnn", 3)])
def test_an_interrupted_fit_goes_on_to_the_same_end(run_fit, architecture, tmp_path, caplog, cell, interrupted_after):
    node = {**architecture, "cell": cell, "dropout": 0.4}
    changes = {"node": node, "max_epochs": 4, "scheduler": STEP, "gradient_clip_norm": 0.5}
    whole = run_fit(**changes)

    assert run_fit(**changes, folder=tmp_path / "interrupted", stop_after=interrupted_after) is None
    with caplog.at_level(logging.INFO):
        resumed = run_fit(**changes, folder=tmp_path / "interrupted")

    assert f"resumed after epoch {interrupted_after} of 4" in caplog.text
    # Those before are logged again, as the run may be another one.
    assert resumed.epochs == whole.epochs
    assert_equal_weights(resumed.fit.network, whole.fit.network)
    assert (resumed.fit.history, resumed.fit.best_epoch) == (whole.fit.history, whole.fit.best_epoch)
    assert resumed.samples[-1] == whole.samples[-1]


def test_samples_are_drawn_every_so_often_and_after_the_last_epoch(run_fit):
    run = run_fit(max_epochs=5, samples_every=2)

    assert [epoch for epoch, _, _ in run.samples] == [2, 4, 5]
    assert {len(texts) for _, texts, _ in run.samples} == {8}
    assert all(classes == [0, 1] * 4 for _, _, classes in run.samples)
    assert run.samples[0][1] != run.samples[2][1]


def test_samples_are_those_of_the_network_at_the_time(run_fit):
    run = run_fit(max_epochs=2)
    classes = np.arange(8) % 2

    drawn = sample_texts(run.fit.network, classes, seed=0, temperature=1.0, max_tokens=12)

    assert run.fit.best_epoch == 2
    assert run.samples[-1][1] == [text.tolist() for text in drawn]


def test_samples_of_texts_without_a_limit_are_as_long_as_the_longest(run_fit, text_cases):
    run = run_fit(max_epochs=1, samples_every=1, limit=None)

    longest = int(text_cases[0].inputs.lengths.max())
    assert max(len(text) for text in run.samples[0][1]) == longest


def test_the_network_has_the_weights_of_the_best_epoch(run_fit, text_cases):
    fit = run_fit(max_epochs=6, optimizer={"name": "sgd", "_target_": "torch.optim.SGD", "lr": 40.0}).fit

    losses = [metrics["val/loss"] for metrics in fit.history]
    assert fit.best_epoch == int(np.argmin(losses)) + 1 < fit.num_epochs == 6
    nats, counts = text_losses(fit.network, text_cases[1].inputs, text_cases[1].targets.numpy())
    assert nats.sum() / counts.sum() == pytest.approx(min(losses), rel=1e-6)
    assert not fit.network.training


def test_patience_ends_the_fit_with_a_sheet_of_samples(run_fit):
    frozen = {"name": "sgd", "_target_": "torch.optim.SGD", "lr": 0.0}
    run = run_fit(
        max_epochs=9, samples_every=7, optimizer=frozen, early_stopping={**STOPPING, "patience": 2, "min_delta": 0.0}
    )

    assert (run.fit.num_epochs, run.fit.best_epoch) == (3, 1)
    assert [epoch for epoch, _, _ in run.samples] == [3]


def test_what_the_texts_repeat_is_learned(run_fit):
    run = run_fit(
        max_epochs=40, samples_every=40, optimizer={"name": "adam", "_target_": "torch.optim.Adam", "lr": 0.05}
    )

    # Two tokens in turn, the first known from the class; when a text ends is all that is not known.
    assert run.fit.history[-1]["val/perplexity"] < math.sqrt(3)
    for text, label in zip(run.samples[-1][1], run.samples[-1][2], strict=True):
        first = 2 if label else 4
        assert text == [first + place % 2 for place in range(len(text))]


def test_a_balanced_fit_draws_classes_alike(run_fit):
    assert run_fit(sampling="balanced").fit.history != run_fit().fit.history


def test_labels_are_no_class_to_be_told(run_fit, architecture):
    run = run_fit(node={**architecture, "conditional": False, "num_classes": 1}, labels=True)

    assert run.fit.num_epochs == 3
    assert run.samples[-1][2] == [0] * 8


@pytest.mark.parametrize("section", ["select", "early_stopping"])
def test_metrics_of_a_diagnosis_choose_no_generator(run_fit, section):
    rule = {**STOPPING, "patience": 2, "min_delta": 0.0} if section == "early_stopping" else {}
    target = "EarlyStopping" if section == "early_stopping" else "BestEpoch"
    rule |= {"_target_": f"reprodx.training.best_epoch.{target}", "monitor": "val/auroc", "mode": "max"}

    with pytest.raises(ConfigError, match=rf"trainer\.{section}\.monitor: val/auroc .* val/loss"):
        run_fit(**{section: rule})
