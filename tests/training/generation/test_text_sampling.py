"""Texts are drawn a token at a time, with the probabilities that the network gives and nothing read twice."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from reprodx.inputs import Inputs, Modality
from reprodx.models.char_rnn import CharRNN
from reprodx.training.generation.text_sampling import draw, sample_texts, text_losses

SIZE = 7
CLASSES = np.array([0, 1, 1, 0, 1])


def make_network(cell: str = "lstm") -> CharRNN:
    torch.manual_seed(0)
    return CharRNN(
        vocabulary_size=SIZE,
        num_classes=2,
        cell=cell,
        embedding_size=4,
        hidden_size=8,
        num_layers=2,
        dropout=0.5,
        conditional=True,
    )


def sample(network=None, classes=CLASSES, seed=0, temperature=1.0, max_tokens=12) -> list[list[int]]:
    texts = sample_texts(
        make_network() if network is None else network,
        classes,
        seed=seed,
        temperature=temperature,
        max_tokens=max_tokens,
    )
    assert all(text.dtype == np.int32 for text in texts)
    return [text.tolist() for text in texts]


def test_the_seed_decides_the_texts():
    assert sample() == sample()
    assert sample() != sample(seed=1)


def test_a_text_does_not_depend_on_those_beside_it():
    assert sample(classes=CLASSES[:2]) == sample()[:2]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("favourite", [0, 1])
def test_no_text_is_empty_and_none_holds_the_end_or_the_unknown(temperature, favourite):
    network = make_network()
    with torch.no_grad():
        network.head.bias[favourite] = 5

    texts = sample(network, np.zeros(20, dtype=np.int64), temperature=temperature)

    assert min(map(len, texts)) >= 1
    assert max(map(len, texts)) <= 12
    assert not {0, 1} & {token for text in texts for token in text}
    if favourite == 0:
        assert np.median([len(text) for text in texts]) == 1


def test_without_temperature_each_token_is_the_likeliest():
    network = make_network().double().eval()
    [text] = sample(network, np.array([1]), temperature=0.0)

    for length in range(len(text)):
        with torch.no_grad():
            logits = network(torch.tensor([[0, *text[:length]]]), torch.tensor([1]))[0, -1]
        logits[1] = -torch.inf
        assert int(logits.argmax()) == text[length]


@pytest.mark.parametrize("temperature", [0.7, 1.0])
def test_tokens_come_as_often_as_the_network_says(temperature):
    network, num_texts = make_network(), 4000
    texts = sample(network, np.ones(num_texts, dtype=np.int64), temperature=temperature, max_tokens=1)

    with torch.no_grad():
        logits = network.double().eval()(torch.tensor([[0]]), torch.tensor([1]))[0, 0, 2:]
    expected = torch.softmax(logits / temperature, dim=0).numpy() * num_texts
    counts = np.bincount([text[0] for text in texts], minlength=SIZE)[2:]
    assert chisquare(counts, expected).pvalue > 0.001
    assert chisquare(counts, np.roll(expected, 1)).pvalue < 1e-6


@pytest.fixture
def read(monkeypatch) -> list[int]:
    """Return how many tokens each step has read, and let nothing but steps read."""
    numbers, step = [], CharRNN.step

    def count(self, tokens, state):
        numbers.append(tokens.numel())
        return step(self, tokens, state)

    monkeypatch.setattr(CharRNN, "step", count)
    monkeypatch.setattr(CharRNN, "forward", None)
    return numbers


def test_the_prefix_is_never_read_again(read):
    network = make_network()
    with torch.no_grad():
        network.head.bias[0] = -1e9

    sample(network, CLASSES, max_tokens=30)

    assert read == [len(CLASSES)] * 30


def test_texts_that_have_ended_are_not_written_on(read):
    texts = sample(max_tokens=200)

    assert read == [sum(len(text) >= place for text in texts) for place in range(max(map(len, texts)) + 1)]


def test_the_network_stays_as_it_is():
    network = make_network().train()
    before = {name: weights.clone() for name, weights in network.state_dict().items()}
    torch_state = torch.get_rng_state()

    sample(network)

    assert network.training
    assert all(torch.equal(weights, before[name]) for name, weights in network.state_dict().items())
    assert torch.equal(torch.get_rng_state(), torch_state)


@given(
    logits=st.lists(st.floats(-500, 500), min_size=2, max_size=6),
    chance=st.floats(0, 1, exclude_max=True),
    temperature=st.sampled_from([0.0, 1e-300, 0.1, 1.0, 1e6]),
    banned=st.integers(0, 1),
)
def test_what_has_no_probability_is_never_drawn(logits, chance, temperature, banned):
    row = torch.tensor([logits], dtype=torch.float64)
    row[0, banned] = -torch.inf

    [token] = draw(row, torch.tensor([chance], dtype=torch.float64), temperature).tolist()

    assert 0 <= token < len(logits)
    assert token != banned
    if temperature <= 1e-300:
        assert row[0, token] == row.max()


def make_texts(max_tokens: int) -> Inputs:
    values = np.array([2, 3, 4, 5, 6, 2], dtype=np.int32)
    return Inputs.of_steps(Modality.TEXT, values, np.array([2, 1, 3]), settings={"max_tokens": max_tokens})


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_losses_follow_the_chain_rule(cell):
    network, inputs, classes = make_network(cell), make_texts(8), np.array([1, 0, 1])

    losses, counts = text_losses(network, inputs, classes)

    exact = network.double().eval()
    for text, label, loss in zip(inputs, classes, losses, strict=True):
        state, total, read = exact.start(torch.tensor([label])), 0.0, 0
        for token in [*text.tolist(), 0]:
            logits, state = exact.step(torch.tensor([read]), state)
            total -= logits[0].detach().log_softmax(dim=0)[token].item()
            read = token
        assert loss == pytest.approx(total, rel=1e-12)
    assert counts.tolist() == [3, 2, 4]
    assert losses.dtype == np.float64


def test_a_network_that_knows_nothing_is_as_perplexed_as_there_are_tokens():
    network = make_network()
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.zero_()

    losses, counts = text_losses(network, make_texts(8), np.zeros(3, dtype=np.int64))

    assert math.exp(losses.sum() / counts.sum()) == pytest.approx(SIZE, rel=1e-12)


def test_the_end_of_a_cut_text_is_not_judged():
    _, counts = text_losses(make_network(), make_texts(3), np.zeros(3, dtype=np.int64))

    assert counts.tolist() == [3, 2, 3]
