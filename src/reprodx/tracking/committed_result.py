"""Whether the result of the last `dvc repro` is the one that is committed, to the byte; if not, what differs.

`dvc.lock` holds the hash of all that each stage read and wrote. As it is committed with the result, a clone that gets
the same lock has the same prepared cases, weights, predictions, metrics and report.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from reprodx.artifacts.locations import DVC_OUTS
from reprodx.errors import first_of
from reprodx.portability import obstacle
from reprodx.tracking.environment import environment_record
from reprodx.tracking.environment_differences import Kind, environment_differences
from reprodx.tracking.git import ask_git

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reprodx.config import Config

LOCK = "dvc.lock"
ENVIRONMENT = DVC_OUTS.results / "environment.json"
"""With what the committed result was computed; written by `python -m reprodx.record`."""
PORTABLE = "portable"
"""The key of a record of an environment; what `dvc repro` computes with is not what this process does."""


def environment_of(config: Config) -> dict[str, Any]:
    """Return with what `dvc repro` computes on this machine, whatever this process was started with."""
    found = {**environment_record(config), PORTABLE: config.trainer.portable and obstacle() is None}
    # Of this process alone.
    found.pop("library_threads")
    return found


def comparison(config: Config) -> str:
    """Return in a sentence how the last result stands to the committed one.

    Args:
        config: Of the last result.

    Returns:
        That both are the same, or what differs and why it may; that there is nothing to compare with.
    """
    committed, now = _locked(ask_git(Path(), "show", f"HEAD:./{LOCK}")), _locked(_text(Path(LOCK)))
    if not committed or not now:
        return "nothing is committed to compare with"
    made = {path for stage in committed.values() for path in stage["outs"]}
    if changed := sorted(_differing(committed, now, "deps") - made) + sorted(_differing(committed, now, "params")):
        return f"made from others than the committed result: {first_of(changed)}"
    if not (changed := sorted(_differing(committed, now, "outs"))):
        return "the same bytes as in the repository"
    told = f"other bytes than in the repository: {first_of(changed)}"
    texts = ask_git(Path(), "show", f"HEAD:./{DVC_OUTS.metrics}"), _text(DVC_OUTS.metrics)
    farthest = _largest_difference(*(json.loads(text or "{}") for text in texts))
    causes = first_of(list(_other_environment(json.loads(_text(ENVIRONMENT) or "{}"), environment_of(config))))
    return "; ".join(filter(None, [told, farthest, causes and f"the committed one was computed with {causes}"]))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _locked(text: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what each stage read, was set to, and wrote, by path or key."""
    stages = (yaml.safe_load(text) or {}).get("stages", {}) if text else {}
    return {
        name: {
            **{kind: {one["path"]: one["md5"] for one in stage.get(kind, [])} for kind in ("deps", "outs")},
            "params": {key: value for keys in stage.get("params", {}).values() for key, value in keys.items()},
        }
        for name, stage in stages.items()
    }


def _differing(one: Mapping[str, Any], other: Mapping[str, Any], kind: str) -> set[str]:
    found: set[str] = set()
    for name in one.keys() | other.keys():
        known = [stages.get(name, {}).get(kind, {}) for stages in (one, other)]
        found |= {key for key in known[0].keys() | known[1].keys() if known[0].get(key) != known[1].get(key)}
    return found


def _largest_difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return which number of a metric is farthest from the committed one."""
    pairs = {
        f"{split} {name}": (entry.get("value"), other.get(split, {}).get(name, {}).get("value"))
        for split, block in one.items()
        for name, entry in block.items()
    }
    apart = {name: abs(a - b) for name, (a, b) in pairs.items() if a is not None and b is not None}
    if not apart or not any(apart.values()):
        return ""
    name = max(apart, key=apart.__getitem__)
    return f"the largest difference is that of {name}: {pairs[name][0]:.6g} is {pairs[name][1]:.6g} here"


def _other_environment(then: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[str]:
    if then and then.get(PORTABLE) != here[PORTABLE]:
        yield f"{PORTABLE} {then.get(PORTABLE)} (here {here[PORTABLE]})"
    for one in environment_differences(then, here):
        what = one.name if one.kind == Kind.PACKAGE else f"{one.kind} {one.name}".strip()
        yield f"{what} {one.recorded} (here {one.here})"
