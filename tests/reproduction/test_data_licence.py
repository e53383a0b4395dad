"""Data are passed on under a licence that is listed, said without doubt; everything else keeps them where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from reprodx.reproduction.data_licence import OPEN, open_licence


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("- **Licence**: CC BY 4.0.", "https://creativecommons.org/licenses/by/4.0/"),
        ("License: CC-BY-SA-4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
        ("**License:** [CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/)", OPEN["CC0 1.0"]),
        ("* Licence: ODC-By 1.0 (https://opendatacommons.org/licenses/by/1-0/).", OPEN["ODC BY 1.0"]),
        ("licence: ODbL-1.0\n\nMore text.\n", OPEN["ODBL 1.0"]),
        ("Licence: CC BY 4.0\n\nSee the licence at https://creativecommons.org.\n", OPEN["CC BY 4.0"]),
        ("Licence: CC BY 4.0\nLicense: CC-BY-4.0\n", OPEN["CC BY 4.0"]),
    ],
)
def test_a_listed_licence_is_open(said: str, address: str) -> None:
    assert open_licence(f"# Clinic\n\n{said}\n- **Cohort**: 12\n") == address


@pytest.mark.parametrize(
    "card",
    [
        None,
        "",
        "# Clinic\n\nCC BY 4.0\n",
        "Licence: unknown",
        "Licence: CC BY",
        "Licence: CC BY-NC 4.0",
        "Licence: CC BY-ND 4.0",
        "Licence: CC BY 4.0 for the code",
        "- **Licence**: CC BY 4.0\n  for the pictures alone\n",
        "Licence: CC BY 4.0\nand the data use agreement of the hospital\n",
        "Licence: CC BY 4.0\nLicence: proprietary\n",
        "Licence: CC BY 4.0\n\n## Use\n\nFor non-commercial research.\n",
        "Licence: CC BY 4.0\n\nLicence of the labels: on paper\n",
        "Licence (pictures): CC BY 4.0\n",
        "Licence: CC BY 4.0\n\nPrivate, do not pass on.\n",
        "<!--\nLicence: CC BY 4.0\n-->\n",
        "Licence: CC BY 4.0\n\nAccess is restricted access for credentialed users.\n",
    ],
)
def test_everything_else_is_not(card: str | None) -> None:
    assert open_licence(card) is None


def test_the_data_that_are_shipped_may_be_passed_on() -> None:
    card = Path("data/raw/heart_disease/card.md").read_text(encoding="utf-8")
    assert open_licence(card) == OPEN["CC BY 4.0"]
