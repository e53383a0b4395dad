"""From `conf/` or `params.yaml` to a validated `Config`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.config.schema import Config
from reprodx.config.targets import NAME, TARGET, check_component, check_targets_are_allowed, nearest
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omegaconf import DictConfig
    from pydantic import ValidationError

CONF = Path("conf")
PARAMS = Path("params.yaml")
COMPONENTS = ("data", "split", "model", "optimizer", "scheduler", "augmentation")
"""The sections that become objects, each by its `_target_`."""
TABULAR = ("data", "split")
"""Components whose classes are quick to import: no torch."""
NESTED = (("trainer", "loss"), ("evaluation", "threshold"))
"""Components inside other sections, checked whenever the network is."""
GIVEN: dict[str, tuple[str, ...]] = {
    "model": (
        *("num_features", "num_outputs", "num_channels", "image_size", "num_steps", "vocabulary_size", "seed"),
        # What other libraries call them.
        *("in_channels", "n_input_channels", "in_features", "img_size", "out_channels", "out_features"),
        *("num_classes", "spatial_dims"),
    ),
    "optimizer": ("params",),
    "scheduler": ("optimizer",),
    "augmentation": ("num_classes",),
    "loss": ("task", "class_counts", "num_cases"),
}
"""Constructor arguments that training adds, because the config cannot know them."""


def compose(overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Return the resolved configuration of `conf/` as plain containers.

    Args:
        overrides: Hydra's, such as `model=logistic` or `seed=1`.

    Returns:
        Every section by its name; Hydra's own node is left out.

    Raises:
        ConfigError: If `conf/` is absent or an override fits nothing in it.
    """
    import hydra
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    if not (CONF / "config.yaml").is_file():
        raise ConfigError(f"{CONF}/config.yaml is missing here: run reprodx in the folder of a reprodx project")
    try:
        with hydra.initialize_config_dir(str(CONF.resolve()), version_base="1.3"):
            return resolve(hydra.compose("config", list(overrides)))
    except (HydraException, OmegaConfBaseException) as error:
        raise composition_error(error, overrides) from error


def read_params(path: Path = PARAMS) -> dict[str, Any]:
    """Return the composed configuration that lies in `params.yaml`.

    Args:
        path: The file.

    Returns:
        Every section by its name.

    Raises:
        ConfigError: If the file is absent or is not YAML.
    """
    from omegaconf import DictConfig, OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    if not path.is_file():
        raise ConfigError(f"{path} is missing: run `reprodx compose` or `dvc repro`")
    try:
        loaded = OmegaConf.load(path)
        if not isinstance(loaded, DictConfig):
            raise ConfigError(f"{path} is not a mapping: run `reprodx compose`")
        return resolve(loaded)
    except (YAMLError, OmegaConfBaseException) as error:
        raise ConfigError(f"{path} cannot be read ({_first_line(error)}): run `reprodx compose`") from error


