"""From a configuration back to the command line that composes it: what differs from `conf/` as it lies here."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reprodx.config.composition import COMPONENTS, NESTED, check_conf, compose, composed
from reprodx.config.identity import HASHED
from reprodx.config.targets import NAME, TARGET
from reprodx.config.text_keys import with_text_keys
from reprodx.config.yaml_files import CONF
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reprodx.config.schema import Config

GROUPS = (*COMPONENTS, "trainer", "evaluation", *("/".join(nested) for nested in NESTED))
"""The groups of options that decide a result."""
PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
"""Text that stands without quotes."""
PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*")
"""A key that a path with dots can name."""
UNSAFE, ESCAPED = re.compile(r"[\\()\[\]{}:=,\s]"), r"\\\g<0>"
"""Signs of a key in a mapping that need a backslash, and they with it."""
KEYWORDS = ("null", "true", "false", "nan", "inf")
"""Text that needs them all the same."""


def overrides_of(config: Config) -> tuple[str, ...] | None:
    """Return what `reprodx run` takes to compose a configuration, as far as it decides a result.

    Args:
        config: The validated configuration.

    Returns:
        Options of groups first, then single settings; empty where `conf/` composes to it by itself. None where it
        cannot be composed from here, as where there is no `conf/`.
    """
    wanted = {section: config.as_dict()[section] for section in HASHED}
    try:
        with _beside_a_running_command():
            usual = _unresolved([])
            options = list(_options(wanted, usual))
            overrides = [*options, *_settings(wanted, _unresolved(options))]
            found = compose(overrides)
    except ConfigError:
        return None
    return tuple(overrides) if {section: found[section] for section in HASHED} == wanted else None


@contextmanager
def _beside_a_running_command() -> Iterator[None]:
    """Let Hydra, which composes for one command at a time, compose within one that it runs."""
    from hydra.core.global_hydra import GlobalHydra

    shared = GlobalHydra.instance()
    running, shared.hydra = shared.hydra, None
    try:
        yield
    finally:
        shared.hydra = running


def _unresolved(overrides: list[str]) -> dict[str, Any]:
    """Return what `conf/` composes to, settings without a value among it."""
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    check_conf()
    try:
        plain = OmegaConf.to_container(composed(overrides))
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(f"{CONF}/ does not compose with {overrides}") from error
    assert isinstance(plain, dict), "a DictConfig becomes a dict"
    return {section: with_text_keys(plain[section]) for section in HASHED}


def _options(wanted: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[str]:
    """Yield the option of each group that is not the usual one."""
    for group in GROUPS:
        ours, usual = _at(wanted, group), _at(base, group)
        for key in (NAME, TARGET):
            if not ours or (usual or {}).get(key) == ours.get(key):
                continue
            if option := _option(group, key, ours.get(key)):
                yield f"{group}={option}"
                break


def _at(sections: Mapping[str, Any], group: str) -> dict[str, Any] | None:
    """Return the section that a group fills; None where another option left no room for it."""
    found: dict[str, Any] | None = dict(sections)
    for part in group.split("/"):
        found = (found or {}).get(part)
    return found


def _option(group: str, key: str, value: object) -> str | None:
    """Return the first option of a group that has a value, None where none does."""
    from omegaconf import DictConfig, OmegaConf

    for path in sorted((CONF / group).glob("*.yaml")):
        loaded = OmegaConf.load(path)
        if isinstance(loaded, DictConfig) and not OmegaConf.is_missing(loaded, key) and loaded.get(key) == value:
            return path.stem
    return None


def _settings(wanted: Mapping[str, Any], base: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield each single setting that differs."""
    for key in sorted(base.keys() - wanted.keys()):
        yield f"~{prefix}{key}"
    for key, value in wanted.items():
        if key not in base:
            yield f"+{prefix}{key}={_value(value)}"
        elif isinstance(value, dict) and isinstance(base[key], dict):
            yield from _inner_settings(value, base[key], f"{prefix}{key}")
        elif value != base[key]:
            yield f"{prefix}{key}={_value(value)}"


def _inner_settings(wanted: Mapping[str, Any], base: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield what differs within a mapping: each key, or the whole where a key, such as a number, is in no path."""
    if all(PLAIN_KEY.fullmatch(key) for key in [*wanted, *base]):
        yield from _settings(wanted, base, f"{path}.")
    elif wanted != base:
        # A mapping given for one that is there would be merged with it.
        yield f"~{path}"
        yield f"+{path}={_value(wanted)}"


def _value(value: object) -> str:
    """Return a value as Hydra reads it.

    >>> _value([1, None, "b c"]), _value({"a": True, "2": 3}), _value("x/y.csv"), _value("null"), _value(float("inf"))
    ('[1,null,"b c"]', '{a:true,2:3}', 'x/y.csv', '"null"', 'inf')
    """
    if isinstance(value, dict):
        return "{" + ",".join(f"{UNSAFE.sub(ESCAPED, key)}:{_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return value if PLAIN.fullmatch(value) and value.lower() not in KEYWORDS else _quoted(value)
    return str(value) if isinstance(value, float) else json.dumps(value)


def _quoted(text: str) -> str:
    from hydra.core.override_parser.types import Quote, QuotedString

    return str(QuotedString(text, Quote.double).with_quotes())
