"""Our epochs against a loop written by hand: the same weights, to the last bit."""

import functools

import numpy as np
import pytest
import torch
from safetensors.torch import load
from torch.nn import functional

from reprodx.errors import TrainingError
from reprodx.models.mlp import MLP
from reprodx.training.cases import cases_of
from reprodx.training.determinism import Stream, generator, reproducible, stream_seed

NOISE = {"name": "noise", "_target_": "reprodx.augmentation.gaussian_noise.GaussianNoise", "std": 0.2}


def bare_loop(prepared, *, batch_size=16, num_epochs=4, noise=0.0, clip=None, l1=0.0, l2=0.0):
    """Train the network of `conftest.MLP` with Adam and return its weights."""
    train = cases_of(prepared, "train")
    torch.manual_seed(stream_seed(0, 0, Stream.NETWORK))
    network = MLP(num_features=4, num_outputs=1, hidden_sizes=[8], activation="relu", dropout=0.2, batch_norm=True)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for epoch in range(1, num_epochs + 1):
        torch.manual_seed(stream_seed(0, epoch, Stream.NETWORK))
        noise_source = generator(0, epoch, Stream.AUGMENTATION)
        for rows in torch.randperm(len(train.targets), generator=generator(0, epoch, Stream.ORDER)).split(batch_size):
            features, targets = train.features[rows], train.targets[rows].float()
            if noise:
                features = features + noise * torch.randn(features.shape, generator=noise_source)
            loss = functional.binary_cross_entropy_with_logits(network(features)[:, 0], targets)
            weights = [weight for weight in network.parameters() if weight.ndim == 2]
            if l1 or l2:
                loss = loss + sum(l1 * weight.abs().sum() + l2 / 2 * weight.square().sum() for weight in weights)
            optimizer.zero_grad()
            loss.backward()
            if clip is not None:
                torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
            optimizer.step()
    return network.state_dict()


@pytest.mark.parametrize(
    ("changes", "bare"),
    [
        ({}, {}),
        ({"minibatches_per_step": 1}, {}),
        ({"minibatches_per_step": 4, "batch_size": 15}, {"batch_size": 15}),
        ({"batch_size": "full"}, {"batch_size": 83}),
        ({"augmentation": NOISE}, {"noise": 0.2}),
        ({"gradient_clip_norm": 0.1}, {"clip": 0.1}),
        ({"l1_penalty": 0.01, "l2_penalty": 0.1}, {"l1": 0.01, "l2": 0.1}),
    ],
    ids=["plain", "one by one", "odd groups", "full batch", "noise", "clipping", "penalties"],
)
def test_equals_a_bare_loop_to_the_bit(fit_model, make_config, prepared, changes, bare):
    last = load(fit_model(prepared, make_config(**changes)).files["last.safetensors"])

    with reproducible(1):
        expected = bare_loop(prepared, **bare)
    assert last.keys() == expected.keys()
    assert [name for name in expected if not torch.equal(last[name], expected[name])] == []


def test_single_case_batches_equal_a_bare_loop(fit_model, make_config, prepared):
    model = {"name": "logistic", "_target_": "reprodx.models.logistic.Logistic", "text_penalty": 1.0}
    sgd = {"name": "sgd", "_target_": "torch.optim.SGD", "lr": 0.1}
    fitted = fit_model(prepared, make_config(model=model, optimizer=sgd, batch_size=1, max_epochs=1))

    train = cases_of(prepared, "train")
    weight, bias = torch.zeros(4), torch.zeros(())
    for row in torch.randperm(83, generator=generator(0, 1, Stream.ORDER)):
        error = torch.sigmoid(train.features[row] @ weight + bias) - train.targets[row]
        weight, bias = weight - 0.1 * error * train.features[row], bias - 0.1 * error
    torch.testing.assert_close(load(fitted.files["last.safetensors"])["linear.weight"][0], weight, atol=1e-6, rtol=0)