def resolve(composed: DictConfig) -> dict[str, Any]:
    """Return plain containers without interpolations.

    Args:
        composed: What Hydra composed or YAML holds.

    Returns:
        Every section by its name, keys being text as in JSON; Hydra's own node is left out.

    Raises:
        ConfigError: If a value is `???`, or an interpolation would differ between machines or moments.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    sections = {key: composed._get_node(key) for key in composed if key != "hydra"}
    _refuse_moments_and_machines(OmegaConf.to_yaml(OmegaConf.create(sections)))
    missing = sorted(key for key in OmegaConf.missing_keys(composed) if not key.startswith("hydra."))
    if missing:
        raise ConfigError(f"{missing[0]}: has no value (???); give one, such as `{missing[0]}=...`")
    try:
        plain = OmegaConf.to_container(composed, resolve=True)
    except OmegaConfBaseException as error:
        raise ConfigError(_first_line(error)) from error
    assert isinstance(plain, dict), "a DictConfig becomes a dict"
    return {str(key): with_text_keys(value) for key, value in plain.items() if key != "hydra"}


def with_text_keys(node: Any) -> Any:
    """Return plain containers whose keys are text, as JSON writes them: YAML's numbers and truths may be keys too.

    >>> with_text_keys({1: [{2.5: "train"}], "DS1": {True: 2}})
    {'1': [{'2.5': 'train'}], 'DS1': {'true': 2}}
    """
    if isinstance(node, dict):
        return {key if isinstance(key, str) else json.dumps(key): with_text_keys(value) for key, value in node.items()}
    return [with_text_keys(value) for value in node] if isinstance(node, list) else node


def validate(plain: Mapping[str, Any], *, components: Sequence[str] = COMPONENTS) -> Config:
    """Return the frozen configuration after checking it.

    Args:
        plain: The resolved configuration.
        components: Sections whose classes are imported and checked against their constructors. A stage names those
            that it uses, because importing a network's class imports torch; the others are checked by name alone.

    Returns:
        The configuration that all stages take.

    Raises:
        ConfigError: If a key is unknown or missing, a value has the wrong type, or a `_target_` is foreign.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        # As JSON, because pydantic's strict mode takes a mapping for a dataclass from there alone.
        config = TypeAdapter(Config).validate_json(json.dumps(plain))
    except ValidationError as error:
        raise _validation_error(error) from error
    for section, node in plain.items():
        check_targets_are_allowed(node, section)
    for section in COMPONENTS:
        node = getattr(config, section)
        if TARGET not in node or not isinstance(node.get(NAME), str):
            raise ConfigError(f"{section}: needs `{NAME}` (a short text) and `{TARGET}`")
        if section in components:
            check_component(node, section, given=GIVEN.get(section, ()))
    for section, key in NESTED if "model" in components else ():
        check_component(getattr(getattr(config, section), key), f"{section}.{key}", given=GIVEN.get(key, ()))
    return config


def composition_error(error: Exception, overrides: Sequence[str] = ()) -> ConfigError:
    """Return Hydra's complaint in one line, with the nearest valid names.

    Args:
        error: What Hydra or OmegaConf raised.
        overrides: What was asked for; the options among them decide which keys exist.

    Returns:
        The error to raise instead.
    """
    text = str(error)
    if match := re.search(r"Could not find '([^']+)'", text):
        group, _, option = match[1].rpartition("/")
        options = [file.stem for file in (CONF / group).glob("*.yaml")]
        return ConfigError(f"{group}={option}: no such option; {nearest(option, options)}")
    if match := re.search(r"Could not (?:override|append to config|delete from config)[^']*'([^']+)'", text):
        key = match[1].lstrip("+~").partition("=")[0]
        return ConfigError(f"{key}: no such key; {_nearest_key(key, overrides)}")
    return ConfigError(_first_line(error))


def _nearest_key(key: str, overrides: Sequence[str]) -> str:
    """Return a hint among the keys that stand beside the one that was asked for."""
    import hydra
    from omegaconf import OmegaConf

    choices = [override.partition(",")[0] for override in overrides if (CONF / override.partition("=")[0]).is_dir()]
    with hydra.initialize_config_dir(str(CONF.resolve()), version_base="1.3"):
        node = with_text_keys(OmegaConf.to_container(hydra.compose("config", choices)))
    *parents, last = key.split(".")
    for parent in parents:
        if not isinstance(node, dict) or parent not in node:
            return nearest(parent, list(node) if isinstance(node, dict) else [])
        node = node[parent]
    return nearest(last, list(node) if isinstance(node, dict) else [])


def _refuse_moments_and_machines(text: str) -> None:
    if match := re.search(r"\$\{\s*(now|hydra|oc\.env)\s*:[^}]*\}", text):
        raise ConfigError(f"{match[0]}: not allowed in conf/, because it differs between machines or moments")


def _validation_error(error: ValidationError) -> ConfigError:
    """Return the first complaint with its key; beyond section and key, places name branches of a union."""
    first = error.errors()[0]
    section, *rest = (str(part) for part in first["loc"][:2])
    path = ".".join([section, *rest])
    if first["type"] == "unexpected_keyword_argument":
        owner = Config.__annotations__[section] if rest else Config
        return ConfigError(f"{path}: unknown key; {nearest((rest or [section])[0], list(owner.__annotations__))}")
    if first["type"] == "missing":
        return ConfigError(f"{path}: missing; see conf/{section if rest else ''}")
    return ConfigError(f"{path}: {first['msg']}")


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
