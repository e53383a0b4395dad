"""What Hydra, OmegaConf and pydantic say of a configuration, in one line: the key, and the nearest valid one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reprodx.config.defaults_lists import line_of
from reprodx.config.schema import Config
from reprodx.config.targets import nearest
from reprodx.config.text_keys import with_text_keys
from reprodx.config.yaml_files import CONF, SUFFIX, complaint
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import ValidationError

PLUGIN = "hydra/"
"""How groups begin whose options are plugins of Hydra."""


def composition_error(error: Exception, overrides: Sequence[str] = ()) -> ConfigError:
    """Return Hydra's complaint in one line, with the nearest valid names.

    Args:
        error: What Hydra, OmegaConf or PyYAML raised.
        overrides: What was asked for; the options among them decide which keys exist.

    Returns:
        The error to raise instead.
    """
    if hasattr(error, "problem_mark"):
        return complaint(CONF, error)
    text = str(error)
    if match := re.search(r"(?:In '([^']+)': )?Could not (?:find|load) '([^']+)'", text):
        return _no_such_option(match[1] or "config", match[2], overrides)
    if match := re.search(r"Could not (?:override|append to config|delete from config)[^']*'([^']+)'", text):
        key = match[1].lstrip("+~").partition("=")[0]
        return ConfigError(f"{key}: no such key; {_nearest_key(key, overrides)}")
    if match := re.search(r"Error merging override ([^+~=\s]+)=(.*)", text):
        return ConfigError(
            f"{match[1]}: {CONF} has a value of another shape: replace it by '~{match[1]}' '+{match[1]}={match[2]}'"
        )
    return ConfigError(first_line(error))


def validation_error(error: ValidationError) -> ConfigError:
    """Return pydantic's first complaint with its key; beyond section and key, places name branches of a union."""
    first = error.errors()[0]
    section, *rest = (str(part) for part in first["loc"][:2])
    path = ".".join([section, *rest])
    if first["type"] == "unexpected_keyword_argument":
        owner = Config.__annotations__[section] if rest else Config
        return ConfigError(f"{path}: unknown key; {nearest((rest or [section])[0], list(owner.__annotations__))}")
    if first["type"] == "missing":
        where = CONF / section if (CONF / section).is_dir() else CONF / "config.yaml"
        return ConfigError(f"{path}: missing; see {where}")
    return ConfigError(f"{path}: {first['msg']}")


def first_line(error: Exception) -> str:
    """Return the first line of an error, or of its cause where it has none, with the key that OmegaConf names below."""
    while not str(error).strip() and isinstance(error.__cause__, Exception):
        error = error.__cause__
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    key = re.search(r"^\s*full_key: (\S+)$", str(error), flags=re.MULTILINE)
    return f"{key[1]}: {line}" if key and key[1] not in line else line


def _no_such_option(named_by: str, option: str, overrides: Sequence[str]) -> ConfigError:
    """Say which override, or which line of which file, names an option that does not exist."""
    group, _, name = option.rpartition("/")
    options = [file.stem for file in (CONF / group).glob(f"*{SUFFIX}")]
    if option.startswith(PLUGIN):
        return ConfigError(f"{group}={name}: no such plugin of Hydra is installed: pip install it, or leave it out")
    if any(override.partition("=")[0].lstrip("+").partition("@")[0] == group for override in overrides):
        return ConfigError(f"{group}={name}: no such option; {nearest(name, options)}")
    file, wanted = CONF / f"{named_by}{SUFFIX}", CONF / f"{option}{SUFFIX}"
    return ConfigError(
        f"{file}, line {line_of(file, wanted, CONF)}: its defaults name {wanted}, which does not exist; "
        f"{nearest(name, options)}"
    )


def _nearest_key(key: str, overrides: Sequence[str]) -> str:
    """Return a hint among the keys that stand beside the one that was asked for."""
    import hydra
    from omegaconf import OmegaConf

    first_options = (re.match(r"([\w/]+)=[\w.-]+", override) for override in overrides)
    choices = [match[0] for match in first_options if match and (CONF / match[1]).is_dir()]
    with hydra.initialize_config_dir(str(CONF.resolve()), version_base="1.3"):
        node = with_text_keys(OmegaConf.to_container(hydra.compose("config", choices)))
    *parents, last = key.split(".")
    for parent in parents:
        if not isinstance(node, dict) or parent not in node:
            return nearest(parent, list(node) if isinstance(node, dict) else [])
        node = node[parent]
    return nearest(last, list(node) if isinstance(node, dict) else [])
