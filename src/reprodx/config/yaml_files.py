"""Files of YAML as a person wrote them: whole, one mapping, and without text that YAML 1.1 takes for something else.

YAML reads `no` as false, `010` as 8 and `1:30` as 90. Where that differs from what stands there, the file is refused,
since nobody would be told.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from reprodx.config.values import refuse_secret
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONF = Path("conf")
"""Where a project's options lie."""
SUFFIX = ".yaml"
LARGEST_BYTES = 2**20
"""A hundred times the longest file that ships."""
DEEPEST = 50
"""Mappings and lists within each other."""
MOST_VALUES = 10_000
"""Values of a file once its aliases are written out."""
TAG = "tag:yaml.org,2002:"
TEXT, MERGE = f"{TAG}str", f"{TAG}merge"
CANONICAL = {
    f"{TAG}bool": (re.compile(r"(?i)true|false"), "a truth value"),
    f"{TAG}int": (re.compile(r"[-+]?(0|[1-9]\d*)"), "another number"),
    f"{TAG}float": (re.compile(r"(?i)[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?\.(inf|nan)"), "another number"),
}
"""How values look that are read as they are written, by their tag, and what others are taken for."""
KEYS = (TEXT, MERGE, f"{TAG}value", *CANONICAL)
"""Tags of keys: truth values and numbers are values of columns that a split maps."""
KINDS = (*KEYS, f"{TAG}null", f"{TAG}timestamp", f"{TAG}map", f"{TAG}seq")
"""Tags of values; OmegaConf keeps dates as text."""
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""How files of UTF-16 begin, mostly; zero bytes they have in any case."""


def files_of(folder: Path) -> list[Path]:
    """Return the files of YAML at any depth of a folder, in order; hidden ones are none of ours."""
    found = sorted(folder.rglob(f"*{SUFFIX}"))
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def checked(path: Path) -> yaml.MappingNode:
    """Return a file's mapping; refuse a file that is none, or of which YAML makes something else than stands there.

    Args:
        path: The file.

    Returns:
        The mapping with the places of its parts.

    Raises:
        ConfigError: If it is no file, is not UTF-8, is too large, is not YAML, or holds a value that is not read as it
            is written.
    """
    if not path.is_file():
        what = "a folder" if path.is_dir() else "a link that leads nowhere" if path.is_symlink() else "no usual file"
        raise ConfigError(f"{path} is {what}: put a file of YAML in its place")
    found = path.stat()
    return _checked(path, found.st_size, found.st_mtime_ns)


def complaint(path: Path, error: Exception) -> ConfigError:
    """Return in one line what a parser of YAML says.

    Args:
        path: The file, where the error does not name it.
        error: PyYAML's, which may know its file and place.

    Returns:
        The error to raise instead.
    """
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "not valid")
    problem = f"{getattr(error, 'context', '')} {problem}" if problem.startswith("but ") else problem
    if mark is None:
        return ConfigError(f"{path}: no YAML: {problem}")
    named = Path(mark.name)
    path = named if named.suffix == SUFFIX else path
    if "'\\t'" in problem or " tab " in problem:
        problem = "a tab stands where YAML allows spaces alone: put spaces in its place"
    return ConfigError(f"{_shown(path)}, line {mark.line + 1}: {problem}")


@functools.cache
def _checked(path: Path, size: int, _changed: int) -> yaml.MappingNode:
    """Check a file once as long as it is not touched, since a command composes several times."""
    if size > LARGEST_BYTES:
        raise ConfigError(f"{path} has {size:,} bytes: settings take less than {LARGEST_BYTES:,}; data lie elsewhere")
    root = _node(path, _text(path))
    if root is None:
        raise ConfigError(f"{path}, line 1: no setting stands in it: write `key: value` lines, or delete it")
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(f"{path}, line {root.start_mark.line + 1}: must hold `key: value` lines")
    _Walk(path).visit(root)
    return root


def _text(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(UTF16_MARKS) or b"\0" in content:
        raise ConfigError(f"{path}, line 1: is written in UTF-16, or is no text: save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: is not UTF-8: save it as UTF-8") from error


def _node(path: Path, text: str) -> yaml.Node | None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    try:
        # Composing calls itself for each level, parsing does not.
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise ConfigError(f"{path}, line {line}: more than {DEEPEST} mappings and lists in each other")
        root: yaml.Node | None = yaml.compose(text, Loader=loader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(f"{path}, line {line}: a character that text has not: delete it") from error
    except yaml.YAMLError as error:
        raise complaint(path, error) from error
    return root


class _Walk:
    """One file's values, each looked at where it stands."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._num_values: dict[yaml.Node, int] = {}
        self._open: set[yaml.Node] = set()

    def visit(self, node: yaml.Node) -> int:
        """Check a value and all within it; return how many they are once aliases are written out."""
        if node in self._open:
            raise self._refusal(node, "an alias (*) leads back into itself: write the value out")
        if node not in self._num_values:
            self._open.add(node)
            self._num_values[node] = 1 + sum(self.visit(part) for part in self._parts(node))
            self._open.remove(node)
        if self._num_values[node] > MOST_VALUES:
            raise self._refusal(node, f"more than {MOST_VALUES:,} values once aliases (*) are written out")
        return self._num_values[node]

    def _parts(self, node: yaml.Node) -> Iterator[yaml.Node]:
        if node.tag not in KINDS:
            raise self._refusal(node, f"{node.tag.removeprefix(TAG)!r} is no kind of value that settings have")
        if isinstance(node, yaml.MappingNode):
            self._check_keys(node)
            yield from (part for pair in node.value for part in pair)
        elif isinstance(node, yaml.SequenceNode):
            yield from node.value
        else:
            self._check_scalar(node)

    def _check_keys(self, mapping: yaml.MappingNode) -> None:
        seen: dict[str, int] = {}
        for key, _ in mapping.value:
            if key.tag not in KEYS:
                raise self._refusal(key, "a key must be text: put it in quotes")
            if key.tag != MERGE and key.value in seen:
                raise self._refusal(key, f"{key.value!r} stands in line {seen[key.value]} too: leave one")
            seen[key.value] = key.start_mark.line + 1

    def _check_scalar(self, node: yaml.Node) -> None:
        refuse_secret(node.value, f"{self._path}, line {node.start_mark.line + 1}")
        form, other = CANONICAL.get(node.tag, (None, ""))
        if form and not form.fullmatch(node.value):
            raise self._refusal(node, f"YAML takes {node.value} for {other}: put it in quotes, or write what is meant")

    def _refusal(self, node: yaml.Node, problem: str) -> ConfigError:
        return ConfigError(f"{self._path}, line {node.start_mark.line + 1}: {problem}")


def _shown(path: Path) -> Path:
    """Return a path from here, where it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path
