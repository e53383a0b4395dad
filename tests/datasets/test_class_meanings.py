"""Words for disease and for none."""

from __future__ import annotations

import pytest

from reprodx.datasets.class_meanings import MEANINGS, is_unclear, means_presence, positive_of, share_a_meaning

PAIRS = [
    ("0", "1"), ("0.0", "1.0"), ("FALSE", "TRUE"), ("no", "Yes"), ("N", "Y"), ("nein", "JA"), ("non", "oui"),
    ("No", "Sí"), ("negative", "positive"), ("neg.", "pos."), ("Négatif", "Positif"), ("-", "+"), ("\u2212", "+"),
    ("absent", "present"), ("not present", "present"), ("ausente", "presente"), ("Kontrolle", "Fall"),
    ("control", "Case"), ("témoin", "cas"), ("Benign", "Malignant"), ("gutartig", "bösartig"), ("bénin", "malin"),
    ("benigno", "maligno"), ("normal", "abnormal"), ("unauffällig", "auffaellig"), ("healthy", "diseased"),
    ("healthy", "sick"), ("well", "ill"), ("gesund", "krank"), ("alive", "dead"), ("survived", "died"),
    ("überlebt", "verstorben"), ("vivo", "muerto"), ("notckd", "ckd"), ("no heart disease", "heart disease"),
    ("non-diabetic", "diabetic"), ("kein Rezidiv", "Rezidiv"), ("sans rechute", "rechute"), ("healthy", "not healthy"),
    ("normal", "Not Normal"), ("not_detected", "Detected"), ("survivor", "non-survivor"),
]  # fmt: skip


@pytest.mark.parametrize(("negative", "positive"), PAIRS)
def test_the_positive_of_two_words_is_known_whatever_their_order(negative: str, positive: str) -> None:
    assert positive_of(negative, positive) == positive_of(positive, negative) == positive


@pytest.mark.parametrize(
    "pair",
    [("1", "2"), ("-1", "1"), ("a", "b"), ("F", "M"), ("yes", "unknown"), ("yes", "alive"), ("no", "-"), ("p", "f"),
     ("benign", "normal"), ("stable", "unstable"), ("left", "right"), ("0", "true")],
)  # fmt: skip
def test_nothing_is_guessed(pair: tuple[str, str]) -> None:
    assert positive_of(*pair) is None


def test_no_word_means_disease_and_none() -> None:
    for nothing, something in MEANINGS:
        assert not nothing & something


def test_labels_say_whether_they_are_there() -> None:
    assert (means_presence("+"), means_presence("Nein"), means_presence("dead")) == (True, False, None)


def test_three_words_for_two_things() -> None:
    assert share_a_meaning(["y", "YES", "no"])
    assert share_a_meaning(["0", "1", "no", "yes"])
    assert share_a_meaning(["TRUE", "false", "yes"])
    assert not share_a_meaning(["F", "N", "S", "V"])
    assert not share_a_meaning(["0", "1", "2"])
    assert not share_a_meaning(["yes", "no"])
    assert not share_a_meaning(["yes", "no", "perhaps"])


def test_what_nobody_knows() -> None:
    assert all(map(is_unclear, ("Unknown", "NOT DONE", "unbekannt", "Inconnu", "?", "n/a")))
    assert not any(map(is_unclear, ("none", "other", "0", "-")))
