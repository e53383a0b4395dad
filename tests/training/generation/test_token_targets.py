"""What is predicted of a text: each token and its end, unless it was cut; and never padding."""

import numpy as np
import pytest
import torch

from reprodx.inputs import Inputs, Modality
from reprodx.training.generation.token_targets import NOT_PREDICTED, TokenTargets, mean_loss, summed_losses

NO = NOT_PREDICTED
CLASSES = torch.tensor([1, 0, 2])


def make_texts(max_tokens: int | None) -> TokenTargets:
    """Return the texts 2 3, 4, and 5 6 7."""
    settings = {} if max_tokens is None else {"max_tokens": max_tokens}
    values = np.arange(2, 8, dtype=np.int32)[[0, 1, 2, 3, 4, 5]]
    return TokenTargets(Inputs.of_steps(Modality.TEXT, values, np.array([2, 1, 3]), settings=settings), CLASSES)


def test_each_place_predicts_the_next_token_and_the_last_the_end():
    tokens, classes, targets = make_texts(max_tokens=4).take(torch.arange(3))

    assert tokens.tolist() == [[0, 2, 3, 0], [0, 4, 0, 0], [0, 5, 6, 7]]
    assert targets.tolist() == [[2, 3, 0, NO], [4, 0, NO, NO], [5, 6, 7, 0]]
    assert torch.equal(classes, CLASSES)


def test_nothing_is_learned_from_where_a_text_was_cut():
    targets = make_texts(max_tokens=3).take(torch.arange(3)).targets

    assert targets.tolist() == [[2, 3, 0, NO], [4, 0, NO, NO], [5, 6, 7, NO]]


def test_texts_that_know_no_limit_are_whole():
    assert make_texts(max_tokens=None).take(torch.tensor([2])).targets.tolist() == [[5, 6, 7, 0]]


def test_rows_choose_texts_and_their_classes():
    texts = make_texts(max_tokens=4)
    tokens, classes, targets = texts.take(torch.tensor([1, 0]))

    assert len(texts) == 3
    assert tokens.tolist() == [[0, 4, 0], [0, 2, 3]]
    assert targets.tolist() == [[4, 0, NO], [2, 3, 0]]
    assert classes.tolist() == [0, 1]


@pytest.fixture
def logits() -> torch.Tensor:
    return torch.randn(3, 4, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_the_loss_is_the_mean_over_what_is_predicted(logits):
    targets = make_texts(max_tokens=3).take(torch.arange(3)).targets
    probs = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(axis=2, keepdims=True)
    each = [
        [-np.log(probs[row, place, token]) for place, token in enumerate(text) if token != NO]
        for row, text in enumerate(targets.tolist())
    ]

    assert float(mean_loss(logits, targets)) == pytest.approx(np.mean(np.concatenate(each)), rel=1e-12)
    np.testing.assert_allclose(summed_losses(logits, targets).numpy(), [sum(text) for text in each], rtol=1e-12)


def test_padding_gives_no_gradient(logits):
    targets = make_texts(max_tokens=3).take(torch.arange(3)).targets
    logits.requires_grad_()

    mean_loss(logits, targets).backward()

    is_learned = logits.grad.abs().sum(dim=2) > 0
    assert torch.equal(is_learned, targets != NO)


def test_losses_are_summed_in_double_precision(logits):
    targets = make_texts(max_tokens=3).take(torch.arange(3)).targets

    assert summed_losses(logits.float(), targets).dtype == torch.float64