def test_each_epoch_s_metrics_go_out_once(fit_model, make_config, prepared):
    fitted = fit_model(prepared, make_config())

    assert [epoch for epoch, _ in fitted.epochs] == [1, 2, 3, 4]
    assert {tuple(metrics) for _, metrics in fitted.epochs} == {
        ("train/loss", "val/loss", "val/accuracy", "val/auroc", "lr")
    }


def test_the_training_loss_is_the_mean_over_cases(fit_model, make_config, prepared):
    frozen = {"name": "sgd", "_target_": "torch.optim.SGD", "lr": 0.0}
    fitted = fit_model(prepared, make_config(model="logistic", optimizer=frozen, batch_size=30, max_epochs=1))

    assert fitted.epochs[0][1]["train/loss"] == pytest.approx(0.6931472, rel=1e-6)


def test_a_diverging_loss_names_epoch_step_and_learning_rate(fit_model, make_config, prepared, tmp_path):
    hot = {"name": "sgd", "_target_": "torch.optim.SGD", "lr": 1e30}

    with pytest.raises(TrainingError, match=r"epoch 1, step \d of 6: the loss .*learning rate \(1e\+30\)"):
        fit_model(prepared, make_config(optimizer=hot))
    assert not (tmp_path / "models").exists()


def test_missing_values_are_named_as_the_cause(fit_model, make_config, make_prepared):
    prepared = make_prepared()
    prepared.features[prepared.rows("train")[5], 2] = float("nan")

    with pytest.raises(TrainingError, match=r"epoch 1, step .* features hold missing or infinite values"):
        fit_model(prepared, make_config())


def test_a_validation_loss_that_is_no_number_stops_too(fit_model, make_config, make_prepared):
    prepared = make_prepared()
    prepared.features[prepared.rows("val")[0], 0] = float("inf")

    with pytest.raises(TrainingError, match=r"epoch 1, the validation loss .* missing or infinite"):
        fit_model(prepared, make_config())


def test_accumulated_batches_equal_one_large_batch(fit_model, make_config, prepared):
    sgd = {"name": "sgd", "_target_": "torch.optim.SGD", "lr": 0.1}
    small = make_config(model="logistic", optimizer=sgd, batch_size=20, accumulate_batches=2, max_epochs=3)
    large = make_config(model="logistic", optimizer=sgd, batch_size=40, max_epochs=3)
    cases = type(prepared)(*_first(prepared, num_train=80))

    weights = [load(fit_model(cases, config).files["last.safetensors"]) for config in (small, large)]

    torch.testing.assert_close(weights[0]["linear.weight"], weights[1]["linear.weight"], rtol=1e-5, atol=1e-7)


def test_batches_that_are_left_over_make_a_step_too(fit_model, make_config, prepared):
    frozen = {"name": "sgd", "_target_": "torch.optim.SGD", "lr": 0.1}
    config = make_config(model="logistic", optimizer=frozen, batch_size="full", accumulate_batches=5, max_epochs=1)

    assert load(fit_model(prepared, config).files["last.safetensors"])["linear.weight"].abs().sum() > 0


@pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")  # torch's own use
def test_a_compiled_network_keeps_the_names_of_its_weights(fit_model, make_config, prepared, monkeypatch):
    # Tracing without the C++ compiler, which takes most of a minute.
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="eager"))
    plain = load(fit_model(prepared, make_config(model="logistic", max_epochs=1)).files["last.safetensors"])
    compiled = fit_model(prepared, make_config(model="logistic", max_epochs=1, compile=True)).files

    found = load(compiled["last.safetensors"])

    assert found.keys() == plain.keys()
    torch.testing.assert_close(found["linear.weight"], plain["linear.weight"], rtol=1e-4, atol=1e-6)


def _first(prepared, num_train):
    """Return the parts of prepared cases of which so many train."""
    train = prepared.rows("train")[:num_train]
    rows = np.sort(np.concatenate([train, prepared.rows("val"), prepared.rows("test")]))
    return prepared.cases[rows], prepared.features[rows], prepared.feature_names, prepared.manifest
