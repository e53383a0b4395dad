"""From `conf/` or `params.yaml` to a validated `Config`."""

from __future__ import annotations

import copy
import functools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.config.complaints import composition_error, first_line, validation_error
from reprodx.config.defaults_lists import check_folder
from reprodx.config.override_grammar import parse
from reprodx.config.schema import Config
from reprodx.config.targets import NAME, TARGET, check_component, check_targets_are_allowed, nearest
from reprodx.config.text_keys import with_text_keys
from reprodx.config.values import check_values
from reprodx.config.yaml_files import CONF, checked, complaint, files_of
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hydra.core.override_parser.types import Override
    from omegaconf import DictConfig

    from reprodx.config.schema import Trainer

PARAMS = Path("params.yaml")
ANEW = f"`reprodx compose` writes {PARAMS} anew"
COMPONENTS = ("data", "split", "model", "optimizer", "scheduler", "augmentation")
"""The sections that become objects, each by its `_target_`."""
TABULAR = ("data", "split")
"""Components whose classes are quick to import: no torch."""
NESTED = (("trainer", "loss"), ("evaluation", "threshold"))
"""Components inside other sections, checked whenever the network is."""
NUM_KEPT = 64
"""Compositions that a process remembers."""
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
        ConfigError: If `conf/` is absent or damaged, or an override cannot be read or fits nothing in it.
    """
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    check_conf()
    for override in parse(overrides, may_sweep=False):
        _check_option(override)
    try:
        return resolve(composed(overrides))
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise composition_error(error, overrides) from error


def compose_each(trials: Iterable[Sequence[str]]) -> Iterator[dict[str, Any]]:
    """Yield what `compose` returns for each of many trials, of which a sweep may have thousands.

    Hydra reads the files once for all that select the same ones; values are set in a copy of what it makes of them.

    Args:
        trials: The overrides of each.

    Yields:
        The resolved configuration of each, in their order.

    Raises:
        ConfigError: If one cannot be read or fits nothing.
    """
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    for overrides in trials:
        settings = [override for override in parse(overrides, may_sweep=False) if _is_setting(override)]
        selecting = list(overrides)
        for override in settings:
            selecting.remove(str(override.input_line))
        try:
            composition = copy.deepcopy(composed(selecting))
            for override in settings:
                OmegaConf.update(composition, override.key_or_group, override.value(), merge=True)
            composes = True
        except (HydraException, OmegaConfBaseException):
            composes = False
        # What fits nothing is told by the one who knows all overrides.
        yield resolve(composition) if composes else compose(overrides)


def composed(overrides: Sequence[str] = ()) -> DictConfig:
    """Return what Hydra makes of `conf/`, unresolved; to be read alone, since it is kept for who asks again.

    Args:
        overrides: Hydra's.

    Returns:
        All sections, which may lack values or refer to each other.
    """
    files = tuple((path, found.st_size, found.st_mtime_ns) for path in files_of(CONF) if (found := path.stat()))
    return _composed(CONF.resolve(), files, tuple(overrides))


@functools.lru_cache(maxsize=NUM_KEPT)
def _composed(folder: Path, _files: tuple[object, ...], overrides: tuple[str, ...]) -> DictConfig:
    """Compose once as long as no file is touched: a command asks several times, and each takes a fifth of a second."""
    import hydra
    from hydra.core.global_hydra import GlobalHydra

    # A trial of Hydra's launchers, which composes others, is inside of a Hydra already.
    outer = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with hydra.initialize_config_dir(str(folder), version_base="1.3"):
            composition: DictConfig = hydra.compose("config", list(overrides))
    finally:
        GlobalHydra.instance().hydra = outer
    return composition


def _is_setting(override: Override) -> bool:
    """Tell whether an override gives one key another value, and neither selects a file nor adds or deletes."""
    from hydra.core.override_parser.types import OverrideType

    is_change = override.type == OverrideType.CHANGE and override.package is None
    return is_change and "/" not in override.key_or_group and not (CONF / override.key_or_group).is_dir()


def _check_option(override: Override) -> None:
    """Refuse what names no option of a group, such as a number."""
    group, value = override.key_or_group, override.value()
    names = value if isinstance(value, list) else [value]
    if (CONF / group).is_dir() and not override.is_delete() and not all(isinstance(name, str) for name in names):
        options = [path.stem for path in (CONF / group).glob("*.yaml")]
        raise ConfigError(f"{override.input_line}: names no option; {nearest('', options)}")


def check_conf() -> None:
    """Refuse to go on without a whole `conf/`.

    Raises:
        ConfigError: If it is not here, or one of its files cannot be read.
    """
    if not (CONF / "config.yaml").is_file():
        raise ConfigError(f"{CONF}/config.yaml is missing here: run reprodx in the folder of a reprodx project")
    check_folder(CONF)


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

    if not path.exists():
        raise ConfigError(f"{path} is missing: run `reprodx compose` or `dvc repro`")
    try:
        checked(path)
        loaded = OmegaConf.load(path)
        assert isinstance(loaded, DictConfig), "a mapping becomes a DictConfig"
        return resolve(loaded)
    except YAMLError as error:
        raise ConfigError(f"{complaint(path, error)}; {ANEW}") from error
    except (ConfigError, OmegaConfBaseException) as error:
        text = first_line(error)
        raise ConfigError(f"{text if text.startswith(str(path)) else f'{path}: {text}'}; {ANEW}") from error


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
        raise ConfigError(first_line(error)) from error
    assert isinstance(plain, dict), "a DictConfig becomes a dict"
    return {str(key): with_text_keys(value) for key, value in plain.items() if key != "hydra"}


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

    check_values(plain)
    try:
        # As JSON, because pydantic's strict mode takes a mapping for a dataclass from there alone.
        config = TypeAdapter(Config).validate_json(json.dumps(plain))
    except ValidationError as error:
        raise validation_error(error) from error
    if config.trainer.portable:
        _refuse_what_is_never_portable(config.trainer)
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


def _refuse_what_is_never_portable(trainer: Trainer) -> None:
    for is_own, what in ((trainer.accelerator != "cpu", "a GPU has"), (trainer.compile, "compiled code has")):
        if is_own:
            raise ConfigError(f"trainer.portable: {what} last digits of its own: set trainer.portable=false beside it")


def _refuse_moments_and_machines(text: str) -> None:
    if match := re.search(r"\$\{\s*(now|hydra|oc\.env)\s*:[^}]*\}", text):
        raise ConfigError(f"{match[0]}: not allowed in conf/, because it differs between machines or moments")
