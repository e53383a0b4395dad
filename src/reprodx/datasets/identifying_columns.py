"""Columns by whose names or values a person can be known: names, addresses, numbers of records, dates in texts.

What is looked for are the shapes of direct identifiers; whether people can be known by the rest, such as a rare disease
in a small town, no shape tells.

Source: 45 CFR 164.514(b)(2)(i), the list of identifiers of the HIPAA Safe Harbor method.
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

import polars as pl

from reprodx.datasets.checked_numbers import checked_numbers
from reprodx.datasets.identifier_names import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(enum.StrEnum):
    """What identifies a person."""

    NAME = "names of persons"
    EMAIL = "e-mail addresses"
    PHONE = "phone numbers"
    ADDRESS = "postal addresses"
    RECORD = "record or social security numbers"
    BIRTH = "dates of birth"
    DATE = "full dates"
    URL = "web addresses"
    IP = "network addresses"


class Role(enum.StrEnum):
    """What a column is read as."""

    FEATURE = "feature"
    GROUP = "group"
    ID = "id"
    TEXT = "text"


MAX_ROWS, MAX_VALUES = 100_000, 20_000
"""Rows, and different values of these, that are looked at, drawn at random."""
MIN_PERSONS = 10
"""Different values from which on a column may be of persons rather than of classes."""
MOST, ALMOST_ALL, SOME = 0.5, 0.9, 0.02
"""Shares of the values that have a shape: of a column of nothing else, but for errors; and of texts that hold some."""
MIN_DIGITS = 4
"""Of a number by which records are told apart."""
MANY_BEGINNINGS = 50
"""Different first digits, of which a number that begins with the site of a study has fewer."""
MIN_TEXTS = 3
"""Texts that hold something, below which it stands there by chance."""

POSTCODES = ("cp", "c p")
"""Names that columns of other things have too."""
_WORDS = {
    Kind.NAME: "name names surname surnames lastname firstname forename givenname fullname maidenname lname fname "
    "nachname vorname vornamen rufname zuname familienname nom noms prenom prenoms apellido apellidos nombre nombres "
    "cognome nome naam voornaam achternaam sobrenome angehorige",
    Kind.PHONE: "phone telephone telefon tel handy mobile fax telefono telefone mobil portable movil celular cellulare "
    "telefonnummer telefonnr handynummer mobilnummer rufnummer festnetz tfno tlf telf",
    Kind.ADDRESS: "address addr adresse direccion indirizzo endereco street strasse hausnummer calle zip zipcode "
    "postcode postalcode plz postleitzahl codepostal codigopostal anschrift wohnort domicile domicilio residence",
    Kind.RECORD: "mrn emrn ssn nhs passport cpf aadhaar bsn personnummer fodselsnummer versichertennummer svnr "
    "versicherungsnummer sozialversicherungsnummer krankenversichertennummer kvnr ahv dni nif nie nhc nir nip ipp "
    "aktenzeichen ausweisnummer",
    Kind.BIRTH: "dob birth birthdate birthday dateofbirth datebirth born geburtsdatum geburtstag gebdat gebdatum "
    "geburt geb geboren ddn naissance datenaissance ne nee nacimiento fechanacimiento nac fnac fecnac nascita "
    "datanascita nascimento datanascimento",
}
_PHRASES = {
    Kind.NAME: (
        "family name",
        "nom de famille",
        "nom naissance",
        "nom de naissance",
        "birth name",
        "geburtsname",
        "given name",
        "christian name",
        "next of kin",
        "contact person",
        "patient",
        "patientin",
        "paciente",
        "paziente",
    ),
    Kind.PHONE: ("cell phone", "cell number", "contact number"),
    Kind.ADDRESS: ("postal code", "post code", "house number", "address line", *POSTCODES),
    Kind.RECORD: (
        "medical record number",
        "hospital number",
        "social security",
        "social security number",
        "insurance number",
        "national insurance number",
        "securite sociale",
        "n securite sociale",
        "numero securite sociale",
        "num secu",
    ),
}
_OWNERS = frozenset(
    {"patient", "patients", "patienten", "patientin", "paciente", "pacientes", "paziente", "pt", "pat", "subject"}
    | {"person", "participant", "client", "mother", "father", "contact"}
)
_FILLERS = frozenset(
    {"of", "the", "de", "du", "des", "der", "di", "da", "del", "della", "le", "and", "und", "et", "y", "e"}
    | {"first", "second", "middle", "last", "full", "complete", "complet", "completo", "maiden", "primer", "segundo"}
    | {"pila", "home", "work", "house", "private", "postal", "number", "numero", "no", "nr", "num"}
    | {"date", "datum", "fecha", "fec", "data", "f"}
)
"""Words that change nothing beside those of a name: whose it is, which of several, and what stands between two."""
_OWNED = re.compile(r"(?:patient(?:en|in)?|pat)(?=name|vorname|nachname|adresse|telefon)")

_MONTH = (
    r"(?:(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)\p{L}*|f[eé]v(?:rier)?|avr(?:il)?|"
    r"abr(?:il)?|juin|juil(?:let)?|ao[uû]t|ago(?:sto)?|d[eé]c(?:embre)?|dic(?:iembre)?|ene(?:ro)?)\.?"
)
_YEAR = r"(?:19|20)\d{2}"
_DATE = (
    rf"\b{_YEAR}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])\b|"
    rf"\b(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.]{_YEAR}\b|"
    rf"\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|\.)?[ -]?(?:of |de )?{_MONTH},?[ -]?(?:de )?{_YEAR}\b|"
    rf"\b{_MONTH} (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,? {_YEAR}\b"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IP = rf"(?:25[0-5]|2[0-4]\d|1?\d\d)\.(?:{_OCTET}\.){{2}}{_OCTET}"
"""Versions of programs, such as 5.1.7.2, begin with one digit."""
_PERSON = r"\p{Lu}[\p{L}'’-]+"
IN_TEXT: Mapping[Kind, str] = {
    Kind.EMAIL: r"[\w.+-]+@[\w-]+\.\p{L}{2,}",
    Kind.RECORD: r"\b\d{3}-\d{2}-\d{4}\b|"
    r"\b756\.\d{4}\.\d{4}\.\d{2}\b|"
    r"(?i:\b(?:mrn|ssn|medical record (?:no|number)|nhs (?:no|number)|versichertennummer)\b\W{0,3}\d(?:[ -]?\d){3,})",
    Kind.PHONE: r"\(\d{3}\) ?\d{3}-\d{4}\b|\b\d{3}-\d{3}-\d{4}\b|(?:^|\s)[2-9]\d\d\.\d{3}\.\d{4}(?:$|\s)|"
    r"\b0[1-9](?:(?: \d\d){4}|(?:\.\d\d){4})\b|"
    r"(?:^|\s)\+\d{1,3}[ ./-]?\(?\d{1,4}\)?(?:[ ./-]?\d{2,4}){2,4}\b|"
    r"(?i:\b(?:t[eé]l|phone|fax|telefon|mobile|handy|portable|tel[eé]fono|m[oó]vil)\b\.? ?:? ?)\+?\d[\d ()/.-]{6,}\d",
    Kind.URL: r"(?i)\bhttps?://|\bwww\.\w",
    Kind.IP: rf"\b{_IP}\b",
    Kind.ADDRESS: r"(?i)\b\d+\w?,? (?:[\p{L}.]+ ){1,3}(?:street|avenue|road|lane|drive|boulevard|blvd)\b|"
    r"\b\d+\w?,? (?-i:\p{Lu}\p{L}+ ){1,3}(?-i:St|Ave|Rd|Close)\b|"
    r"\b\d+(?: bis| ter)?,? (?:rue|avenue|boulevard|chemin|impasse|allée|quai|place) "
    r"(?:des?|du|de l[a’']|(?-i:\p{Lu}))|"
    r"(?-i:\b(?:Calle|C/|Avda\.?|Avenida|Plaza|Paseo)) ?(?:\p{L}+ ){1,4}(?:n[.º°]* ?)?\d+\b|"
    r"\b\p{L}+(?:straße|strasse|str\.|gasse|allee) \d+\w?\b",
    Kind.DATE: rf"(?i){_DATE}",
    Kind.NAME: rf"\b(?:Mr|Mrs|Ms|Miss|Herr|Frau|Mme|Monsieur|Madame|Sra|Señora?)\.? {_PERSON}|"
    rf"(?:\bSr\.|(?:[Pp]atient(?:in|e)?|[Pp]aciente):) ?{_PERSON},? {_PERSON}|"
    rf"(?:^|[.,;] |[Pp]atient(?:'s)? |[Pp]aciente )(?:[Nn]ame|Nom|Nombre): ?{_PERSON}",
}
"""Shapes within a text."""
PRECISE = (Kind.EMAIL, Kind.RECORD, Kind.PHONE)
"""Kinds of which one is enough; others stand in texts for other things too."""
ID_SHAPES = (Kind.EMAIL, Kind.URL, Kind.ADDRESS)
CELL_SHAPES = (*ID_SHAPES, Kind.RECORD, Kind.PHONE)
"""Kinds of which one cell is enough. Codes of studies, site-arm-number, have the shape of phone numbers."""
LISTED_NAME = rf"^(?:{_PERSON}|\p{{Lu}}+),? ?[,^] ?(?:{_PERSON}|\p{{Lu}}+)(?:[ ^].*)?$"
"""How lists write a person: `Doe, Jane`, `DOE^JANE`."""
NAME_AS_ID = (
    r"^(?:.*[/\\])?(?:\p{Lu}\p{Ll}+|\p{L}[\p{L}'’-]+(?:(?:,? |[_.,])\p{L}[\p{L}'’-]*\.?){1,3}|"
    r"\p{L}+\^\p{L}.*|\p{Han}{2,4})"
    r"(?:\.\p{L}{2,4})?$"
)
"""A name in the place of a code, which has digits or is of capitals alone; perhaps that of a file."""
WHOLE_DATE = rf"(?i)^(?:{_DATE})"
_DAY, _MONTH_NUMBER = r"(?:0[1-9]|[12]\d|3[01])", r"(?:0[1-9]|1[0-2])"
BIRTH_DATE = rf"{WHOLE_DATE}|^{_YEAR}{_MONTH_NUMBER}{_DAY}$|^\d\d?[-/.]\d\d?[-/.]\d\d$"
"""How a date may be written in a column that is called one: also without signs or with a short year."""
BRITISH_POSTCODE = r"^(?i)[a-z]{1,2}\d[a-z\d]? \d[abd-hjlnp-uw-z]{2}$"
"""Without its blank it would be like the ATC code of a drug, `C09AA`."""
CIVIL_NUMBER = (
    rf"^(?:{_DAY}{_MONTH_NUMBER}\d{{2}}|(?:\d{{2}})?\d{{2}}{_MONTH_NUMBER}{_DAY})[-+]\d{{4}}$|"
    r"^(?:00[1-9]|0[1-9]\d|[1-8]\d\d)-\d\d-\d{4}$|"
    r"^[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]$"
)
"""A number of a citizen: one that begins with a date of birth, as in Nordic countries, of the USA or of Italy."""


def find_kind(values: pl.Series, role: Role) -> Kind | None:
    """Return by what persons can be known in a column, judged by its name and the shapes of its values.

    Args:
        values: The column, named as in its source.
        role: What it is read as. A plain number or code is fine as an id, whatever its column is called.

    Returns:
        None where nothing identifies.

    >>> find_kind(pl.Series("contact", ["a@b.org", "c"]), Role.FEATURE).value
    'e-mail addresses'
    >>> find_kind(pl.Series("mrn", ["700001", "700002"]), Role.ID) is None
    True
    """
    present = values.drop_nulls()
    if present.len() > MAX_ROWS:
        present = present.sample(MAX_ROWS, seed=0)
    distinct = present.unique(maintain_order=True)
    is_spread = distinct.len() >= MIN_PERSONS or distinct.len() > max(1, MOST * present.len())
    if distinct.len() > MAX_VALUES:
        distinct = distinct.sample(MAX_VALUES, seed=0)
    called = _called(values.name)
    if called is not None and is_spread and _fits(distinct, called, role):
        return called
    if distinct.dtype.is_float() or distinct.dtype.is_integer():
        whole = distinct.filter(distinct == distinct.round()).cast(pl.Int64, strict=False).drop_nulls()
        return Kind.RECORD if whole.len() > MOST * distinct.len() and _are_checked(whole.cast(pl.String)) else None
    if distinct.dtype != pl.String or not distinct.len():
        return None
    distinct = distinct.str.strip_chars()
    return _of_texts(distinct) if role == Role.TEXT else _of_cells(distinct, role, is_spread=is_spread)


def _called(column: str) -> Kind | None:
    """Return what the name of a column says, all of whose words must be known."""
    words = [_OWNED.sub("", word) for word in words_of(column)]
    phrases = [" ".join(words), " ".join(word for word in words if word not in _OWNERS)]
    # The number of an address line, a second surname; `f` is a date's in Spanish.
    rest = {word for word in words if not word.isdigit() and word not in _OWNERS and word not in _FILLERS}
    for kind, text in _WORDS.items():
        known, glued = set(text.split()), phrases[1].replace(" ", "")
        if (rest and rest <= known) or glued in known or any(one in _PHRASES.get(kind, ()) for one in phrases):
            return kind
    return None


def _fits(values: pl.Series, kind: Kind, role: Role) -> bool:
    """Return whether values may be what their column is called."""
    if role == Role.TEXT:
        return False
    text = values.cast(pl.String).str.replace(r"\.0$", "")
    has_digits = text.str.count_matches(r"\d")
    if kind == Kind.NAME:
        return _share(text, r"^[\p{L} .,'’^-]{2,60}$") >= ALMOST_ALL
    if kind == Kind.PHONE:
        return _mean(has_digits.is_between(6, 15)) >= ALMOST_ALL
    if kind == Kind.ADDRESS and values.name.lower().strip(".").replace(".", " ") in POSTCODES:
        return _share(text, r"^\d{4,5}$") >= ALMOST_ALL and _share(text, r"^\d{5}$") >= MOST
    if kind == Kind.ADDRESS:
        return values.dtype == pl.String or _share(text, r"^\d{4,5}$") >= ALMOST_ALL
    if kind == Kind.BIRTH:
        return _share(text, BIRTH_DATE) >= ALMOST_ALL
    # Whose number a record has is what an id is for; a measurement, such as near infrared light (NIR), has a fraction.
    is_measured = _share(text, r"^-?\d+[.,]\d+$") >= MOST
    return role != Role.ID and not is_measured and _mean(has_digits >= MIN_DIGITS) >= ALMOST_ALL


def _of_cells(values: pl.Series, role: Role, *, is_spread: bool) -> Kind | None:
    for kind, shape in IN_TEXT.items():
        if kind in (ID_SHAPES if role == Role.ID else CELL_SHAPES) and values.str.contains(shape).any():
            return kind
    if _share(values, rf"^{_IP}$") >= MOST:
        return Kind.IP
    num_beginnings = values.str.head(3).n_unique()
    if _share(values, CIVIL_NUMBER) >= ALMOST_ALL and num_beginnings >= min(MOST * values.len(), MANY_BEGINNINGS):
        return Kind.RECORD
    if _are_checked(values):
        return Kind.RECORD
    if is_spread and _share(values, BRITISH_POSTCODE) >= ALMOST_ALL:
        return Kind.ADDRESS
    if is_spread and _share(values, NAME_AS_ID if role == Role.ID else LISTED_NAME) >= ALMOST_ALL:
        return Kind.NAME
    if _share(values, WHOLE_DATE) >= ALMOST_ALL:
        return Kind.DATE
    return _of_texts(values) if role == Role.FEATURE else None


def _of_texts(texts: pl.Series) -> Kind | None:
    for kind, shape in IN_TEXT.items():
        found = int(texts.str.contains(shape).sum())
        if found and (kind in PRECISE or (found >= MIN_TEXTS and found >= SOME * texts.len())):
            return kind
    return None


def _are_checked(values: pl.Series) -> bool:
    return values.len() >= MIN_PERSONS and _mean(checked_numbers(values)) >= ALMOST_ALL


def _share(values: pl.Series, shape: str) -> float:
    return _mean(values.str.contains(shape))


def _mean(flags: pl.Series) -> float:
    return float(flags.sum()) / max(flags.len(), 1)
