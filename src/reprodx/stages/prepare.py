"""Raw table -> validated, split, leak-checked, transformed cases.

Cases are shared between runs: whoever needs a combination of data and split that nobody has prepared yet prepares it
once, and the others wait for it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from filelock import FileLock

from reprodx.artifacts.locations import DVC_OUTS, RAW, prepared_cache
from reprodx.artifacts.prepared import read_manifest
from reprodx.config import instantiate
from reprodx.config.identity import cases_hash, named_files, prepared_hash
from reprodx.errors import ArtifactError, ConfigError
from reprodx.folder_links import leads_out
from reprodx.preparation.prepare import prepare_cases
from reprodx.schemas import SAMPLING, Sampling

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.config import Config

logger = logging.getLogger(__name__)


def prepare(config: Config, folder: Path) -> None:
    """Prepare the cases of a configuration.

    Args:
        config: Its `data` and `split` sections are used.
        folder: Where the prepared cases go; replaced as a whole.

    Raises:
        DataError: If the data do not fit what the configuration declares.
        LeakageError: If the split or a feature gives the test answers to training.
    """
    dataset = instantiate(config.data, "data")
    split = instantiate(config.split, "split")
    fingerprint = {"prepared_hash": prepared_hash(config), "cases_hash": cases_hash(config)}
    prepare_cases(
        dataset, split, folder, sampling=Sampling(config.data.get(SAMPLING, Sampling.COHORT)), fingerprint=fingerprint
    )


def prepare_for_dvc(config: Config) -> None:
    """Prepare DVC's out.

    Args:
        config: The configuration of `params.yaml`.

    Raises:
        ConfigError: If the data lie where DVC would not see them change.
    """
    for key, path in named_files(config).items():
        if key.startswith("data.") and leads_out(path, RAW):
            raise ConfigError(
                f"{key}: {path} lies outside {RAW}/, where `dvc repro` would not see it change; "
                "move it there, or use `reprodx run`"
            )
    prepare(config, DVC_OUTS.prepared)
    show_warnings(DVC_OUTS.prepared)


def find_or_prepare(config: Config) -> Path:
    """Return the folder of prepared cases for a configuration, preparing them if nobody has.

    Args:
        config: Its `data` and `split` sections are used.

    Returns:
        DVC's out where it fits, else a folder of the cache.
    """
    wanted = prepared_hash(config)
    if _is_prepared(DVC_OUTS.prepared, wanted):
        return DVC_OUTS.prepared
    folder = prepared_cache(wanted)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if _is_prepared(folder, wanted):
            logger.info("prepare: found in the cache")
        else:
            prepare(config, folder)
    return folder


def show_warnings(folder: Path) -> None:
    """Say each warning of prepared cases in a line, whoever prepared them and whenever.

    Args:
        folder: The prepared folder.
    """
    for warning in read_manifest(folder)["warnings"]:
        logger.warning("warning: %s", " ".join(warning.split()))


def _is_prepared(folder: Path, wanted: str) -> bool:
    try:
        found: str = read_manifest(folder)["fingerprint"]["prepared_hash"]
    except ArtifactError:
        return False
    return found == wanted
