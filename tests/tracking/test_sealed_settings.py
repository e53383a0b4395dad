"""Ids in settings and texts are sealed, all else is left as it is, and the key opens them again."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from reprodx.tracking.patient_key import PatientKey
from reprodx.tracking.sealed_settings import Seal, has_sealed, opened

KEY = PatientKey(b"k" * 32)
SEAL = Seal(KEY, frozenset({"P-4711", "P-4711/2", "104711", "Ward 7 x"}))
SETTINGS: dict[str, Any] = {
    "data": {
        "name": "mine",
        "acknowledge": {"features": ["age"], "duplicates": ["17", "*"]},
        "exclude": [102],
        "same_patient": {201: [202]},
        "ranges": {"age": [18, 110]},
    },
    "split": {"held_out": ["P-4711"], "numbers": [104711, 3], "note": "without P-4711/2, 104711"},
    "trainer": {"batch_size": 104711, "name": "cpu", "portable": True, "loss": None},
}


def test_ids_in_settings_are_sealed_and_opened_as_they_were() -> None:
    sealed = SEAL.settings(SETTINGS)
    text = json.dumps(sealed)
    for name in ("P-4711", '"17"', "102]", "201", "202", "held_out: 104711", "104711, 3"):
        assert name not in text
    assert sealed["trainer"] == SETTINGS["trainer"]
    assert sealed["data"]["ranges"] == SETTINGS["data"]["ranges"]
    assert sealed["data"]["acknowledge"]["duplicates"][1] == "*"
    found, names = opened(json.loads(text), KEY)
    assert found == SETTINGS
    assert names == {"17", "102", "201", "202", "P-4711", "P-4711/2", "104711"}


def test_without_the_key_they_stay_sealed() -> None:
    sealed = SEAL.settings(SETTINGS)
    assert opened(sealed, None) == (sealed, frozenset())
    assert opened(sealed, PatientKey(b"j" * 32)) == (sealed, frozenset())
    assert has_sealed(sealed)
    assert not has_sealed(SETTINGS)


@pytest.mark.parametrize(
    ("text", "is_naming"),
    [
        ("+  held_out: [P-4711]\n", True),
        ("left out: P-4711.", True),
        ("<td>P-4711/2</td>", True),
        ("mrn=104711", True),
        ("of Ward 7 x too", True),
        ("P-47110, 4711, 1047110", False),
    ],
)
def test_ids_in_texts_are_sealed_and_opened(text: str, *, is_naming: bool) -> None:
    sealed = SEAL.text(text)
    assert (sealed != text) == is_naming
    assert opened(sealed, KEY)[0] == text


def test_a_report_tells_settings_without_ids() -> None:
    def escaped(value: object) -> str:
        return html.escape(json.dumps(value)).replace("&quot;", "&#34;")

    record = {"config": SETTINGS, "config_hash": "c"}
    rows = [
        f'<th scope="row">data.{key}</th>\n<td class="text">{escaped(value)}</td>'
        for key, value in (("exclude", [102]), ("same_patient.201", [202]), ("ranges.age", [18, 110]))
    ]
    page = (
        f'<meta name="reprodx-experiment" content="{escaped(record)}">\n{"".join(rows)}'
        "<code>reprodx run &#39;data.exclude=[102]&#39;</code>"
    )
    shown = SEAL.report(page, SETTINGS)
    for name in ("102", "201", "202", "P-4711", "&#34;17&#34;"):
        assert name not in shown
    assert rows[2] in shown
    assert "reprodx reproduce RUN" in shown
    plain = {"trainer": SETTINGS["trainer"]}
    of_none = f'<meta name="reprodx-experiment" content="{escaped({"config": plain})}"><code>reprodx run a=1</code>'
    assert "reprodx run a=1" in SEAL.report(of_none, plain)


def test_numbers_of_a_record_are_counts_and_its_texts_name_nobody() -> None:
    record = {"num_cases": 104711, "rules": [{"rule": "without 104711"}], "leaky": False}
    sealed = SEAL.strings(record)
    assert sealed["num_cases"] == 104711
    assert sealed["leaky"] is False
    assert "104711" not in sealed["rules"][0]["rule"]
