"""From a node with a `_target_` to an object: the only caller of Hydra's `instantiate`.

Hydra's own block-list is not a boundary (it lets `builtins.open` and `torch.load` through), so a target must lie in our
allow-list, and what its path resolves to must be a class that was defined there: `torch.nn.modules.module.torch.load`
starts well and ends in unpickling.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args

from reprodx.errors import ConfigError
from reprodx.schemas import SAMPLING, Sampling

ALLOWED_PREFIXES = (
    "reprodx.augmentation.",
    "reprodx.datasets.",
    "reprodx.metrics.",
    "reprodx.models.",
    "reprodx.splits.",
    "reprodx.training.",
    "torch.nn.",
    "torch.optim.",
    "monai.networks.",
)
"""Where a `_target_` may point."""
SCALARS = {int, float, bool, str, NoneType}
OURS = "reprodx."
TARGET, NAME = "_target_", "name"
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
"""Parameters such as `**kwargs`, which need no value."""

BESIDE = {
    "data": {
        SAMPLING: inspect.Parameter(
            SAMPLING,
            inspect.Parameter.KEYWORD_ONLY,
            # Configurations that are older than the key say nothing.
            default=Sampling.COHORT.value,
            annotation=Literal[tuple(one.value for one in Sampling)],
        )
    }
}
"""Keys of a section that are checked like arguments of its class, but are not for the class."""


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a hint that names the valid names most like `name`.

    >>> nearest("logisitc", ["logistic", "mlp"])
    "did you mean 'logistic'? Valid: logistic, mlp"
    """
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    listed = f"Valid: {', '.join(sorted(known))}"
    return f"did you mean {close[0]!r}? {listed}" if close else listed


