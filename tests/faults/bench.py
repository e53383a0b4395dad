"""A project that is put back for every attempt to break a command off, and what the command leaves undisturbed."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.forks import Begun, Ended, Forks
from tests.faults.outcomes import Outcome, outcome
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.project import make_project

CHANGING = (".cache", "outputs", "results", "models", "mlruns", "mlflow.db", "data/prepared", "params.yaml", "compared")
"""How the names begin of what commands write in a project."""
LINKED = ("src", "conf", ".git/objects", "data/raw", ".dvc/cache")
"""What no command writes in place: linked, not copied."""


@dataclass(frozen=True)
class Undisturbed:
    """What a command does when nothing happens to it."""

    outcome: Outcome
    seconds: float
    exit_code: int


@dataclass(frozen=True)
class Bench:
    """Where commands are broken off, one at a time; the project has one place, since stores keep absolute paths."""

    home: Path

    @property
    def project(self) -> Path:
        """The project's root."""
        return self.home / "project"

    @property
    def forks(self) -> Forks:
        """What starts commands."""
        return Forks(self.project, self.home / "logs")

    def begin(self, scenario: Scenario) -> Begun:
        """Begin the command of a scenario."""
        return self.forks.program(scenario.command) if scenario.is_program else self.forks.start(scenario.command)

    def reset(self, scenario: Scenario) -> None:
        """Put the project back to before the command."""
        _replace(self.project, self._scene(scenario))

    @functools.cache  # noqa: B019 - there is one bench
    def undisturbed(self, name: str) -> Undisturbed:
        """Run the command of a scenario to its end."""
        scenario = SCENARIOS[name]
        self.reset(scenario)
        began = time.monotonic()
        ended = self.begin(scenario).ended()
        seconds = time.monotonic() - began
        assert ended.exit_code in {0, 3}, f"{name}: {ended}"
        return Undisturbed(outcome(self.project), seconds, ended.exit_code)

    def undelivered(self, name: str) -> str:
        """Deliver what waits of a command that ended by itself; return what is not as it should be."""
        ended = self.forks("track", "--pending")
        if ended.exit_code:
            return f"delivering ended with {ended.exit_code}: {_last(ended)}"
        return outcome(self.project).difference(self.undisturbed(name).outcome)

    def lost(self, name: str) -> str:
        """Repeat the command of a scenario on what lies there; return what is not as it should be."""
        undisturbed = self.undisturbed(name)
        # A command that had done all before it was stopped is done again, as a new run.
        had_ended = not outcome(self.project).difference(undisturbed.outcome)
        ended = self.begin(SCENARIOS[name]).ended()
        if ended.exit_code != undisturbed.exit_code or "Traceback" in ended.said:
            return f"repeated, it ended with {ended.exit_code}: {_last(ended)}"
        found = outcome(self.project)
        if had_ended:
            return "" if found.files == undisturbed.outcome.files else "repeated, it gave other files"
        return found.difference(undisturbed.outcome)

    def _scene(self, scenario: Scenario) -> Path:
        fresh = self.home / "scenes" / "fresh"
        if not fresh.is_dir():
            shutil.rmtree(self.home / "making", ignore_errors=True)
            make_project(self.home / "making")
            fresh.parent.mkdir(exist_ok=True)
            (self.home / "making").rename(fresh)
        if not scenario.first:
            return fresh
        names = "-".join(part.replace("/", "_") for command in scenario.first for part in command)
        scene = self.home / "scenes" / names[:200]
        if not scene.is_dir():
            _replace(self.project, fresh)
            for command in scenario.first:
                ended = self.forks(*command)
                assert ended.exit_code == 0, f"{command}: {ended}"
            for name in scenario.forgotten:
                path = self.project / name
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            shutil.rmtree(self.home / "making", ignore_errors=True)
            shutil.copytree(self.project, self.home / "making", symlinks=True)
            (self.home / "making").rename(scene)
        return scene


def _replace(project: Path, scene: Path) -> None:
    """Make a project a copy of another; its folder itself stays, since a disk may be mounted there."""
    project.mkdir(exist_ok=True)
    for path in project.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    copy = functools.partial(_copy, root=scene)
    shutil.copytree(scene, project, symlinks=True, copy_function=copy, dirs_exist_ok=True)


def _copy(source: str, target: str, root: Path) -> None:
    if Path(source).relative_to(root).as_posix().startswith(LINKED):
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copy2(source, target)


def _last(ended: Ended) -> str:
    lines = ended.said.strip().splitlines()
    return lines[-1][:300] if lines else ""
