"""Overrides of the command line, read by Hydra's grammar; what it cannot read is refused, with the quotes it needs."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hydra.core.config_loader import ConfigLoader
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import Override

KEY = re.compile(r"(\+\+|\+|~)?[A-Za-z_][\w-]*([./][\w-]+)*(@[\w.:]*)?", re.ASCII)
"""What stands before the equals sign."""
LONGEST_SHOWN = 120
"""Characters of an override that a message repeats."""
CALL = re.compile(r"^\w+ while evaluating '.*': (?P<reason>.*)", re.MULTILINE)
"""How Hydra says that a function such as `range` refuses its arguments."""
QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
GROUPED_DIGITS = re.compile(r"(?<![\w.$/-])[-+]?\d[\d.]*_[\d_.]*\d(?![\w./-])")
"""A name such as 2023_01, which Hydra reads as the number 202301."""


def parse(overrides: Sequence[str], *, may_sweep: bool, loader: ConfigLoader | None = None) -> list[Override]:
    """Return overrides as Hydra understands them.

    Args:
        overrides: Such as `model=logistic`.
        may_sweep: Whether one may span several runs.
        loader: Hydra's, which knows the options that `glob` selects from.

    Returns:
        One for each, in their order.

    Raises:
        ConfigError: If one cannot be read, is read as another number than it shows, or spans runs where it must not.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser

    parser = OverridesParser.create(config_loader=loader)
    return [_parsed(parser, override, may_sweep=may_sweep) for override in overrides]


def shell_quoted(key: str, text: str) -> str:
    """Return an override that gives a key a text, as it is typed in a shell.

    >>> print(shell_quoted("data.path", "my file.csv"))
    'data.path="my file.csv"'
    """
    return shlex.quote(f"{key}={_hydra_quoted(text)}")


def _parsed(parser: OverridesParser, override: str, *, may_sweep: bool) -> Override:
    from hydra.core.override_parser.types import ValueType
    from hydra.errors import HydraException

    key, equals, value = override.partition("=")
    shown = override if len(override) <= LONGEST_SHOWN else f"{override[:LONGEST_SHOWN]}..."
    if not equals and not key.startswith("~"):
        raise ConfigError(f"{shown!r} is no setting; give KEY=VALUE, such as seed=1")
    if not KEY.fullmatch(key):
        raise ConfigError(f"{shown}: {key!r} is no key; give KEY=VALUE, such as model.dropout=0.1")
    try:
        # One alone is not told of Hydra's options.
        (parsed,) = parser.parse_overrides([override])
    except RecursionError as error:
        raise ConfigError(f"{shown}: its value has too many brackets") from error
    except HydraException as error:
        raise ConfigError(f"{shown}: {_problem(parser, key, value, str(error))}") from error
    if digits := GROUPED_DIGITS.search(QUOTED.sub("", value)):
        right = shell_quoted(key, value) if digits[0] == value else f'"{digits[0]}"'
        raise ConfigError(f"{shown}: {digits[0]} would be read as a number without the underscore; write {right}")
    if parsed.is_sweep_override() and not may_sweep:
        is_text = parsed.value_type == ValueType.SIMPLE_CHOICE_SWEEP and "." in key
        hint = f"; {_one_value(parser, key, value)}" if is_text else ""
        raise ConfigError(f"{shown}: several values are several runs, with -m{hint}")
    return parsed


def _problem(parser: OverridesParser, key: str, value: str, reason: str) -> str:
    called = CALL.search(reason)
    if called and "Unknown function" not in called["reason"]:
        return called["reason"]
    if "{" in value and ":" in value:
        hint = "write a mapping as '{key: \"value\"}', in single quotes for the shell; keys stand without quotes"
        return f"cannot be read; {hint}"
    return f"needs quotes; {_one_value(parser, key, value)}"


def _one_value(parser: OverridesParser, key: str, value: str) -> str:
    """Return how a text, and where it looks like one a list, is written."""
    from hydra.errors import HydraException

    texts = [shell_quoted(key, value.strip("\"'"))]
    if inside := re.fullmatch(r"\[?([^\[\]{}()]+?)[\],]?", value):
        items = [_hydra_quoted(item.strip().strip("\"'")) for item in inside[1].split(",") if item.strip()]
        as_list = f"{key}=[{','.join(items)}]"
        if value.startswith("["):
            texts = [shlex.quote(as_list)]
        elif len(items) > 1:
            texts.append(f"or as a list {shlex.quote(as_list)}")
    try:
        parser.parse_overrides([word for text in texts for word in shlex.split(text.removeprefix("or as a list "))])
    except HydraException:
        return "write text in quotes, as in 'data.path=\"my file.csv\"'"
    return f"write {' '.join(texts)}"


def _hydra_quoted(text: str) -> str:
    from hydra.core.override_parser.types import Quote, QuotedString

    return str(QuotedString(text=text.replace("${", "\\${"), quote=Quote.double).with_quotes())
