"""A patch without the passwords of what it changes, which still can be applied."""

from __future__ import annotations

import re

from reprodx.redaction import without_secrets

SECTION = re.compile(r"^(?=diff --git )", re.MULTILINE)
NAME = re.compile(r"diff --git .* \"?b/(.*?)\"?$", re.MULTILINE)
ADDED = "+"
KEY_FILE = "PRIVATE KEY-----"
"""Stands above lines that tell nothing by their look."""


def masked_patch(patch: str) -> tuple[str, tuple[str, ...]]:
    """Return a patch in which no line holds a secret.

    A line that is added is masked. A file of which a line that stands there already holds a secret is left out, since
    masked it would fit no more.

    Args:
        patch: Git's.

    Returns:
        The patch, and the names of the files whose changes it does not hold as they are.
    """
    sections = [(section, _masked(section)) for section in SECTION.split(patch)]
    names = [found[1] for section, masked in sections if masked != section and (found := NAME.match(section))]
    return "".join(masked for _, masked in sections), tuple(names)


def _masked(section: str) -> str:
    if KEY_FILE in section:
        return ""
    found = NAME.match(section)
    is_code = found is not None and found[1].endswith(".py")
    # Not splitlines, which takes signs for ends of lines that git does not.
    lines = section.split("\n")
    masked = [line[:1] + without_secrets(line[1:], is_code=is_code) for line in lines]
    changed = [line for line, now in zip(lines, masked, strict=True) if line != now]
    return "\n".join(masked) if all(line.startswith(ADDED) for line in changed) else ""
