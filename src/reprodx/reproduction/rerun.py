"""The stages of a run once more, each in a process of its own that knows the workspace alone."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import write_text
from reprodx.artifacts.locations import DVC_OUTS, Locations
from reprodx.config.composition import PARAMS
from reprodx.errors import ReproductionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

logger = logging.getLogger(__name__)

STAGES = ("prepare", "train", "evaluate")
LOG = "rerun.log"
"""What the stages said."""
HIDDEN = ("MLFLOW_", "DVC_", "HYDRA_", "PYTHON", "GIT_", "REPRODX_")
"""How variables begin that would lead a stage out of its workspace."""
IDENTITY = """
import json
from reprodx.config.composition import read_params, validate
from reprodx.config.identity import config_hash
try:
    from reprodx.tracking.result_code import code_hash
    code = code_hash()
except ImportError:
    from reprodx.hashing import sha256_of_code
    from reprodx.tracking.description import RESULT_CODE
    code = sha256_of_code(*RESULT_CODE)
print(json.dumps({"config": config_hash(validate(read_params(), components=())), "code": code}))
"""
"""Asks the code of the workspace, whatever its version, for what it calls the run."""
EVALUATE_CLOSED = """
import logging
from reprodx.pipeline import run_stage_of_dvc
from reprodx.schemas import Extent
logging.basicConfig(level=logging.INFO, format="%(message)s")
run_stage_of_dvc("evaluate", extent=Extent.VALIDATION)
"""
"""The last stage of a run whose test split is closed, and stays so."""


@dataclass(frozen=True)
class Rerun:
    """How the stages of a workspace are run."""

    project: Path
    """The root of the workspace."""
    python: str
    """The interpreter."""
    adapt: Callable[[Mapping[str, str]], Mapping[str, str]]
    """Gives the environment as the run had it: portable or not."""
    is_closed: bool = False
    """Whether the run left the test split closed."""

    @property
    def locations(self) -> Locations:
        """Where the stages leave what they make."""
        return Locations(*(self.project / folder for folder in (DVC_OUTS.prepared, DVC_OUTS.models, DVC_OUTS.results)))

    @property
    def log(self) -> Path:
        """What the stages said."""
        return self.project.parent / LOG

    def configure(self, sections: Mapping[str, Any], paths: Mapping[str, str]) -> None:
        """Write `params.yaml` in the form that the workspace's own code gives it, with the recorded settings.

        Args:
            sections: The recorded ones, which decide a result.
            paths: Of files that lie elsewhere in the workspace, by their dotted key.

        Raises:
            ReproductionError: If the code of the workspace composes no configuration.
        """
        from omegaconf import OmegaConf

        self._run("compose", "-m", "reprodx", "compose")
        composed = OmegaConf.to_container(OmegaConf.load(self.project / PARAMS), resolve=True)
        assert isinstance(composed, dict), "a mapping becomes a dict"
        tracking = {**composed.get("tracking", {}), "name": "none"}
        own = OmegaConf.create({**composed, **sections, "tracking": tracking})
        for key, path in paths.items():
            OmegaConf.update(own, key, path)
        write_text(self.project / PARAMS, OmegaConf.to_yaml(own))

    def identity(self) -> dict[str, str]:
        """Return the hash of the configuration and of the code as the workspace's code takes them.

        Returns:
            `config` and `code`; nothing where that code is too old to be asked.
        """
        done = self._start("-c", IDENTITY, stderr=subprocess.DEVNULL)
        if done.returncode:
            return {}
        found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return found

    def run(self) -> None:
        """Run the stages.

        Raises:
            ReproductionError: If one of them fails; the message has its own.
        """
        for stage in STAGES:
            started = time.monotonic()
            is_closed = self.is_closed and stage == "evaluate"
            self._run(stage, *(("-c", EVALUATE_CLOSED) if is_closed else ("-m", "reprodx", stage)))
            logger.info("rerun: %s done (%.0f s)", stage, time.monotonic() - started)

    def _run(self, stage: str, *arguments: str) -> None:
        with self.log.open("ab") as log:
            begun = log.tell()
            done = self._start(*arguments, stderr=log)
        if done.returncode:
            raise ReproductionError(f"{stage} failed in the rerun: {_complaint(self.log.read_bytes()[begun:])}")

    def _start(self, *arguments: str, stderr: Any) -> subprocess.CompletedProcess[bytes]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
        # The sources are removed with the workspace, and so would be what Python compiles of them.
        own = {"PYTHONPATH": str(self.project / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        command: Sequence[str] = [self.python, *arguments]
        env = self.adapt({**kept, **own})
        return subprocess.run(command, cwd=self.project, env=env, stdout=subprocess.PIPE, stderr=stderr, check=False)


def _complaint(said: bytes) -> str:
    """Return what a stage ended with: our own line, or the last of a traceback."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    ours = [line.removeprefix("reprodx: ") for line in lines if line.startswith("reprodx: ")]
    return (ours or lines or ["it said nothing"])[-1]
