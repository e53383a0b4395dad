"""Columns by which persons can be known are told from the columns of real tables of patients."""

from __future__ import annotations

import time

import polars as pl
import pytest

from reprodx.datasets.identifying_columns import Kind, Role, find_kind

SURNAMES = ["Smith", "Jones", "Müller", "O'Hara", "Lee", "Kim", "Brown", "Weiß", "Diaz", "Khan"]
LISTED = [f"{last}, {first}" for last in SURNAMES for first in ("Al", "Bo")]
NHS = ["943 476 5919", "943 476 5927", "943 476 5935", "943 476 5943", "943 476 5951", "943 476 5978", "943 476 5986"]
NHS += ["943 476 5994", "943 476 6001", "943 476 6028"]
DNI = [f"{number:08}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}" for number in range(99, 120)]
NUMBERS = [float(10000 + number) for number in range(30)]


@pytest.mark.parametrize(
    ("name", "values", "role", "kind"),
    [
        ("contact", ["none", "a@b.org"], Role.FEATURE, Kind.EMAIL),
        ("pid", ["a.b@c.de", "d.e@c.de"], Role.ID, Kind.EMAIL),
        ("Surname", SURNAMES, Role.FEATURE, Kind.NAME),
        ("patient_name", [name.upper() for name in SURNAMES], Role.FEATURE, Kind.NAME),
        ("doctor", LISTED, Role.FEATURE, Kind.NAME),
        ("pid", ["Smith, John", "Doe, Jane", "Lee, Kim"], Role.ID, Kind.NAME),
        ("pid", ["DOE^JOHN", "SMITH^ANN", "KIM^LEE"], Role.ID, Kind.NAME),
        ("pid", ["john smith", "ann lee", "kim doe"], Role.ID, Kind.NAME),
        ("pid", ["张伟", "王芳", "李娜"], Role.ID, Kind.NAME),
        ("pid", ["123-45-6789", "223-45-6789"], Role.ID, Kind.RECORD),
        ("cpr", ["120364-1234", "010270-1111", "311299-2222"], Role.ID, Kind.RECORD),
        ("mrn", [700000 + number for number in NUMBERS], Role.FEATURE, Kind.RECORD),
        ("Medical Record Number", [f"A{number:.0f}" for number in NUMBERS], Role.GROUP, Kind.RECORD),
        ("pid", ["1964-03-12", "1970-01-02", "1980-05-06"], Role.ID, Kind.DATE),
        ("birthdate", ["1964-03-12", "1970-01-02"], Role.GROUP, Kind.BIRTH),
        ("note", ["born 1964-03-12", "seen on 12/03/2021", "since 3 May 2020"], Role.FEATURE, Kind.DATE),
        ("gebdat", [19640312.0, 19700102.0], Role.FEATURE, Kind.BIRTH),
        ("fecha_nacimiento", ["12-03-1964", "01-02-1970"], Role.FEATURE, Kind.BIRTH),
        ("Date de naissance", ["12/03/64", "01/02/70"], Role.FEATURE, Kind.BIRTH),
        ("code_postal", NUMBERS, Role.FEATURE, Kind.ADDRESS),
        ("dni", [f"{number:.0f}123Z" for number in NUMBERS], Role.FEATURE, Kind.RECORD),
        ("ident", ["756.1234.5678.97", "none"], Role.FEATURE, Kind.RECORD),
        ("pid", ["DOE_JANE", "SMITH_ANN", "KIM_LEE"], Role.ID, Kind.NAME),
        ("pid", ["data/raw/doe.jane.png", "data/raw/Smith.png", "data/raw/kim_lee.png"], Role.ID, Kind.NAME),
        ("phone", ["(212) 555-0101", "(212) 555-0102"], Role.FEATURE, Kind.PHONE),
        ("Telefon", [2125550000 + number for number in NUMBERS], Role.FEATURE, Kind.PHONE),
        ("ZipCode", NUMBERS, Role.FEATURE, Kind.ADDRESS),
        ("home", ["12 Elm Road", "3 Oak Lane"], Role.FEATURE, Kind.ADDRESS),
        ("strasse", [f"{name}weg" for name in SURNAMES], Role.FEATURE, Kind.ADDRESS),
        ("link", ["https://x.org/a", "b"], Role.FEATURE, Kind.URL),
        ("host", ["10.0.0.1", "192.168.1.4"], Role.FEATURE, Kind.IP),
        ("letter", ["Mr. Smith came", "Mrs Doe was here", "Patient: Jane Doe"], Role.TEXT, Kind.NAME),
        ("letter", ["MRN: 7001234, no pain", "well"], Role.TEXT, Kind.RECORD),
        ("letter", ["NHS number: 943 476 5919", "well"], Role.TEXT, Kind.RECORD),
        ("letter", ["call (212) 555-0101", "well"], Role.TEXT, Kind.PHONE),
        ("letter", ["on 3 May 2020", "March 4, 2021", "2020-01-31"], Role.TEXT, Kind.DATE),
        ("primer_apellido", SURNAMES, Role.FEATURE, Kind.NAME),
        ("Patientenname", SURNAMES, Role.FEATURE, Kind.NAME),
        ("nom_naissance", SURNAMES, Role.FEATURE, Kind.NAME),
        ("nota", ["Sr. Ruiz Gil estable", "Sr. Paz Mora bien", "Sr. Cid Rey, dolor"], Role.FEATURE, Kind.NAME),
        ("nom et prénom", SURNAMES, Role.FEATURE, Kind.NAME),
        ("Nombre del paciente", SURNAMES, Role.FEATURE, Kind.NAME),
        ("Patient", SURNAMES, Role.FEATURE, Kind.NAME),
        ("Tel.-Nr.", ["030 1234567", "0171/1234567"], Role.FEATURE, Kind.PHONE),
        ("contact number", ["07700 900123", "07700 900124"], Role.FEATURE, Kind.PHONE),
        ("rappel", ["06 12 34 56 78", "non"], Role.FEATURE, Kind.PHONE),
        ("fec_nac", ["1964/03/12", "1970/01/02"], Role.FEATURE, Kind.BIRTH),
        ("born", ["12Mar1964", "01-Feb-1970"], Role.FEATURE, Kind.BIRTH),
        ("visit", ["2020-03-12", "2020-04-12"], Role.FEATURE, Kind.DATE),
        ("PLZ_Wohnort", NUMBERS, Role.FEATURE, Kind.ADDRESS),
        ("C.P.", [f"0{number}" for number in range(1000, 1020)], Role.FEATURE, Kind.ADDRESS),
        ("area", ["SW1A 1AA", "M1 1AE", "LS2 9JT"], Role.GROUP, Kind.ADDRESS),
        ("domic", ["12 rue des Lilas", "3 avenue Victor Hugo"], Role.FEATURE, Kind.ADDRESS),
        ("sitio", ["Calle Mayor 12", "Plaza del Sol 3"], Role.FEATURE, Kind.ADDRESS),
        ("letter", ["Paciente: Ana Ruiz", "Nom: Dubois", "Madame Petit"], Role.TEXT, Kind.NAME),
        ("pid", DNI, Role.ID, Kind.RECORD),
        ("pid", NHS, Role.ID, Kind.RECORD),
        ("number", [float(number.replace(" ", "")) for number in NHS], Role.FEATURE, Kind.RECORD),
    ],
)
def test_what_identifies_is_found(name: str, values: list[object], role: Role, kind: Kind) -> None:
    assert find_kind(pl.Series(name, values), role) == kind


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("pid", ["P-001", "P-002"], Role.ID),
        ("mrn", ["700001", "700002"], Role.ID),
        ("pid", ["AB", "AC", "AD"], Role.ID),
        ("mrn", ["MRN-700001", "MRN 700002"], Role.ID),
        ("pid", [f"101-0{number % 4}-{number:04}" for number in range(20)], Role.ID),
        ("pid", [f"101-002-{number:04}" for number in range(20)], Role.ID),
        ("pid", ["0a3f", "ffee", "00aa"], Role.ID),
        ("uid", ["1.2.840.10008.1", "1.2.840.10008.2"], Role.ID),
        ("study", [f"200101-000{number}" for number in range(9)], Role.ID),
        ("cp", ["asymptomatic", "typical angina", "non-anginal"], Role.FEATURE),
        ("drug_name", SURNAMES, Role.FEATURE),
        ("name", ["a", "b"] * 20, Role.FEATURE),
        ("mobile", [0.0, 1.0] * 9, Role.FEATURE),
        ("street", ["yes", "no"] * 9, Role.FEATURE),
        ("address", [0.0, 1.0] * 9, Role.FEATURE),
        ("cell", NUMBERS, Role.FEATURE),
        ("bp", ["120/80", "130/85"], Role.FEATURE),
        ("cas", ["50-00-0", "7732-18-5"], Role.FEATURE),
        ("birth weight", NUMBERS, Role.FEATURE),
        ("geburt", [1930.0 + number for number in range(60)], Role.FEATURE),
        ("image", [f"images/eye_{number}.png" for number in range(20)], Role.ID),
        ("site", ["VA Long Beach", "Cleveland Clinic"], Role.GROUP),
        ("abstract", ["In 1999, 120-130 patients of Dr. Smith had pH 7.35 (95% CI 1.2-3.4)"], Role.TEXT),
        ("abstract", ["on 3 May 2020", *(f"none {number}" for number in range(400))], Role.TEXT),
        ("empty", [None, None], Role.FEATURE),
        ("nombre de stents", [float(number) for number in range(12)], Role.FEATURE),
        ("cp", ["typical", "atypical", "non-anginal", "asymptomatic"], Role.FEATURE),
        ("cp", [300.5 + number for number in range(30)], Role.FEATURE),
        ("NIR", [0.1234 + number / 1000 for number in range(30)], Role.FEATURE),
        ("birth order", ["1", "2"] * 9, Role.FEATURE),
        ("Patient Health Questionnaire", NUMBERS, Role.FEATURE),
        ("cell line", SURNAMES, Role.FEATURE),
        ("atc", ["C09AA", "A10BA", "N02BE", "J01CA"], Role.FEATURE),
        ("software", ["5.1.7.2", "4.2.0.1"], Role.FEATURE),
        ("note", ["Patient: Stable, no pain", "Patient: Alert", "Patient: At rest", "14 Fr. Foley"], Role.FEATURE),
        ("note", ["Drug name: Aspirin", "24 Hr. Urine", "Sr. Creatinine", "500 bd Aspirin 75"], Role.TEXT),
        ("pid", [f"{number:08}A" for number in range(99, 120)], Role.ID),
        ("pid", [f"{4_010_232_137 + number}" for number in range(30)], Role.ID),
    ],
)
def test_what_tables_of_patients_hold_is_let_through(name: str, values: list[object], role: Role) -> None:
    assert find_kind(pl.Series(name, values), role) is None


def test_a_million_rows_are_looked_at_in_a_moment() -> None:
    ids = pl.select(pl.format("P{}", pl.int_range(1_000_000))).to_series().alias("note")
    begun = time.process_time()
    assert find_kind(ids, Role.FEATURE) is None
    assert time.process_time() - begun < 2
