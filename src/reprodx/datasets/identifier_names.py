"""What columns are called that say whose case a row is, in the languages that tables of patients are written in."""

from __future__ import annotations

import enum
import re

from reprodx.datasets.spelling import without_accents


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


PATIENTS = _set(
    "patient patients patientin patienten paciente pacientes paziente pazienti pasient potilas пациент 患者 病人 환자 "
    "subject participant proband probandin versuchsperson mrn emrn pid patid rid eid ssn seqn empi usubjid uhid "
    "pseudonym initials initialen surname lastname nachname"
)
"""Words that alone name whose case it is."""
IDENTIFIERS = _set("id ids uid uuid guid identifier identifiant identificador identificativo kennung")
"""Words that alone name a case, whatever it is of."""
OWNERS = _set(
    "pt pat subj sub person individual client case record chart dossier study sample specimen fall akte persona "
    "personne historia expediente registro cas caso encounter admission visit stay hadm nhs insurance versicherten "
    "accession hospital screening enrolment enrollment randomisation randomization icustay episode versicherungs"
)
"""Words that name a case beside one of `NUMBERS`."""
OF_ONE_PATIENT = _set(
    "pt pat person individual client record chart dossier fall akte persona personne historia expediente encounter "
    "admission stay hadm icustay episode"
)
"""Of these, words that beside one of `IDENTIFIERS` name what is one patient's, however many rows it has: hours of a
stay."""
NUMBERS = _set("no nr num nbr number code codigo codice key nummer numero hash n") | IDENTIFIERS
"""Words that name an owner's case; alone they may count or classify anything."""
FILLERS = _set(
    "name o of the de du des der la le del di da medical clinical clinica clinico clinique medica medico anon "
    "anonymous anonymized anonymised deidentified pseudonymised unique encrypted internal src source icu"
)
"""Words that change nothing beside others."""
PERSONAL = _set(
    "sex gender female male geschlecht sexe sexo sesso genre genero race ethnicity ethnic birth dob yob birthdate "
    "birthyear geburt geburtsjahr geburtsdatum naissance nacimiento nascita nascimento"
)
"""Words for what does not change within a patient."""
AGES = _set("age ages alter lebensalter edad eta idade leeftijd alder years jahre year jahr annee ano anno")
"""Words for whole numbers that many share."""
_OWNER = "|".join(sorted(PATIENTS | OWNERS, key=len, reverse=True))
_NUMBER = "|".join(sorted(NUMBERS - {"n"}, key=len, reverse=True))
GLUED = re.compile(rf"({_OWNER})({_NUMBER})|({_NUMBER})({_OWNER})")
"""An owner and a number in one word, such as `patientid`, `fallnr` and `idpaciente`."""
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")


class Naming(enum.IntEnum):
    """How surely a column's name says that its values are names."""

    NONE = 0
    ROW = 1
    """`case_id`: of a row, whoever it is of."""
    PERHAPS = 2
    """A number of something, which may be a class of it too: `study_id`, `visit code`."""
    SURELY = 3
    """`patient`, `ID`, `MRN`."""


def naming(column: str) -> Naming:
    """Return how surely a column says whose case a row is, judged by the words of its name; all of them must be known.

    >>> [naming(name).name for name in ("PatientID", "Fall-Nr.", "subject", "patient_age", "ID1")]
    ['SURELY', 'PERHAPS', 'SURELY', 'NONE', 'NONE']
    """
    words = _words(column)
    if not words <= PATIENTS | IDENTIFIERS | OWNERS | NUMBERS | FILLERS:
        return Naming.NONE
    if words == {"case", "id"}:
        return Naming.ROW
    if words & PATIENTS or (words & IDENTIFIERS and (words & OF_ONE_PATIENT or not words & OWNERS)):
        return Naming.SURELY
    return Naming.PERHAPS if words & OWNERS and words & NUMBERS else Naming.NONE


def is_personal(column: str) -> bool:
    """Return whether a column is called like what does not change within a patient.

    >>> is_personal("Sex (f/m)"), is_personal("sextant")
    (True, False)
    """
    return bool(_words(column) & PERSONAL)


def is_age(column: str) -> bool:
    """Return whether a column is called like an age or a year.

    >>> is_age("Age (years)"), is_age("stage")
    (True, False)
    """
    return bool(_words(column) & AGES)


def words_of(column: str) -> list[str]:
    """Return the words of a column's name in their order, in small letters without accents.

    >>> words_of("Fall-Nr. (PatientID)")
    ['fall', 'nr', 'patient', 'id']
    """
    return [word.lower() for word in WORD.findall(without_accents(column))]


def _words(column: str) -> set[str]:
    words: set[str] = set()
    for word in words_of(column):
        glued = None if word in PATIENTS | IDENTIFIERS else GLUED.fullmatch(word)
        words |= {word} if glued is None else set(filter(None, glued.groups()))
    return words
