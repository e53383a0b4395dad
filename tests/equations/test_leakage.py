"""Nothing is seen that must not be: another case, the future, the token to be predicted, or padding."""

import numpy as np
import pytest
import torch
from torch import nn

from reprodx.inputs import Modality
from reprodx.training.generation.text_sampling import losses_of, text_losses
from reprodx.training.generation.token_targets import NOT_PREDICTED, TokenTargets
from tests.equations.shipped_networks import (
    cases,
    every_network,
    every_sequence_network,
    read,
    shipped,
    texts_of,
    without_dropout,
)

FIRST = {Modality.TABLE: "features", Modality.IMAGE: "images"}
"""The input of a network that is not of sequences."""


def has_batch_norm(network):
    return any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in network.modules())


def continuous(network, given):
    """Return the inputs with the tokens of texts replaced by their vectors, which have gradients, and these vectors."""
    name = next((name for name in FIRST.values() if name in given and "values" not in given), "values")
    if given[name].is_floating_point():
        values = given[name].clone().requires_grad_()
        return {**given, name: values}, values
    values = network.input.embedding(given[name]).detach().requires_grad_()
    network.input.embedding = nn.Identity()
    return {**given, name: values}, values


# ---- pooling that mixes the entries of a batch ----


@every_network
@pytest.mark.parametrize("is_training", [False, True])
def test_no_case_is_seen_by_another(option, modality, is_training):
    network, given = without_dropout(shipped(option, modality)).train(is_training), cases(modality)
    if is_training and has_batch_norm(network):
        # Batch normalisation is the one layer that may, in training.
        for layer in network.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                layer.eval()
    given, values = continuous(network, given)
    logits = network(**given)
    other = {name: each.detach().clone() for name, each in given.items()}
    for name in {"values", "features", "images"} & other.keys():
        other[name][1] += 1.0

    rest = [0, 2, 3]
    torch.testing.assert_close(network(**other)[rest], logits[rest], rtol=0, atol=1e-12)
    assert not torch.allclose(network(**other)[1], logits[1])
    for case in range(4):
        (slopes,) = torch.autograd.grad(logits[case].sum(), values, retain_graph=True)
        seen = slopes.flatten(1).any(1).tolist()
        assert seen == [number == case for number in range(4)]


@every_network
def test_the_order_of_the_cases_is_the_order_of_the_logits(option, modality):
    network, given = shipped(option, modality).eval(), cases(modality)
    turned = {name: values.flip(0) for name, values in given.items()}

    torch.testing.assert_close(network(**turned), network(**given).flip(0), rtol=0, atol=1e-12)


# ---- a recurrence that reads its own future ----


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("option", ["rnn", "lstm", "gru"])
def test_a_state_depends_on_its_past_alone(option, num_layers):
    network = without_dropout(shipped(option, Modality.SIGNAL, num_layers=num_layers))
    assert not read(f"model/{option}")[1]["bidirectional"]
    values = cases(Modality.SIGNAL)["values"].requires_grad_()
    states = network.layers(network.input(values, None)[0], None)

    for step in range(values.shape[1]):
        (slopes,) = torch.autograd.grad(states[:, step].sum(), values, retain_graph=True)
        seen = slopes.flatten(2).any(2).all(0).tolist()
        assert seen == [number <= step for number in range(values.shape[1])]


