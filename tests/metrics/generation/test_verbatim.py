"""What stands word for word in training texts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.generation import verbatim as verbatim_file
from reprodx.metrics.generation.verbatim import characters, verbatim

TEXTS = st.lists(st.text(alphabet="ab", max_size=14), max_size=5)


BOOTSTRAP = Bootstrap(50, 0, 0.95)


def searched(generated, train, heldout=(), window=3):
    sides = ([characters(text) for text in texts] for texts in (generated, train, heldout))
    return verbatim(*sides, window=window, bootstrap=BOOTSTRAP)


def windows(text, size):
    return [text[start : start + size] for start in range(len(text) - size + 1)]


@settings(deadline=None)
@given(TEXTS, st.lists(st.text(alphabet="ab", max_size=14), min_size=1, max_size=5), st.integers(1, 6))
def test_is_pythons_search(generated, train, window):
    found = searched(generated, train, generated[:2], window)
    if not any(train):
        assert found.share.reason == "no training text"
        return
    for side, estimate in ((generated, found.share), (generated[:2], found.share_heldout)):
        hits = [any(part in text for text in train) for own in side for part in windows(own, window)]
        assert estimate.value == (pytest.approx(np.mean(hits)) if hits else None)
    runs = [len(p) for own in generated for n in range(15) for p in windows(own, n) if any(p in t for t in train)]
    assert found.longest_run.value == (max(runs) if generated else None)


def test_windows_do_not_cross_texts():
    assert searched(["abcd"], ["ab", "cd"]).share.value == 0
    assert searched(["ab", "cd"], ["abcd"]).share.reason == "no text has 3 symbols"
    assert searched(["abcd"], ["ab", "cd"]).longest_run.value == 2


def test_share_stands_beside_that_of_heldout_texts():
    found = searched(["no pain", "pain!!!"], ["no pain today"], ["no fever"])
    assert found.share.value == pytest.approx((5 + 2) / 10)
    assert found.share_heldout.value == pytest.approx(1 / 6)
    assert list(found.estimates()) == ["verbatim_share", "verbatim_share_heldout", "longest_verbatim_run"]


def test_interval_draws_texts():
    """Whole texts are copied or not, so that windows say less than as many independent ones."""
    rng = np.random.default_rng(0)
    train = ["".join(rng.choice(list("abcdefghij"), size=200)) for _ in range(10)]
    generated = [*train[:5], *("".join(rng.choice(list("klmnop"), size=200)) for _ in range(5))]
    found = searched(generated, train, window=20)
    assert found.share.value == pytest.approx(0.5)
    assert found.share.ci_high - found.share.ci_low > 0.3


def test_equal_hashes_are_compared():
    """With a value of 0 for every symbol, all windows have one hash."""
    texts, library = (
        verbatim_file._HashedTexts.of([characters(text)], np.zeros(200, np.uint64)) for text in ("abcx", "abcy")
    )
    assert texts.hashes(4)[0] == library.hashes(4)[0]
    assert not verbatim_file._are_found(texts, np.array([0]), library, 4).any()


def test_nothing_generated_is_undefined():
    found = searched([], ["abc"])
    assert (found.share.value, found.longest_run.reason) == (None, "no generated text")


def test_any_letter_is_a_symbol():
    assert characters("aé\N{GRINNING FACE}").tolist() == [97, 233, 0x1F600]
    assert searched(["é\N{GRINNING FACE}x"], ["aé\N{GRINNING FACE}xb"]).share.value == 1
