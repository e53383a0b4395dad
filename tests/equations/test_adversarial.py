"""Objectives, networks and steps of adversarial training, against NumPy."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.inputs import Inputs, Modality
from reprodx.training.cases import Cases
from reprodx.training.determinism import Stream
from reprodx.training.determinism import generator as random_stream
from reprodx.training.generation import adversary
from reprodx.training.generation.adversary import AdversarialState, Adversary
from reprodx.training.generation.gan_objectives import discriminator_loss, generator_loss
from tests.equations.gradient_checks import assert_gradients
from tests.equations.numpy_adversary import discriminator, generator
from tests.equations.numpy_gradients import complex_step
from tests.equations.numpy_layers import part
from tests.equations.numpy_losses import (
    discriminator_objective,
    discriminator_slopes,
    generator_objective,
    generator_slopes,
)
from tests.equations.shipped_networks import (
    assert_equal,
    drawn,
    read,
    shipped,
    shipped_trainer,
    weights_of,
)

OBJECTIVES = ["minimax", "non_saturating", "hinge"]
SMALL = {"image_size": (32, 32), "num_channels": 2, "filters": 1, "latent_size": 3}
CLASSES = torch.tensor([2, 0, 1])
LR = 0.1


def draw(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


def small_dcgan(**changes):
    """Return a small network whose weights are drawn so that neither tanh nor the logits run full."""
    network = shipped("dcgan", Modality.IMAGE, **SMALL, **changes)
    for parameter in network.parameters():
        parameter.data *= 0.5
    return network


def stored_pictures():
    values = np.random.default_rng(4).integers(0, 256, size=(3, 32, 32, 2), dtype=np.uint8)
    return Inputs.of_rows(Modality.IMAGE, values, channels=("a", "b"))


def play(network, num_steps=1, **rates):
    """Make steps as shipped on all pictures, by plain gradient descent, and return the noise of each."""
    state = AdversarialState(network, lambda parameters: torch.optim.SGD(parameters, lr=LR))
    for name, rate in rates.items():
        state.optimizers[name].param_groups[0]["lr"] = rate
    module = Adversary(
        state,
        train=Cases(torch.empty(3, 0), CLASSES, stored_pictures()),
        batches=SimpleNamespace(sizes=[3] * num_steps),
        trainer=shipped_trainer(),
        seed=0,
        advance=lambda num: None,
        finish_epoch=lambda metrics: None,
    )
    module.on_train_epoch_start()
    module.training_step([torch.arange(3)] * num_steps, 0)
    noise = random_stream(0, 1, Stream.NOISE)
    return [torch.randn(3, network.latent_size, generator=noise).double().numpy() for _ in range(num_steps)]


@pytest.mark.parametrize("objective", OBJECTIVES)
@settings(max_examples=12)
@given(seed=st.integers(0, 1000), num_cases=st.integers(1, 6), smoothing=st.sampled_from([0.0, 0.1, 0.3]))
def test_what_the_discriminator_minimises(objective, seed, num_cases, smoothing):
    smoothing = 0.0 if objective == "hinge" else smoothing
    real, generated = (draw(num_cases, seed=(seed, number)) * 2 for number in range(2))
    expected = discriminator_slopes(objective, real.numpy(), generated.numpy(), smoothing)

    loss = discriminator_loss(objective, real.requires_grad_(), generated.requires_grad_(), smoothing)
    loss.backward()

    both = real.detach().numpy(), generated.detach().numpy()
    assert_equal(loss, discriminator_objective(objective, *both, smoothing))
    assert_equal(real.grad, expected[0])
    assert_equal(generated.grad, expected[1])


@pytest.mark.parametrize("objective", OBJECTIVES)
@settings(max_examples=12)
@given(seed=st.integers(0, 1000), num_cases=st.integers(1, 6))
def test_what_the_generator_minimises(objective, seed, num_cases):
    generated = draw(num_cases, seed=seed) * 2

    loss = generator_loss(objective, generated.requires_grad_())
    loss.backward()

    logits = generated.detach().numpy()
    assert_equal(loss, generator_objective(objective, logits))
    assert_equal(generated.grad, generator_slopes(objective, logits))


def test_minimax_is_one_game_and_the_other_gradient_does_not_vanish():
    """Goodfellow et al., 2014, section 3: where D is sure, minimax teaches the generator nothing, - log D all."""
    sure = torch.tensor([-40.0], dtype=torch.float64, requires_grad=True)

    slopes = {name: torch.autograd.grad(generator_loss(name, sure), sure)[0].item() for name in OBJECTIVES}

    assert slopes["minimax"] == pytest.approx(0, abs=1e-15)
    assert slopes["non_saturating"] == slopes["hinge"] == -1
    real = torch.tensor([40.0], dtype=torch.float64)
    value = discriminator_loss("minimax", real, sure, 0.0) - discriminator_loss("minimax", real, sure + 1, 0.0)
    gain = generator_loss("minimax", sure) - generator_loss("minimax", sure + 1)
    assert value.item() == pytest.approx(-gain.item(), rel=1e-9)


@pytest.mark.parametrize("smoothing", [0.1, 0.25])
def test_smoothed_labels_make_the_discriminator_aim_at_them(smoothing):
    """Salimans et al., 2016, section 3.4: the best D of a real picture is 1 - s; generated ones stay at 0."""
    real, generated = torch.tensor([np.log((1 - smoothing) / smoothing)]).double(), torch.zeros(1).double()
    slopes = torch.autograd.grad(
        discriminator_loss("non_saturating", real.requires_grad_(), generated.requires_grad_(), smoothing),
        (real, generated),
    )

    assert slopes[0].item() == pytest.approx(0, abs=1e-12)
    assert slopes[1].item() == pytest.approx(0.5)


@pytest.mark.parametrize("conditional", [True, False])
@pytest.mark.parametrize("is_training", [True, False])
def test_the_generator_follows_its_equations(is_training, conditional):
    network, noise = small_dcgan(conditional=conditional).generator.train(is_training), draw(3, 3)
    picture_weights = draw(3, 2, 32, 32, seed=1)

    assert_gradients(
        network,
        lambda: (network(noise, CLASSES) * picture_weights).sum(),
        lambda weights: (
            generator(weights, noise.numpy(), CLASSES.numpy(), is_training=is_training) * picture_weights.numpy()
        ).sum(),
        most=2,
    )


@pytest.mark.parametrize("conditional", [True, False])
@pytest.mark.parametrize(("spectral_norm", "is_training"), [(True, False), (False, False), (False, True)])
def test_the_discriminator_follows_its_equations(spectral_norm, is_training, conditional):
    changes = {"spectral_norm": spectral_norm, "conditional": conditional}
    network, images = small_dcgan(**changes).discriminator.train(is_training), draw(3, 2, 32, 32)
    logit_weights = draw(3, seed=1)

    assert_gradients(
        network,
        lambda: (network(images, CLASSES) * logit_weights).sum(),
        lambda weights: (
            discriminator(weights, images.numpy(), CLASSES.numpy(), is_training=is_training) * logit_weights.numpy()
        ).sum(),
        most=2,
    )


def test_spectral_normalisation_settles_at_the_largest_singular_value():
    network = drawn(shipped("dcgan", Modality.IMAGE, **SMALL, spectral_norm=True)).discriminator
    layers = [*network.layers, network.head, network.embedding]
    with torch.no_grad():
        for _ in range(300):
            network(draw(2, 2, 32, 32), CLASSES[:2])

    norms = [np.linalg.norm(each.weight.detach().flatten(1).numpy(), 2) for each in layers if hasattr(each, "weight")]

    assert len(norms) == 5
    np.testing.assert_allclose(norms, 1, rtol=1e-6)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_each_player_s_step_goes_down_its_own_gradient(objective, monkeypatch):
    """Goodfellow et al., 2014, algorithm 1 with k = 1: the discriminator first, then the generator against it."""
    # Pictures stay where they are: a shift is part of no objective.
    monkeypatch.setattr(adversary, "SHIFT", 1000)
    smoothing = 0.0 if objective == "hinge" else 0.1
    network = small_dcgan(objective=objective, label_smoothing=smoothing, spectral_norm=False)
    before = {name: weights_of(getattr(network, name)) for name in ("generator", "discriminator")}
    real = stored_pictures().values.transpose(0, 3, 1, 2) / 127.5 - 1

    (noise,) = play(network)

    after = {name: weights_of(getattr(network, name)) for name in before}
    classes = CLASSES.numpy()

    def discriminator_value(weights):
        made = generator(before["generator"], noise, classes, is_training=True)
        logits = [discriminator(weights, images, classes, is_training=True) for images in (real, made)]
        return discriminator_objective(objective, *logits, smoothing)

    def generator_value(weights):
        made = generator(weights, noise, classes, is_training=True)
        return generator_objective(objective, discriminator(after["discriminator"], made, classes, is_training=True))

    for player, value in (("discriminator", discriminator_value), ("generator", generator_value)):
        for name, (places, expected) in complex_step(value, before[player], most=2).items():
            moved = (before[player][name] - after[player][name]).ravel()[places]
            # Pictures are divided by 255 in single precision's nearest numbers and the weights are of the order of 1.
            np.testing.assert_allclose(moved, LR * expected, rtol=1e-6, atol=1e-13, err_msg=f"{player} {name}")


@pytest.mark.parametrize("resting", ["generator", "discriminator"])
def test_a_player_that_rests_is_not_changed_by_the_other_s_step(resting):
    network = small_dcgan()
    before = [parameter.detach().clone() for parameter in network.parameters()]
    names = [name for name, _ in network.named_parameters()]

    play(network, num_steps=2, **{resting: 0.0})

    changed = {name for name, old, new in zip(names, before, network.parameters(), strict=True) if not old.equal(new)}
    playing = "discriminator" if resting == "generator" else "generator"
    assert not [name for name in changed if name.startswith(resting)]
    assert {name for name in names if name.startswith(playing)} <= changed


def test_a_step_forgets_the_gradients_of_the_one_before():
    fresh, used = small_dcgan(), small_dcgan()
    used.load_state_dict(fresh.state_dict())
    for parameter in used.parameters():
        parameter.grad = torch.ones_like(parameter)

    for network in (fresh, used):
        play(network)

    weights = zip(fresh.parameters(), used.parameters(), strict=True)
    assert all(expected.equal(found) for expected, found in weights)


def test_each_player_has_its_own_optimizer_of_all_its_weights():
    network = small_dcgan()
    state = AdversarialState(network, lambda parameters: torch.optim.SGD(parameters, lr=LR))

    for name, optimizer in state.optimizers.items():
        held = {id(weight) for group in optimizer.param_groups for weight in group["params"]}
        assert held == {id(weight) for weight in getattr(network, name).parameters()}


def test_the_average_follows_the_generator():
    """Yazici et al., ICLR 2019, equation 2: d average + (1 - d) weights, from the first step's weights on."""
    network, decay = small_dcgan(), read("model/dcgan")[1]["ema_decay"]
    play(network)
    first = weights_of(network.generator)
    play(network)
    second, average = weights_of(network.generator), part(weights_of(network.averaged_generator), "module")

    for name, weight in second.items():
        if not name.endswith("num_batches_tracked"):
            assert_equal(average[name], decay * first[name] + (1 - decay) * weight, name)