@pytest.mark.parametrize("option", ["rnn", "lstm", "gru"])
def test_the_last_state_of_a_short_case_is_its_own(option):
    network, given = shipped(option, Modality.SIGNAL, pooling="last").eval(), cases(Modality.SIGNAL)
    alone = [
        network(given["values"][[case], :length], None, given["features"][[case]])
        for case, length in enumerate(given["lengths"].tolist())
    ]

    torch.testing.assert_close(network(**given), torch.cat(alone), rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_a_next_token_is_predicted_from_those_before_alone(cell, num_layers):
    network = shipped("char_rnn", Modality.TEXT, cell=cell, num_layers=num_layers).eval()
    tokens, classes = torch.tensor([[0, 3, 5, 5, 2, 7]]), torch.tensor([1])
    logits = network(tokens, classes)

    for place in range(6):
        changed = tokens.clone()
        changed[:, place] = 8
        differs = (network(changed, classes) - logits).abs().amax((0, 2)) > 1e-9
        assert differs.tolist() == [number >= place for number in range(6)]


# ---- a target that leaks into the input of next-token training ----


class Echo(nn.Module):
    """Is sure that the next token is the one that it reads, plus a number."""

    def __init__(self, added):
        super().__init__()
        self.added, self.weight = added, nn.Parameter(torch.zeros(()))

    def forward(self, tokens, classes):
        return 50.0 * nn.functional.one_hot((tokens + self.added) % 9, 9).double()


def test_the_target_is_the_token_after_the_one_that_is_read():
    batch = TokenTargets(texts_of([3, 5, 5, 2], [8, 1]), torch.tensor([0, 1])).take(torch.tensor([0, 1]))

    assert batch.tokens.tolist() == [[0, 3, 5, 5, 2], [0, 8, 1, 0, 0]]
    assert batch.targets.tolist() == [[3, 5, 5, 2, 0], [8, 1, 0, NOT_PREDICTED, NOT_PREDICTED]]


def test_repeating_what_is_read_predicts_nothing():
    counting = TokenTargets(texts_of([1, 2, 3, 4, 5, 6, 7, 8]), torch.tensor([0]))

    (repeated,), (num_tokens,) = losses_of(Echo(0), counting)
    (counted,), _ = losses_of(Echo(1), counting)

    assert num_tokens == 9
    assert repeated == pytest.approx(9 * 50)
    assert counted == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_the_probabilities_of_all_texts_sum_to_one(cell):
    """A target that the network could see would make them sum to more."""
    network = shipped("char_rnn", Modality.TEXT, cell=cell, vocabulary_size=4).eval()
    texts = [[first] for first in (1, 2, 3)] + [[first, second] for first in (1, 2, 3) for second in (1, 2, 3)]
    classes = np.full(len(texts), 2, dtype=np.int64)
    at_the_start, _ = network.step(torch.tensor([0]), network.start(torch.tensor([2])))

    losses, _ = text_losses(network, texts_of(*texts, max_tokens=2), classes)

    empty = at_the_start.softmax(1)[0, 0].item()
    assert np.exp(-losses).sum() + empty == pytest.approx(1, rel=1e-12)


# ---- attention, pooling and layers that see padding ----


@every_sequence_network
@pytest.mark.parametrize("is_training", [False, True])
def test_neither_what_stands_in_the_padding_nor_how_much_there_is_is_seen(option, modality, is_training):
    network, given = without_dropout(shipped(option, modality)).train(is_training), cases(modality)
    expected = network(**given)
    padding = torch.arange(7) >= given["lengths"][:, None]

    for fill in (0, 8 if modality == Modality.TEXT else 1e3):
        values = given["values"].clone()
        values[padding] = fill
        longer = torch.cat([values, torch.full_like(values[:, :5], fill)], dim=1)
        for changed in (values, longer):
            torch.testing.assert_close(network(**{**given, "values": changed}), expected, rtol=0, atol=1e-9)


@every_sequence_network
def test_a_case_among_longer_ones_is_as_alone(option, modality):
    network, given = shipped(option, modality).eval(), cases(modality)
    together = network(**given)

    for case, length in enumerate(given["lengths"].tolist()):
        alone = network(given["values"][[case], :length], given["lengths"][[case]], given["features"][[case]])
        torch.testing.assert_close(together[[case]], alone, rtol=0, atol=1e-9)


@every_sequence_network
def test_padding_takes_no_slope(option, modality):
    network, given = without_dropout(shipped(option, modality)).eval(), cases(modality)
    given, values = continuous(network, given)

    network(**given).square().sum().backward()

    own = torch.arange(7) < given["lengths"][:, None]
    assert not values.grad[~own].any()
    assert values.grad[own].flatten(1).any(1).all()
