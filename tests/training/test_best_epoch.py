"""The best epoch, and the end of patience."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.errors import ConfigError, TrainingError
from reprodx.training.best_epoch import BestEpoch, EarlyStopping, LastEpoch

curves = st.lists(st.floats(-10, 10), min_size=1, max_size=30)


def feed(rule: BestEpoch, curve: list[float]) -> list[bool]:
    return [rule.update(epoch, {rule.monitor: value}) for epoch, value in enumerate(curve, start=1)]


@given(curve=curves)
def test_chooses_the_first_of_the_best(curve):
    lowest, highest = BestEpoch(monitor="val/loss", mode="min"), BestEpoch(monitor="val/auroc", mode="max")

    feed(lowest, curve)
    feed(highest, curve)

    assert (lowest.epoch, lowest.value) == (curve.index(min(curve)) + 1, min(curve))
    assert (highest.epoch, highest.value) == (curve.index(max(curve)) + 1, max(curve))


@given(curve=curves)
def test_the_last_epoch_is_kept_whatever_it_is_worth(curve):
    rule = LastEpoch(monitor="val/loss", mode="min")

    assert all(feed(rule, curve))
    assert (rule.epoch, rule.value) == (len(curve), curve[-1])


@given(curve=curves, cut=st.integers(0, 30))
def test_goes_on_from_its_state(curve, cut):
    whole, first, second = (BestEpoch(monitor="val/loss", mode="min") for _ in range(3))

    feed(whole, curve)
    feed(first, curve[:cut])
    second.load_state_dict(first.state_dict())
    for epoch, value in list(enumerate(curve, start=1))[cut:]:
        second.update(epoch, {"val/loss": value})

    assert second.state_dict() == whole.state_dict()


def test_stops_when_patience_has_run_out():
    rule = EarlyStopping(monitor="val/loss", mode="min", patience=2, min_delta=0.1)

    assert feed(rule, [1.0, 0.8, 0.75]) == [True, True, False]
    assert not rule.is_exhausted(3)
    feed(rule, [1.0, 0.8, 0.75, 0.71])
    assert rule.is_exhausted(4)


def test_an_unknown_metric_is_refused_with_the_nearest_name():
    with pytest.raises(ConfigError, match=r"trainer\.select\.monitor: no metric 'val/auc'; did you mean 'val/auroc'"):
        BestEpoch(monitor="val/auc", mode="max")


def test_training_metrics_decide_nothing():
    with pytest.raises(ConfigError, match=r"trainer\.early_stopping\.monitor"):
        EarlyStopping(monitor="train/loss", mode="min", patience=1, min_delta=0.0)


def test_an_undefined_metric_says_why():
    with pytest.raises(TrainingError, match="val/auroc is undefined"):
        BestEpoch(monitor="val/auroc", mode="max").update(1, {"val/loss": 0.5})


@pytest.mark.parametrize(("key", "refused", "accepted"), [("patience", 0, 1), ("min_delta", -0.1, 0.0)])
def test_refuses_values_out_of_range(key, refused, accepted):
    settings = {"monitor": "val/loss", "mode": "min", "patience": 3, "min_delta": 0.0}
    EarlyStopping(**{**settings, key: accepted})

    with pytest.raises(ConfigError, match=f"trainer.early_stopping.{key}"):
        EarlyStopping(**{**settings, key: refused})
