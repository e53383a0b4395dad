"""The attributed number is the logit of the probability that predictions carry."""

import numpy as np
import pytest
import torch
from scipy.special import logit

from reprodx.explanation.log_odds import log_odds
from reprodx.schemas import Task
from reprodx.training.links import Link, class_logits, probabilities

OUTPUTS = np.random.default_rng(0).normal(size=(6, 4))


@pytest.mark.parametrize(
    ("link", "task", "num_outputs", "yes"),
    [
        (Link.SOFTMAX, Task.BINARY, 1, (1,)),
        (Link.SOFTMAX, Task.MULTICLASS, 4, (2,)),
        (Link.SOFTMAX, Task.ORDINAL, 4, (2, 3)),
        (Link.SIGMOID, Task.MULTILABEL, 4, (3,)),
        (Link.CUMULATIVE, Task.ORDINAL, 4, (1, 2, 3, 4)),
        (Link.CUMULATIVE, Task.ORDINAL, 4, (3, 4)),
        (Link.CUMULATIVE, Task.ORDINAL, 4, (4,)),
    ],
)
def test_it_is_the_logit_of_the_predicted_probability(link, task, num_outputs, yes):
    outputs = OUTPUTS[:, :num_outputs]
    probs = probabilities(class_logits(link, outputs), task)[:, list(yes)].sum(axis=1)
    found = log_odds(torch.from_numpy(outputs), link, yes).numpy()
    np.testing.assert_allclose(found, logit(probs), rtol=1e-9)


def test_a_number_added_to_all_logits_changes_nothing():
    outputs = torch.from_numpy(OUTPUTS)
    np.testing.assert_allclose(
        log_odds(outputs + 3, Link.SOFTMAX, (1,)), log_odds(outputs, Link.SOFTMAX, (1,)), rtol=1e-12
    )
