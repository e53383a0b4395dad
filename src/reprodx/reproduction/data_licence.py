"""Whether the card of a data set says, in a form without doubt, that everybody may pass the data on.

Only what is listed here counts: an unknown licence, one with an exception, and a card that speaks of a restriction
anywhere keep the data where they are.
"""

from __future__ import annotations

import re

LICENCE_LINE = re.compile(r"^[ \t>#*_-]*licen[cs]e[ \t*_]*:[ \t*_]*(?P<said>.+)$", re.IGNORECASE | re.MULTILINE)
"""How a card states it, such as `- **Licence**: CC BY 4.0.`"""
STATED = re.compile(r"^[^:\n]*\blicen[cs]es?\b[^:\n]*:(?!//)", re.IGNORECASE)
"""How a card states any, also of a part, such as `Licence of the labels: on request`."""
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
"""What a reader of a card does not see."""
NEW_BLOCK = re.compile(r"\s*([-*+#|>]|\d+[.)]\s|$)")
"""How a line begins that does not go on with the one before."""
RESTRICTED = re.compile(
    r"non[- ]?commercial|\bNC\b|\bND\b|no[- ]derivatives|data use agreement|\bDUA\b|credentialed"
    r"|restricted (access|use)|(not|never) (to )?(be )?((re)?distribut|share|pass(ed)? on)|confidential|proprietary"
    r"|not (for|to be) (re)?distribut|internal use|(on|upon) request",
    re.IGNORECASE,
)
"""Words of a card that keep data where they are, whatever else it says."""
CREATIVE_COMMONS = "https://creativecommons.org"
OPEN: dict[str, str] = {
    "CC0 1.0": f"{CREATIVE_COMMONS}/publicdomain/zero/1.0/",
    **{
        f"CC {kind.upper().replace('-', ' ')} {version}": f"{CREATIVE_COMMONS}/licenses/{kind}/{version}/"
        for kind in ("by", "by-sa")
        for version in ("1.0", "2.0", "2.5", "3.0", "4.0")
    },
    "ODC BY 1.0": "https://opendatacommons.org/licenses/by/1-0/",
    "ODBL 1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "PDDL 1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
}
"""Licences under which data may be passed on, by their plain names, with their address."""


def open_licence(card: str | None) -> str | None:
    """Return the address of the licence under which a card lets everybody pass the data on.

    Args:
        card: Its text, Markdown; None where there is no card.

    Returns:
        The address; None where the card names no licence, another than those of `OPEN`, several, or a restriction.

    >>> open_licence("- **Licence**: CC BY 4.0.")
    'https://creativecommons.org/licenses/by/4.0/'
    >>> open_licence("- **Licence**: CC BY 4.0 for the images; labels on request.") is None
    True
    """
    if card is None:
        return None
    card = COMMENT.sub("", card)
    of_parts = any(STATED.match(line) and not LICENCE_LINE.match(line) for line in card.splitlines())
    if of_parts or RESTRICTED.search(card):
        return None
    found = {OPEN.get(_plain(_whole(card, match))) for match in LICENCE_LINE.finditer(card)}
    return found.pop() if len(found) == 1 else None


def _whole(card: str, match: re.Match[str]) -> str:
    """Return what is said with the lines that go on with it."""
    said = [match["said"]]
    for line in card[match.end() :].splitlines()[1:]:
        if NEW_BLOCK.match(line) or LICENCE_LINE.match(line):
            break
        said.append(line.strip())
    return " ".join(said)


def _plain(said: str) -> str:
    """Return a licence's name without its address, marks and spelling: `[CC-BY-4.0](https://...).` is `CC BY 4.0`."""
    without_address = re.sub(r"[(<]?https?://[^\s)>]+[)>]?", "", said)
    words = re.sub(r"[\s\-_]+", " ", without_address.replace("[", "").replace("]", "").replace("*", ""))
    return words.strip(" .,;()").upper()
