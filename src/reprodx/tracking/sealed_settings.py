"""Settings and texts in which ids of cases and patients are sealed with the project's key, and opened again.

A sealed id is not readable on a server, and yet a run can be made again from there by whoever has the key.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx.tracking.case_names import TOKEN, is_telling
from reprodx.tracking.patient_key import SEALED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from reprodx.tracking.patient_key import PatientKey

NAMING = ("acknowledge.duplicates", "exclude", "same_patient", "sets")
"""Settings of the data whose values are ids, whatever they look like: of beats a record is a patient."""
WITH_NAMING_KEYS = "same_patient"
EVERY = "*"
"""Stands for all ids, and is none."""
WIDE_TOKEN = re.compile(r"[^\s\"'<>,;:=()\[\]{}&#|]+")
"""What an id with a slash or the like looks like in a text."""
MAX_ROWS_OF_WORDS = 10_000
"""Ids of several words that are looked for in a text."""
RECORD = re.compile(r'(<meta name="reprodx-experiment" content=")([^"]*)(">)')
"""What a report says of its experiment to machines."""
COMMAND = re.compile(r"reprodx run [^<]*")
"""What a report says of how its run is repeated."""


@dataclass(frozen=True)
class Seal:
    """Takes ids out of what a run says of itself."""

    key: PatientKey
    ids: AbstractSet[str]
    """Those that can be told from other words, see `is_telling`."""

    def settings(self, sections: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings with each id sealed: in a value, a list, or the name of a key."""
        return {name: self._node(value, (name,)) for name, value in sections.items()}

    def text(self, text: str) -> str:
        """Return a text with each id sealed that can be told from other words."""
        if not self.ids:
            return text
        for pattern in (WIDE_TOKEN, TOKEN):
            text = pattern.sub(lambda match: self._token(match[0]), text)
        rows = [name for name in self.ids if " " in name]
        for row in rows if len(rows) <= MAX_ROWS_OF_WORDS else ():
            if row in text:
                text = text.replace(row, self.key.sealed(row))
        return text

    def strings(self, content: Any) -> Any:
        """Return JSON with each id sealed that stands in a text of it; its numbers are counts."""
        if isinstance(content, dict):
            return {name: self.strings(value) for name, value in content.items()}
        if isinstance(content, list):
            return [self.strings(value) for value in content]
        return self.text(content) if isinstance(content, str) else content

    def report(self, page: str, sections: Mapping[str, Any]) -> str:
        """Return a report whose settings name nobody.

        Args:
            page: Without its sections on single cases.
            sections: The settings that it tells.

        Returns:
            The page; where settings name somebody, without the command that repeats them.
        """
        before, after = (list(_flat(one, "")) for one in (sections, self.settings(sections)))
        if before != after:
            page = COMMAND.sub("reprodx reproduce RUN", page)
        for one, other in zip(before, after, strict=True):
            page = page if one == other else page.replace(_row(*one), _row(*other))
        return self.text(RECORD.sub(self._record, page))

    def _record(self, match: re.Match[str]) -> str:
        record = json.loads(html.unescape(match[2]))
        record["config"] = self.settings(record["config"])
        text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return f"{match[1]}{_escaped(text)}{match[3]}"

    def _node(self, node: Any, path: tuple[str, ...]) -> Any:
        if isinstance(node, dict):
            return {self._key_of(name, path): self._node(value, (*path, str(name))) for name, value in node.items()}
        if isinstance(node, list | tuple):
            return [self._node(value, path) for value in node]
        if isinstance(node, bool) or node is None or node == EVERY:
            return node
        # A number beyond data and split is a setting, whatever it is equal to.
        if _is_naming(path) or (str(node) in self.ids and (isinstance(node, str) or path[0] in {"data", "split"})):
            return self.key.sealed(node)
        return self.text(node) if isinstance(node, str) else node

    def _key_of(self, name: Any, path: tuple[str, ...]) -> Any:
        is_id = str(name) in self.ids or (_is_naming(path) and path[-1] == WITH_NAMING_KEYS)
        return self.key.sealed(name) if is_id else name

    def _token(self, token: str) -> str:
        bare = token.strip(".-/")
        return token.replace(bare, self.key.sealed(bare)) if bare in self.ids and is_telling(bare) else token


def opened(content: Any, key: PatientKey | None) -> tuple[Any, frozenset[str]]:
    """Return settings or a text with the ids that this project sealed.

    Args:
        content: Nested settings, or a text.
        key: Of the project; None where it has none.

    Returns:
        The content, in which what another project sealed stays sealed; and the ids that were opened.
    """
    names: set[str] = set()

    def open_one(token: str) -> Any:
        found = token if key is None else key.opened(token)
        names.update([str(found)] if found != token else [])
        return found

    def open_node(node: Any) -> Any:
        if isinstance(node, dict):
            return {open_node(name): open_node(value) for name, value in node.items()}
        if isinstance(node, list):
            return [open_node(value) for value in node]
        if not isinstance(node, str) or "sealed." not in node:
            return node
        return open_one(node) if SEALED.fullmatch(node) else SEALED.sub(lambda match: str(open_one(match[0])), node)

    return open_node(content), frozenset(names)


def has_sealed(content: Any) -> bool:
    """Tell whether settings hold ids that were not opened."""
    return SEALED.search(json.dumps(content, default=str)) is not None


def _is_naming(path: tuple[str, ...]) -> bool:
    return path[0] == "data" and any(".".join(path[1:]).startswith(name) for name in NAMING)


def _flat(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in node.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _row(path: str, value: Any) -> str:
    """Return how a report's table of settings shows one."""
    shown = _escaped(json.dumps(value, ensure_ascii=False))
    return f'<th scope="row">{_escaped(path)}</th>\n<td class="text">{shown}</td>'


def _escaped(text: str) -> str:
    """Return text as the templates escape it."""
    return html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