def iterate_targets(node: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield (key path, target) of every `_target_` at any depth."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == TARGET and value is not None:
                yield path, value
            else:
                yield from iterate_targets(value, f"{path}.{key}")
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for position, value in enumerate(node):
            yield from iterate_targets(value, f"{path}[{position}]")


def check_targets_are_allowed(node: object, path: str) -> None:
    """Refuse a foreign `_target_` by its name alone, without importing it.

    Args:
        node: Containers of any depth.
        path: Where the node stands in the config, for the message.

    Raises:
        ConfigError: If a target lies outside `ALLOWED_PREFIXES`.
    """
    for key, target in iterate_targets(node, path):
        if not isinstance(target, str) or not target.startswith(ALLOWED_PREFIXES):
            raise ConfigError(
                f"{key}._target_: {target!r} is not allowed; {nearest(str(target), _valid_targets())}. "
                f"Targets may lie in {', '.join(prefix + '*' for prefix in ALLOWED_PREFIXES)}"
            )


def check_component(node: Mapping[str, Any], path: str, *, given: Sequence[str] = ()) -> None:
    """Check a node against its class: the constructor's signature is the schema.

    Args:
        node: The node, with `_target_`.
        path: Where the node stands in the config, for the message.
        given: Arguments that the caller adds, absent from the config.

    Raises:
        ConfigError: If the class does not exist, a key is unknown or missing, or a value has the wrong type.
    """
    check_targets_are_allowed(node, path)
    if node.get(TARGET) is None:
        return
    target = resolve_class(node[TARGET], path)
    settings = {key: value for key, value in node.items() if key not in (TARGET, NAME)}
    is_ours = target.__module__.startswith(OURS)
    parameters = {
        key: value
        for key, value in inspect.signature(target).parameters.items()
        # Another library's class may be told what ours are given.
        if key not in given or (key in settings and not is_ours)
    } | BESIDE.get(path, {})
    for key in settings:
        if key not in parameters:
            raise ConfigError(f"{path}.{key}: unknown key; {nearest(key, list(parameters))}")
    for key, parameter in parameters.items():
        is_needed = parameter.default is parameter.empty and parameter.kind not in VARIADIC
        if is_needed and key not in settings:
            raise ConfigError(f"{path}.{key}: missing; {target.__name__} needs it")
    _check_types(target, settings, path, is_ours=is_ours)


def resolve_class(target: str, path: str) -> type:
    """Import the class that a `_target_` names.

    Args:
        target: A dotted path, such as `torch.optim.Adam`.
        path: Where it stands in the config, for the message.

    Returns:
        The class.

    Raises:
        ConfigError: If it does not exist, is not a class, or was defined outside the allow-list.
    """
    module, _, name = target.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        if not f"{module}.".startswith(f"{error.name}."):
            raise
        if error.name == module.partition(".")[0]:
            raise ConfigError(f"{path}._target_: {target!r} needs {error.name}: pip install {error.name}") from error
        raise _no_such_target(target, path) from error
    except AttributeError as error:
        raise _no_such_target(target, path) from error
    if not inspect.isclass(found) or not f"{found.__module__}.".startswith(ALLOWED_PREFIXES):
        raise ConfigError(f"{path}._target_: {target!r} is not a class of an allowed package")
    return found


def instantiate(node: Mapping[str, Any], path: str = "config", **given: Any) -> Any:
    """Make the object that a node describes.

    Args:
        node: `_target_`, `name` (which the object does not see) and the constructor's arguments.
        path: Where the node stands in the config, for messages.
        **given: Further arguments, such as the number of features, which the config cannot know.

    Returns:
        The object, or None where `_target_` is null.

    Raises:
        ConfigError: If the node does not fit its class, or the constructor refuses a value.
    """
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate as instantiate_target

    check_component(node, path, given=tuple(given))
    if node.get(TARGET) is None:
        return None
    settings = {key: value for key, value in node.items() if key != NAME and key not in BESIDE.get(path, {})}
    try:
        return instantiate_target(settings, _convert_="all", **given)
    except InstantiationException as error:
        cause = error.__cause__
        if isinstance(cause, ConfigError):
            raise cause from error
        # Other libraries complain of settings by errors of every kind; of ours the rest are bugs.
        is_ours = resolve_class(node[TARGET], path).__module__.startswith(OURS)
        if isinstance(cause, ValueError | TypeError) or (isinstance(cause, Exception) and not is_ours):
            raise ConfigError(f"{path}: {str(cause).partition(chr(10))[0]}") from error
        raise


def options_of(group: str) -> dict[str, str]:
    """Return the options of a config group that have a `_target_`, with it.

    Args:
        group: A folder of `conf/`.

    Returns:
        Targets by the option's name.
    """
    found = {}
    for file in sorted(Path("conf", group).glob("*.yaml")):
        if match := re.search(r"^_target_:\s*([\w.]+)", file.read_text(encoding="utf-8"), flags=re.MULTILINE):
            found[file.stem] = match[1]
    return {option: target for option, target in found.items() if target != "null"}


def is_generator(model: Mapping[str, Any]) -> bool:
    """Return whether a model makes cases instead of judging them.

    Args:
        model: The section of the config, of which `_target_` is looked at.

    Returns:
        False for classifiers.
    """
    return bool(getattr(resolve_class(model[TARGET], "model"), "generates", False))


def accepted(node: Mapping[str, Any], given: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return those of the given arguments that a node's class names.

    Args:
        node: With `_target_`, which may be null.
        given: Arguments by name.
        path: Where the node stands in the config, for messages.

    Returns:
        What `instantiate` may be given.
    """
    if node.get(TARGET) is None:
        return {}
    named = inspect.signature(resolve_class(node[TARGET], path)).parameters
    return {key: value for key, value in given.items() if key in named}


def _check_types(target: type, settings: Mapping[str, Any], path: str, *, is_ours: bool) -> None:
    """Refuse values of the wrong type, as far as a signature says; not all of other libraries say what a type is."""
    from pydantic import TypeAdapter, ValidationError

    names: dict[str, Any] = {"Sequence": Sequence, "Mapping": Mapping, "Callable": Callable, "Any": Any}
    names["Literal"] = Literal
    try:
        parameters = {**inspect.signature(target, eval_str=True, locals=names).parameters, **BESIDE.get(path, {})}
    except NameError:
        if is_ours:
            raise
        return
    for key, value in settings.items():
        allowed = parameters[key].annotation if is_ours else _scalar(parameters[key].annotation)
        if any(True for _ in iterate_targets(value, "")):
            continue
        try:
            TypeAdapter(allowed).validate_python(value, strict=True)
        except ValidationError as error:
            raise ConfigError(f"{path}.{key}{_first_message(error)}") from error


def _scalar(annotation: Any) -> Any:
    """Return what another library says of a plain value; of all else it may say what it does not hold itself to."""
    kinds = [kind for kind in get_args(annotation) or (annotation,) if getattr(kind, "__name__", "") != "Tensor"]
    return functools.reduce(operator.or_, kinds) if set(kinds) <= SCALARS else Any


def _no_such_target(target: str, path: str) -> ConfigError:
    return ConfigError(f"{path}._target_: {target!r} does not exist; {nearest(target, _valid_targets())}")


def _first_message(error: Any) -> str:
    first = error.errors()[0]
    where = "".join(f"[{part}]" for part in first["loc"] if isinstance(part, int))
    return f"{where}: {first['msg']}"


def _valid_targets() -> list[str]:
    """Return the targets that options have, as far as they may be one: `conf/` holds the refused one as well."""
    found: set[str] = set()
    for file in Path("conf").rglob("*.yaml"):
        text = file.read_text(encoding="utf-8", errors="replace")
        found.update(re.findall(r"^\s*_target_:\s*([\w.]+)", text, flags=re.MULTILINE))
    return sorted(target for target in found if target.startswith(ALLOWED_PREFIXES) and _is_defined(target))


def _is_defined(target: str) -> bool:
    """Tell, without an import, whether a class of ours exists; another library's is looked at when it is used."""
    module, _, name = target.rpartition(".")
    if not target.startswith(OURS):
        return name[:1].isupper()
    file = Path(__file__).parents[2].joinpath(*module.split(".")).with_suffix(".py")
    return file.is_file() and bool(re.search(rf"^class {name}\b", file.read_text(encoding="utf-8"), re.MULTILINE))
