"""The loss of a configuration knows the training cases."""

import pytest

from reprodx.errors import ConfigError
from reprodx.schemas import TRAIN
from reprodx.training.cases import cases_of
from reprodx.training.configured_loss import configured_loss

CROSS_ENTROPY = {"name": "ce", "_target_": "reprodx.training.losses.CrossEntropy"}


def test_balanced_weights_are_of_the_training_cases(make_config, make_prepared):
    prepared = make_prepared(num_classes=3)
    train = cases_of(prepared, TRAIN)
    config = make_config(loss={**CROSS_ENTROPY, "class_weights": "balanced"})

    weights = configured_loss(config, prepared, train).class_weights

    assert weights.tolist() == pytest.approx((len(train) / (3 * train.targets.bincount())).tolist())


def test_weights_of_other_classes_are_refused(make_config, make_prepared):
    prepared = make_prepared()
    config = make_config(loss={**CROSS_ENTROPY, "class_weights": [1.0, 2.0, 3.0]})

    with pytest.raises(ConfigError, match=r"trainer\.loss\.class_weights"):
        configured_loss(config, prepared, cases_of(prepared, TRAIN))
