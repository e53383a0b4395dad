"""The defaults of Hydra's files: lists of options, none of which leads back to the file that names it."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import yaml

from reprodx.config.yaml_files import SUFFIX, checked, files_of
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY, SELF, OVERRIDE, OPTIONAL = "defaults", "_self_", "override ", "optional "


def check_folder(folder: Path) -> None:
    """Refuse a configuration of which a file cannot be read, or comes back to itself.

    Args:
        folder: Such as `conf/`.

    Raises:
        ConfigError: If a file is refused, or its defaults are no list of options, or lead back to it.
    """
    files = files_of(folder)
    followed = {path: [option for _, option in _options(path, folder)] for path in files}
    try:
        TopologicalSorter(followed).prepare()
    except CycleError as error:
        cycle: list[Path] = error.args[1][::-1]
        names = " -> ".join(str(path.relative_to(folder).with_suffix("")) for path in cycle)
        line = line_of(cycle[0], cycle[1], folder)
        raise ConfigError(f"{cycle[0]}, line {line}: its defaults come back to it: {names}") from error


def line_of(path: Path, option: Path, folder: Path) -> int:
    """Return the line in which a file's defaults name an option, the first line where none does.

    Args:
        path: The file.
        option: The option's file, which need not exist.
        folder: `conf/`.

    Returns:
        Counted from 1.
    """
    return next((line for line, named in _options(path, folder) if named == option), 1)


def _options(path: Path, folder: Path) -> Iterator[tuple[int, Path]]:
    """Yield line and file of each option that a file's defaults bring in."""
    for key, value in checked(path).value:
        if key.value != KEY:
            continue
        if not isinstance(value, yaml.SequenceNode):
            raise _refusal(path, value, "must be a list of options, such as `- model: mlp`")
        for entry in value.value:
            for name in _names(path, entry):
                group = folder if name.startswith("/") else path.parent
                yield entry.start_mark.line + 1, group / f"{name.lstrip('/')}{SUFFIX}"


def _names(path: Path, entry: yaml.Node) -> Iterator[str]:
    """Yield what an entry brings in, as a path from its group; choices for other entries bring nothing in."""
    if isinstance(entry, yaml.ScalarNode):
        if entry.tag != "tag:yaml.org,2002:str":
            raise _refusal(path, entry, f"{entry.value!r} names no option: put it in quotes")
        if entry.value != SELF:
            yield entry.value.removeprefix(OPTIONAL).partition("@")[0]
        return
    if not isinstance(entry, yaml.MappingNode) or len(entry.value) != 1:
        raise _refusal(path, entry, "each entry must name one option, such as `- model: mlp`")
    ((group, chosen),) = entry.value
    if group.value.startswith(OVERRIDE):
        return
    name = group.value.removeprefix(OPTIONAL).partition("@")[0]
    for one in chosen.value if isinstance(chosen, yaml.SequenceNode) else [chosen]:
        if not isinstance(one, yaml.ScalarNode):
            raise _refusal(path, one, f"{KEY}: {name} must be the name of an option")
        yield f"{name}/{one.value}"


def _refusal(path: Path, node: yaml.Node, problem: str) -> ConfigError:
    return ConfigError(f"{path}, line {node.start_mark.line + 1}: {KEY}: {problem}")
