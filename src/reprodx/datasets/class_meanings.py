"""Which of two words means disease, in English, German, French and Spanish."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reprodx.datasets.spelling import spelling_of, without_accents

if TYPE_CHECKING:
    from collections.abc import Iterable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MEANINGS = tuple(
    (_words(nothing), _words(something))
    for nothing, something in (
        ("0", "1"),
        ("false f falsch faux falso", "true t wahr vrai verdadero v w"),
        ("no n nein non", "yes y ja j oui o si s"),
        (
            "negative neg n - -ve negativ negatif negativo negativa",
            "positive pos p + +ve positiv positif positivo positiva",
        ),
        (
            "absent not_detected undetected abwesend nicht_vorhanden nicht_nachweisbar absente ausente non_detecte "
            "no_detectado",
            "present detected anwesend vorhanden nachweisbar presente detecte detectado",
        ),
        (
            "control controls ctrl healthy well normal benign unaffected unremarkable kontrolle kontrollen gesund "
            "gutartig unauffallig unauffaellig temoin temoins controle controles sain saine benin benigne normale sano "
            "sana benigno benigna",
            "case cases patient patients diseased disease sick ill unwell unhealthy affected abnormal malignant "
            "pathological fall falle faelle patienten krank erkrankt bosartig boesartig auffallig auffaellig "
            "pathologisch cas malade malades malin maligne anormal anormale pathologique caso casos paciente pacientes "
            "enfermo enferma maligno maligna patologico",
        ),
        (
            "alive living lived survived survivor survivors recovered lebend lebt uberlebt ueberlebt uberlebend "
            "ueberlebend genesen vivant vivante survecu gueri guerie vivo viva sobrevivio sobreviviente recuperado",
            "dead died deceased death expired nonsurvivor nonsurvivors tot gestorben verstorben tod mort morte decede "
            "decedee deces muerto muerta murio fallecido fallecida fallecio muerte",
        ),
    )
)
"""Words of no disease and of disease, by what is asked; without accents, `_` for a blank."""
YES_OR_NO = MEANINGS[:5]
"""Of these nobody makes classes of more than two."""
NOT = ("not", "no", "non", "nicht", "kein", "keine", "ohne", "without", "pasde", "pas", "sans", "sin")
"""What stands before a word to say the opposite."""
UNCLEAR = _words(
    "unknown unk u unclear invalid indeterminate inconclusive equivocal uncertain undetermined missing pending n/a na "
    "nan nd not_done not_tested not_available not_known not_assessed not_specified unspecified unbekannt unklar "
    "ungultig ungueltig fehlend nicht_bestimmbar inconnu inconnue invalide indetermine manquant desconocido "
    "desconocida invalido indeterminado . ? ??"
)
"""Words that say that nobody knows."""


def positive_of(one: str, other: str) -> str | None:
    """Return which of two values means disease, or the event.

    Known are the words of `MEANINGS`, and a word beside its opposite: `ckd` and `notckd`, `no relapse` and `relapse`.

    Args:
        one: A value of the target, in any spelling.
        other: The other one.

    Returns:
        One of the two; None where nothing is known of them.

    >>> positive_of("healthy", "disease"), positive_of("ja", "Nein"), positive_of("1", "2")
    ('disease', 'ja', None)
    """
    for negative, positive in ((one, other), (other, one)):
        said, denied = _word(positive), _word(negative)
        if any(denied in nothing and said in something for nothing, something in MEANINGS):
            return positive
        if _is_opposite(denied, said):
            is_good = any(said in nothing for nothing, _ in MEANINGS)
            return negative if is_good else positive
    return None


def means_presence(value: str) -> bool | None:
    """Return whether a value of a label says that it is there; None where it says neither.

    >>> means_presence("1"), means_presence("Absent"), means_presence("2")
    (True, False, None)
    """
    word = _word(value)
    for nothing, something in YES_OR_NO:
        if word in nothing or word in something:
            return word in something
    return None


def share_a_meaning(values: Iterable[str]) -> bool:
    """Return whether more than two values say one of two things, such as `y`, `yes` and `no`, or `1`, `0` and `yes`."""
    words = {_word(value) for value in values}
    pairs = [nothing | something for nothing, something in YES_OR_NO]
    # Letters are classes too: beats are N, S, V and F.
    spelled_out = {word for word in frozenset().union(*pairs) if len(word) > 1 or word in "01yn"}
    return len(words) > 2 and any(words <= known for known in (*pairs, spelled_out))


def is_unclear(value: str) -> bool:
    """Return whether a value says that nobody knows.

    >>> is_unclear("Unknown"), is_unclear("not done"), is_unclear("none")
    (True, True, False)
    """
    return _word(value) in UNCLEAR


def _is_opposite(denied: str, said: str) -> bool:
    letters, rest = re.sub(r"[\W_]+", "", denied), re.sub(r"[\W_]+", "", said)
    return bool(rest) and any(letters == word + rest for word in NOT)


def _word(value: str) -> str:
    return re.sub(r"(?<=\w)[\s_-]+(?=\w)", "_", spelling_of(without_accents(value)))
