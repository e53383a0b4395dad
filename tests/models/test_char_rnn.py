"""A network that writes texts: it reads no future, and a step at a time it says what it says of the whole."""

import pytest
import torch
from torch import nn

from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.models.char_rnn import CharRNN

SETTINGS = {
    "vocabulary_size": 9,
    "num_classes": 3,
    "cell": "rnn",
    "embedding_size": 4,
    "hidden_size": 5,
    "num_layers": 2,
    "dropout": 0.5,
    "conditional": True,
}
CLASSES = torch.tensor([0, 2, 1, 2])


def make_network(**changes) -> CharRNN:
    return CharRNN(**{**SETTINGS, **changes}).double().eval()


def make_tokens(num_steps: int = 7) -> torch.Tensor:
    return torch.randint(9, (4, num_steps), generator=torch.Generator().manual_seed(1))


def test_generates_texts_alone():
    assert CharRNN.modalities == (Modality.TEXT,)
    assert CharRNN.generates


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("conditional", [False, True])
def test_steps_give_the_logits_of_the_whole_text(cell, num_layers, conditional):
    network, tokens = make_network(cell=cell, num_layers=num_layers, conditional=conditional), make_tokens()

    state, logits = network.start(CLASSES), []
    for place in range(tokens.shape[1]):
        each, state = network.step(tokens[:, place], state)
        logits.append(each)

    torch.testing.assert_close(torch.stack(logits, dim=1), network(tokens, CLASSES), atol=1e-12, rtol=0)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_no_place_reads_its_future(cell):
    network, tokens = make_network(cell=cell), make_tokens()
    changed = tokens.clone()
    changed[:, 4:] = (tokens[:, 4:] + 1) % 9

    before, after = network(tokens, CLASSES), network(changed, CLASSES)

    assert torch.equal(before[:, :4], after[:, :4])
    assert (before[:, 4:] != after[:, 4:]).any(dim=2).all()


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_texts_of_a_batch_do_not_mix(cell):
    network, tokens = make_network(cell=cell), make_tokens()

    together = network(tokens, CLASSES)

    for row in range(4):
        alone = network(tokens[[row]], CLASSES[[row]])
        torch.testing.assert_close(together[[row]], alone, atol=1e-12, rtol=0)


def test_only_a_conditional_network_is_told_the_class():
    tokens, others = make_tokens(), (CLASSES + 1) % 3
    told, untold = make_network(), make_network(conditional=False)

    assert (told(tokens, CLASSES) != told(tokens, others)).any(dim=2).all()
    assert torch.equal(untold(tokens, CLASSES), untold(tokens, others))
    assert "class_embedding.weight" not in untold.state_dict()


def test_a_state_follows_the_texts_that_are_chosen():
    network, tokens = make_network(cell="lstm"), make_tokens()
    _, state = network.step(tokens[:, 0], network.start(CLASSES))
    together, _ = network.step(tokens[:, 1], state)

    chosen, _ = network.step(tokens[[3, 1], 1], state.select(torch.tensor([3, 1])))

    torch.testing.assert_close(chosen, together[[3, 1]], atol=1e-12, rtol=0)


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("lstm", 4)])
def test_has_as_many_weights_as_the_equations(cell, gates):
    num_weights = sum(each.numel() for each in make_network(cell=cell).parameters())

    embeddings, recurrent = (9 + 3) * 4, gates * 5 * ((4 + 5 + 2) + (5 + 5 + 2))
    assert num_weights == embeddings + recurrent + (5 + 1) * 9


def test_gates_that_forget_are_open_at_the_start():
    biases = make_network(cell="lstm").layers.bias_ih_l0.detach().chunk(4)

    assert biases[1].tolist() == [1.0] * 5
    assert isinstance(make_network().layers, nn.RNN)


def test_units_are_dropped_between_layers_and_before_the_logits_in_training_alone():
    network, tokens = make_network().train(), make_tokens()

    assert not torch.equal(network(tokens, CLASSES), network(tokens, CLASSES))
    assert make_network().layers.dropout == 0.5
    assert make_network(num_layers=1).layers.dropout == 0
    network.eval()
    assert torch.equal(network(tokens, CLASSES), network(tokens, CLASSES))


@pytest.mark.parametrize(
    ("key", "value"),
    [("embedding_size", 0), ("hidden_size", 0), ("num_layers", 0), ("dropout", 1.0), ("dropout", -0.1)],
)
def test_refuses_settings_out_of_their_range(key, value):
    with pytest.raises(ConfigError, match=rf"model\.{key}: {value} "):
        make_network(**{key: value})
