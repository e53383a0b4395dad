"""Mutants of the files in `conf/`: composed as they say, or refused."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from reprodx.config.composition import compose, validate
from tests.faults.tables import spoil
from tests.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

FILES = ("config.yaml", "model/mlp.yaml", "data/heart_disease.yaml", "split/default.yaml", "evaluation/default.yaml")
LINES = (
    *(
        "\ta: 1",
        "name: twice",
        "a: &a [*a]",
        "b: *nothing",
        "? [1, 2]",
        "- 1",
        "%YAML 3.0",
        "seed: nan",
        "seed: -1",
        "seed: .inf",
    ),
    *(
        "on: 1",
        "yes: 2",
        "a: ${b}",
        "b: ${now:%Y}",
        "c: ${oc.env:HOME}",
        "d: !!python/object:os.system x",
        "e: 'open",
        "f: {a: 1",
        "g: ???",
    ),
    *(
        "\ufeffh: 1",
        "i: 0x",
        "j: 1_000",
        "1: 2",
        "null: 3",
        "defaults: [mlp]",
        "_target_: os.system",
        "k: |",
        "  deep: 1",
        "---",
        "...",
    ),
)


def write_conf(folder: Path) -> None:
    """Copy the shipped configuration."""
    shutil.copytree(ROOT / "conf", folder / "conf")


def mutate_conf(folder: Path, random: Random) -> str:
    """Spoil one of its files; return how."""
    name = random.choice([name for name in FILES if (folder / "conf" / name).is_file()])
    file = folder / "conf" / name
    content = file.read_bytes()
    if random.random() < 0.5:
        how, spoiled = spoil(content, random)
        file.write_bytes(spoiled)
        return f"bytes: {how}"
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
        return f"file: {how}"
    lines = content.decode().splitlines()
    line = random.choice(LINES)
    lines.insert(random.randrange(len(lines) + 1), line)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"line: {line.strip()}"


def compose_here() -> None:
    """Compose and check the configuration of the current folder, as every stage does."""
    validate(compose(["model=mlp"]))
