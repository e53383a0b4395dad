"""One epoch of adversarial training beside a bare loop of two optimizers, and what its state keeps."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from reprodx.errors import TrainingError
from reprodx.models.dcgan import DCGAN
from reprodx.training.cases import cases_of
from reprodx.training.checkpoint import Checkpoint
from reprodx.training.determinism import Stream, generator, reproducible, reseed_network
from reprodx.training.epochs import run_epochs
from reprodx.training.generation.adversary import AdversarialState, Adversary
from reprodx.training.index_batches import IndexBatches

SEED, BATCH_SIZE, NUM_STEPS = 3, 8, 3


def make_network() -> DCGAN:
    torch.manual_seed(0)
    return DCGAN(
        num_channels=3,
        image_size=(32, 32),
        num_classes=2,
        latent_size=4,
        filters=2,
        objective="non_saturating",
        label_smoothing=0.1,
        spectral_norm=True,
        conditional=True,
        ema_decay=0.75,
    ).double()


def make_optimizer(parameters) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=0.01, betas=(0.5, 0.999))


def run_epoch(state: AdversarialState, train, trainer) -> dict[str, float]:
    module = Adversary(
        state,
        train=train,
        batches=IndexBatches(len(train), BATCH_SIZE, 1, seed=SEED, epoch=lambda: state.num_epochs + 1),
        trainer=trainer,
        seed=SEED,
        advance=lambda number: None,
        finish_epoch=lambda metrics: state.history.append(metrics),
    )
    with reproducible(1):
        run_epochs(module, 1, trainer, Checkpoint(Path("unused"), ""))
    return state.history[-1]


@pytest.fixture
def train(pictures):
    return cases_of(pictures, "train")


@pytest.fixture
def trainer(make_config):
    return make_config(precision="64-true").trainer


def shifted(images: torch.Tensor, noises: torch.Generator) -> torch.Tensor:
    """Move each picture by up to 4 of its 32 pixels over a black ground."""
    moved = torch.full_like(images, -1.0)
    for number, (y, x) in enumerate(torch.randint(9, (len(images), 2), generator=noises)):
        down, right = 4 - int(y), 4 - int(x)
        rows, columns = (slice(max(step, 0), 32 + min(step, 0)) for step in (down, right))
        taken = (slice(max(-step, 0), 32 - max(step, 0)) for step in (down, right))
        moved[number, :, rows, columns] = images[number, :, *taken]
    return moved


def bare_epoch(network: DCGAN, train) -> np.ndarray:
    """Return the mean over the steps of both losses and both accuracies."""
    of_generator, of_discriminator = (
        make_optimizer(each.parameters()) for each in (network.generator, network.discriminator)
    )
    images = torch.from_numpy(train.inputs.gathered()).permute(0, 3, 1, 2).double() / 127.5 - 1
    average = None
    order = torch.randperm(len(train), generator=generator(SEED, 1, Stream.ORDER))
    noises = generator(SEED, 1, Stream.NOISE)
    reseed_network(SEED, 1)
    metrics = []
    for rows in order.split(BATCH_SIZE):
        classes = train.targets[rows]
        generated = network.generator(torch.randn(len(rows), 4, generator=noises).double(), classes)
        real_logits = network.discriminator(shifted(images[rows], noises), classes)
        generated_logits = network.discriminator(shifted(generated.detach(), noises), classes)
        loss = cross_entropy(real_logits, torch.full_like(real_logits, 0.9)) + cross_entropy(
            generated_logits, torch.zeros_like(generated_logits)
        )
        of_discriminator.zero_grad()
        loss.backward()
        of_discriminator.step()
        logits = network.discriminator(shifted(generated, noises), classes)
        answer = cross_entropy(logits, torch.ones_like(logits))
        of_generator.zero_grad()
        answer.backward()
        of_generator.step()
        weights = [each.detach().clone() for each in network.generator.parameters()]
        average = weights if average is None else [
            0.75 * old + 0.25 * new for old, new in zip(average, weights, strict=True)
        ]  # fmt: skip
        accuracies = [(real_logits > 0).double().mean(), (generated_logits < 0).double().mean()]
        metrics.append([float(each.detach()) for each in (loss, answer, *accuracies)])
    for target, value in zip(network.averaged_generator.parameters(), average, strict=True):
        target.copy_(value)
    return np.mean(metrics, axis=0)


def test_an_epoch_is_that_of_a_bare_loop_of_two_optimizers(train, trainer):
    state, bare = AdversarialState(make_network(), make_optimizer), make_network()

    metrics = run_epoch(state, train, trainer)
    with reproducible(1):
        expected = bare_epoch(bare, train)

    names = ("discriminator_loss", "generator_loss", "accuracy_real", "accuracy_generated")
    assert [metrics[f"train/{name}"] for name in names] == pytest.approx(list(expected), rel=1e-9)
    weights, bare_weights = dict(state.network.named_parameters()), dict(bare.named_parameters())
    for name, weight in weights.items():
        torch.testing.assert_close(weight, bare_weights[name], rtol=1e-9, atol=1e-12, msg=name)
    started = make_network().state_dict()
    assert not any(torch.equal(weight, started[name]) for name, weight in weights.items())


def test_a_state_goes_on_from_what_it_kept(train, trainer):
    whole, first = (AdversarialState(make_network(), make_optimizer) for _ in range(2))
    for _ in range(2):
        run_epoch(whole, train, trainer)
    run_epoch(first, train, trainer)
    second = AdversarialState(make_network(), make_optimizer)
    second.load_state_dict(first.state_dict())

    run_epoch(second, train, trainer)

    assert second.history == whole.history
    assert second.num_epochs == 2
    ours = whole.network.state_dict()
    assert all(torch.equal(tensor, ours[name]) for name, tensor in second.network.state_dict().items())


def test_longer_gradients_than_the_clipping_lets_through_are_shortened(train, make_config):
    rate, longest = 0.5, 1e-6
    state = AdversarialState(make_network(), lambda parameters: torch.optim.SGD(parameters, lr=rate))
    before = [each.detach().clone() for each in state.network.parameters()]

    run_epoch(state, train, make_config(precision="64-true", gradient_clip_norm=longest).trainer)

    after = zip(state.network.generator.parameters(), before, strict=False)
    change = torch.cat([(new - old).flatten() for new, old in after]).norm()
    assert 0 < change <= NUM_STEPS * rate * longest * (1 + 1e-6)


def test_a_loss_that_is_not_finite_names_the_epoch_and_the_learning_rate(train, trainer):
    state = AdversarialState(make_network(), lambda parameters: torch.optim.SGD(parameters, lr=1e200))
    with pytest.raises(TrainingError, match=r"^epoch 1, step \d of 3: a (loss|gradient) is not .* \(1e\+200\)"):
        run_epoch(state, train, trainer)


def test_a_gradient_that_is_not_finite_is_found_although_the_losses_are(train, trainer):
    state = AdversarialState(make_network(), make_optimizer)
    state.network.generator.layers[0].weight.register_hook(lambda gradient: gradient * float("inf"))

    with pytest.raises(TrainingError, match=r"^epoch 1, step 1 of 3: a gradient is not a finite number"):
        run_epoch(state, train, trainer)
