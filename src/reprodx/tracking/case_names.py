"""How names of cases and patients are told from other words of a text, and what of a report is about single cases."""

from __future__ import annotations

import re

ABOUT_CASES = re.compile(
    r'<section id="(?:failures|samples)".*?</section>\n|<li><a href="#(?:failures|samples)">.*?</li>\n', re.DOTALL
)
"""What a report shows of single cases, with the way to it: failures, and samples, which a generator may have copied."""
PICTURES = re.compile(r"<img\b[^>]*>", re.DOTALL)
"""What a report shows of cases that are pictures."""
TOKEN = re.compile(r"[\w.\-]+")
"""What an id may look like in a text."""
NUMBER = re.compile(r"[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?")
MIN_DIGITS = 5
"""Of an id that is a number: shorter ones are mistaken for counts."""


JOINED = re.compile(r"\w[_./\\^@]\w")
"""Signs that join words to a name: `DOE_JANE`."""
ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
"""Of a file."""


def without_cases(report: str) -> str:
    """Return a report without what it shows of single cases: ids, attributions and pictures."""
    return PICTURES.sub("", ABOUT_CASES.sub("", report))


def is_telling(name: str) -> bool:
    """Tell whether an id can be told from other words of a text: several words, or with a digit, and no short number.

    >>> [is_telling(name) for name in ("P-17", "Ann Lee", "DOE_JANE", "104711", "17", "0.25", "control")]
    [True, True, True, True, False, False, False]
    """
    if NUMBER.fullmatch(name):
        return sum(letter.isdigit() for letter in name) >= MIN_DIGITS
    return any(letter.isdigit() for letter in name) or len(name.split()) > 1 or JOINED.search(name) is not None


def ways_to_say(name: str) -> set[str]:
    """Return an id, and of one that is a file also its name without folder and without ending.

    >>> sorted(ways_to_say("images/DOE_JANE.png")), sorted(ways_to_say("P-17/V10"))
    (['DOE_JANE', 'DOE_JANE.png', 'images/DOE_JANE.png'], ['P-17/V10'])
    """
    if ENDING.search(name) is None:
        return {name}
    file = re.split(r"[/\\]", name)[-1]
    return {name, file, ENDING.sub("", file)}
