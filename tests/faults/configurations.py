"""Mutants of the files in `conf/`: composed as they say, or refused."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import yaml

from reprodx.config.composition import compose, validate
from tests.faults.judging import Judge, Reading, as_one_of
from tests.faults.tables import spoil
from tests.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from tests.faults.judging import Value

FILES = ("config.yaml", "model/mlp.yaml", "data/heart_disease.yaml", "split/default.yaml", "evaluation/default.yaml")
LINES = (
    "\ta: 1", "name: twice", "a: &a [*a]", "b: *nothing", "? [1, 2]", "- 1", "%YAML 3.0", "seed: nan", "seed: -1",
    "seed: .inf", "on: 1", "yes: 2", "a: ${b}", "b: ${now:%Y}", "c: ${oc.env:HOME}",
    "d: !!python/object:os.system x", "e: 'open", "f: {a: 1", "g: ???", "\ufeffh: 1", "i: 0x", "j: 1_000", "1: 2",
    "null: 3", "defaults: [mlp]", "_target_: os.system", "k: |", "  deep: 1", "---", "...",
)  # fmt: skip


def write_conf(folder: Path) -> None:
    """Copy the shipped configuration."""
    shutil.copytree(ROOT / "conf", folder / "conf")


def mutate_conf(folder: Path, random: Random) -> tuple[str, str]:
    """Spoil one of its files; return its name and how."""
    name = random.choice([name for name in FILES if (folder / "conf" / name).is_file()])
    file = folder / "conf" / name
    content = file.read_bytes()
    if random.random() < 0.5:
        how, spoiled = spoil(content, random)
        file.write_bytes(spoiled)
        return name, f"bytes: {how}"
    if random.random() < 0.3:
        how = random.choice(("UTF-16", "Latin-1", "gone", "a folder", "itself", "a byte order mark", "CRLF"))
        if how in ("gone", "a folder", "itself"):
            file.unlink()
        match how:
            case "a folder":
                file.mkdir()
            case "itself":
                file.symlink_to(file)
            case "UTF-16":
                file.write_bytes(content.decode().encode("utf-16"))
            case "Latin-1":
                file.write_bytes(content + "# gr\u00f6\u00dfer\n".encode("latin-1"))
            case "a byte order mark":
                file.write_bytes(b"\xef\xbb\xbf" + content)
            case "CRLF":
                file.write_bytes(content.replace(b"\n", b"\r\n"))
        return name, f"file: {how}"
    lines = content.decode().splitlines()
    line = random.choice(LINES)
    lines.insert(random.randrange(len(lines) + 1), line)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name, f"line: {line.strip()}"


def compose_here(name: str) -> Reading:
    """Compose and check the configuration of the current folder, as every stage does; return what came of one file."""
    plain = compose(["model=mlp"])
    validate(plain)
    section = plain if name == "config.yaml" else plain[name.partition("/")[0]]
    return Reading({"settings": {key: _said(value) for key, value in section.items()}})


def meaning_of(file: Path) -> Judge | None:
    """Return the judge by what YAML's own reader makes of a file; None where it is no mapping."""
    try:
        content = yaml.safe_load(file.read_bytes())
    except (OSError, ValueError, yaml.YAMLError):
        return None
    if not isinstance(content, dict):
        return None
    told = {
        key: value for key, value in content.items() if not isinstance(value, dict | list) and "${" not in str(value)
    }
    return as_one_of({"settings": {key: (_said(value),) for key, value in told.items() if key != "defaults"}})


def _said(value: Any) -> Value:
    # YAML 1.1 takes 1e-3 for text; OmegaConf does not.
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)
