"""Mixtures whose targets say what they are made of."""

import pytest
import torch
from scipy import stats

from reprodx.augmentation.mixup import Mixup
from reprodx.errors import ConfigError


def mixed(values, targets, *, alpha=1.0, seed=0, num_classes=3):
    return Mixup(alpha=alpha, num_classes=num_classes)(values, targets, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(3,), (3, 4, 4), (7, 3)], ids=["table", "image", "signal"])
def test_values_and_targets_are_mixed_with_the_same_shares(shape):
    targets = torch.arange(24) % 3
    # Each case is filled with the one-hot code of its class along an axis of three.
    values = torch.nn.functional.one_hot(targets, 3).float()
    axis = 1 + shape.index(3)
    values = values.reshape(24, *[3 if at == axis else 1 for at in range(1, len(shape) + 1)]).expand(24, *shape)
    mixtures, shares = mixed(values, targets)

    assert shares.shape == (24, 3)
    assert torch.allclose(shares.sum(dim=1), torch.ones(24))
    others = [at for at in range(1, len(shape) + 1) if at != axis]
    assert torch.allclose(mixtures.mean(dim=others) if others else mixtures, shares)
    assert ((shares > 0.01) & (shares < 0.99)).any()


def test_labels_of_a_multilabel_task_are_mixed_as_they_are():
    labels = torch.tensor([[1.0, 1.0], [0.0, 0.0]]).repeat(20, 1)
    mixtures, shares = mixed(labels, labels, num_classes=2)

    assert torch.equal(mixtures, shares)
    assert torch.equal(shares[:, 0], shares[:, 1])


def test_the_weights_are_of_the_beta_distribution():
    # Half of the cases are 0 and half 1: a mixture of unlike ones is the weight of one of them.
    values = torch.tensor([0.0, 1.0]).repeat(2_000)[:, None]
    mixtures, _ = mixed(values, values[:, 0].long(), alpha=0.4, num_classes=2)
    weights = mixtures[(mixtures > 0) & (mixtures < 1)].double().numpy()

    assert len(weights) > 1_500
    assert stats.kstest(weights, stats.beta(0.4, 0.4).cdf).pvalue > 1e-3


def test_the_generator_decides_and_the_global_one_is_untouched():
    values, targets = torch.rand(10, 4), torch.arange(10) % 3
    state = torch.get_rng_state()
    first = mixed(values, targets, seed=1)

    assert torch.equal(mixed(values, targets, seed=1)[0], first[0])
    assert not torch.equal(mixed(values, targets, seed=2)[0], first[0])
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("alpha", [0.0, -1.0])
def test_refuses_a_distribution_that_does_not_exist(alpha):
    with pytest.raises(ConfigError, match=r"augmentation\.alpha"):
        Mixup(alpha=alpha, num_classes=2)
