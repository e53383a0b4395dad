"""The objectives beside their definitions in probabilities, and where those overflow."""

import math

import pytest
import torch

from reprodx.training.generation.gan_objectives import discriminator_loss, generator_loss

REAL, GENERATED = (torch.tensor(values, dtype=torch.float64) for values in ([1.5, -0.3, 4.0], [-2.0, 0.7, 0.1]))


@pytest.mark.parametrize("objective", ["minimax", "non_saturating"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_discriminator_minimises_cross_entropy(objective, smoothing):
    p, q = REAL.sigmoid(), GENERATED.sigmoid()
    expected = -((1 - smoothing) * p.log() + smoothing * (1 - p).log()).mean() - (1 - q).log().mean()

    torch.testing.assert_close(discriminator_loss(objective, REAL, GENERATED, smoothing), expected)


def test_labels_are_smoothed_for_real_pictures_alone():
    def gradient(logits):
        logits = logits.clone().requires_grad_()
        return logits, lambda loss: torch.autograd.grad(loss, logits)[0]

    real, gradient_of_real = gradient(torch.logit(torch.full((1,), 0.9, dtype=torch.float64)))
    far_away, gradient_of_generated = gradient(torch.full((1,), -40.0, dtype=torch.float64))

    assert abs(gradient_of_real(discriminator_loss("non_saturating", real, GENERATED, 0.1))) < 1e-12
    assert abs(gradient_of_generated(discriminator_loss("non_saturating", REAL, far_away, 0.1))) < 1e-12


def test_the_generator_minimises_what_its_objective_says():
    q = GENERATED.sigmoid()

    torch.testing.assert_close(generator_loss("minimax", GENERATED), (1 - q).log().mean())
    torch.testing.assert_close(generator_loss("non_saturating", GENERATED), -q.log().mean())
    torch.testing.assert_close(generator_loss("hinge", GENERATED), -GENERATED.mean())


def test_hinge_is_by_hand():
    # max(0, 1 - l) of 1.5, -0.3, 4 is 0, 1.3, 0; max(0, 1 + l) of -2, 0.7, 0.1 is 0, 1.7, 1.1.
    expected = torch.tensor(1.3 / 3 + 2.8 / 3, dtype=torch.float64)

    torch.testing.assert_close(discriminator_loss("hinge", REAL, GENERATED, 0.0), expected)


@pytest.mark.parametrize("objective", ["minimax", "non_saturating", "hinge"])
def test_every_generator_gains_by_higher_logits_and_every_discriminator_by_lower_ones(objective):
    logits = GENERATED.clone().requires_grad_()

    assert (torch.autograd.grad(generator_loss(objective, logits), logits)[0] < 0).all()
    of_discriminator = torch.autograd.grad(discriminator_loss(objective, REAL, logits, 0.0), logits)[0]
    assert (of_discriminator >= 0).all()
    assert (of_discriminator > 0).any()


def test_only_the_non_saturating_generator_learns_from_a_sure_discriminator():
    logits = torch.tensor([-30.0], requires_grad=True)
    minimax, non_saturating = (
        float(torch.autograd.grad(generator_loss(objective, logits), logits)[0])
        for objective in ("minimax", "non_saturating")
    )

    assert -1e-12 < minimax < 0
    assert math.isclose(non_saturating, -1, abs_tol=1e-6)


@pytest.mark.parametrize("objective", ["minimax", "non_saturating", "hinge"])
def test_logits_of_a_thousand_give_finite_losses(objective):
    far = torch.tensor([1000.0, -1000.0])

    assert discriminator_loss(objective, far, far, 0.1).isfinite()
    assert generator_loss(objective, far).isfinite()
