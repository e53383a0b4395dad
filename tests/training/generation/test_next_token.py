"""Our epochs against a loop written by hand: the same weights, to the last bit."""

import functools

import numpy as np
import pytest
import torch
from torch.nn import functional

from reprodx.errors import TrainingError
from reprodx.models.char_rnn import CharRNN
from reprodx.training.determinism import Stream, reproducible, stream_seed
from reprodx.training.generation.length_batches import LengthBatches
from reprodx.training.generation.token_targets import TokenTargets, mean_loss

SGD = {"name": "sgd", "_target_": "torch.optim.SGD"}


def bare_loop(train, architecture, *, batch_size=8, num_epochs=3, clip=None, l2=0.0) -> dict[str, torch.Tensor]:
    """Train with Adam, text by text where ours pads, and return the weights."""
    torch.manual_seed(stream_seed(0, 0, Stream.NETWORK))
    network = CharRNN(**{key: value for key, value in architecture.items() if key not in {"name", "_target_"}})
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for epoch in range(1, num_epochs + 1):
        torch.manual_seed(stream_seed(0, epoch, Stream.NETWORK))
        lengths = torch.from_numpy(train.inputs.lengths)
        for rows in LengthBatches(lengths, batch_size, seed=0, epoch=lambda epoch=epoch: epoch, weights=None):
            texts = [train.inputs[row].tolist() for row in rows]
            width = max(map(len, texts)) + 1
            tokens = torch.tensor([[0, *text, *[0] * (width - 1 - len(text))] for text in texts])
            following = torch.tensor([[*text, 0, *[-100] * (width - 1 - len(text))] for text in texts])
            loss = functional.cross_entropy(
                network(tokens, train.targets[rows]).view(-1, architecture["vocabulary_size"]), following.view(-1)
            )
            if l2:
                weights = [weight for weight in network.parameters() if weight.ndim > 1]
                loss = loss + sum(l2 / 2 * weight.square().sum() for weight in weights)
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
        ({"batch_size": "full"}, {"batch_size": 24}),
        ({"gradient_clip_norm": 0.1}, {"clip": 0.1}),
        ({"l2_penalty": 0.1}, {"l2": 0.1}),
    ],
    ids=["plain", "full batch", "clipping", "penalty"],
)
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_equals_a_bare_loop_to_the_bit(run_fit, text_cases, architecture, cell, changes, bare):
    train, _ = text_cases
    node = {**architecture, "cell": cell, "dropout": 0.3}

    fit = run_fit(node=node, **changes).fit

    with reproducible(1):
        expected = bare_loop(train, node, **bare)
    found = fit.network.state_dict()
    assert fit.best_epoch == fit.num_epochs == 3
    assert found.keys() == expected.keys()
    assert [name for name in expected if not torch.equal(found[name], expected[name])] == []


def test_each_epoch_s_metrics_go_out_once(run_fit):
    run = run_fit()

    assert [epoch for epoch, _ in run.epochs] == [1, 2, 3]
    assert {tuple(metrics) for _, metrics in run.epochs} == {("train/loss", "val/loss", "val/perplexity", "lr")}
    assert tuple(metrics for _, metrics in run.epochs) == run.fit.history


def test_perplexity_is_the_exponential_of_the_validation_loss(run_fit):
    for _, metrics in run_fit().epochs:
        assert metrics["val/perplexity"] == pytest.approx(np.exp(metrics["val/loss"]), rel=1e-12)


def test_the_training_loss_is_the_mean_over_tokens(run_fit, text_cases, architecture):
    frozen = {**SGD, "lr": 0.0}
    train, _ = text_cases
    run = run_fit(optimizer=frozen, max_epochs=1, batch_size=5)

    network, total, count = run.fit.network.double(), 0.0, 0
    for text, label in zip(train.inputs, train.targets, strict=True):
        with torch.no_grad():
            logits = network(torch.tensor([[0, *text.tolist()]]), label[None])[0]
        following = torch.tensor([*text.tolist(), 0])
        total += functional.cross_entropy(logits, following, reduction="sum").item()
        count += len(following)
    assert run.epochs[0][1]["train/loss"] == pytest.approx(total / count, rel=1e-6)


def test_a_diverging_loss_names_epoch_step_and_learning_rate(run_fit):
    with pytest.raises(TrainingError, match=r"epoch 1, step \d of 3: the loss .*learning rate \(3e\+38\)"):
        run_fit(optimizer={**SGD, "lr": 3e38})


def test_a_perplexity_beyond_all_numbers_is_a_divergence(run_fit):
    with pytest.raises(TrainingError, match=r"epoch 1, the validation loss .*learning rate \(1e\+06\)"):
        run_fit(optimizer={**SGD, "lr": 1e6}, batch_size="full")


def test_accumulated_batches_are_one_step_of_their_mean(run_fit, text_cases):
    sgd = {"max_epochs": 1, "optimizer": {**SGD, "lr": 0.1}}
    start = run_fit(max_epochs=1, optimizer={**SGD, "lr": 0.0}).fit.network
    apart = run_fit(**sgd, accumulate_batches=3).fit.network.head.bias
    left_over = run_fit(**sgd, accumulate_batches=5).fit.network.head.bias

    lengths, gradients = torch.from_numpy(text_cases[0].inputs.lengths), []
    texts = TokenTargets(text_cases[0].inputs, text_cases[0].targets)
    for rows in LengthBatches(lengths, 8, seed=0, epoch=lambda: 1, weights=None):
        batch = texts.take(rows)
        loss = mean_loss(start(batch.tokens, batch.classes), batch.targets)
        gradients.append(torch.autograd.grad(loss, start.head.bias)[0])
    torch.testing.assert_close(apart, start.head.bias - 0.1 * torch.stack(gradients).mean(dim=0))
    torch.testing.assert_close(left_over, start.head.bias - 0.1 * torch.stack(gradients).sum(dim=0) / 5)


@pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")  # torch's own use
def test_a_compiled_network_keeps_the_names_of_its_weights(run_fit, monkeypatch):
    # Tracing without the C++ compiler, which takes most of a minute.
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="eager"))

    assert "head.weight" in run_fit(compile=True, max_epochs=1).fit.network.state_dict()
