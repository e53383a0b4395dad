"""A run tells why it cannot be made again, and a usual one tells nothing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reprodx.tracking import obstacles as of_run
from reprodx.tracking.environment import Package
from reprodx.tracking.obstacles import obstacles, reproducibility_tags
from reprodx.tracking.provenance import provenance
from tests.tracking.test_provenance import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.config import Config

TABLE = "data/raw/clinic/table.csv"


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-qm", "as it stands")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a committed project with data and their card."""
    root = tmp_path / "project"
    files = {"src/model.py": "UNITS = 64\n", TABLE: "age\n50\n", "data/raw/clinic/card.md": "# Clinic\n"}
    write(root, **files, **{".gitignore": "__pycache__/\n*.egg-info/\n/src/local/\n/data/raw/big*\n"})
    git(root, "init", "-q")
    commit(root)
    return root


@pytest.fixture
def ask(root: Path, config: Config, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, ...]]:
    """Return what asks for the obstacles of a run of the project, by default on its table."""
    monkeypatch.chdir(root)
    monkeypatch.setattr(of_run, "installed", lambda: (Package("numpy", "2.0", None),))

    def of(
        path: Path | str = TABLE,
        *,
        packages: tuple[Package, ...] = (),
        accelerator: str = "cpu",
        package: Path | None = None,
    ) -> tuple[str, ...]:
        if packages:
            monkeypatch.setattr(of_run, "installed", lambda: packages)
        trainer = replace(config.trainer, accelerator=accelerator)
        asked = replace(config, data={**config.data, "path": str(path)}, trainer=trainer)
        return obstacles(asked, provenance(root, package or root / "src" / "reprodx"), root)

    return of


def test_a_run_of_a_commit_tells_nothing(ask: Callable[..., tuple[str, ...]], root: Path) -> None:
    write(root, **{"src/__pycache__/model.py": "", "src/reprodx.egg-info/top.json": "", "src/local/.swp": ""})
    assert ask() == ()
    write(root, **{"src/model.py": "UNITS = 32\n", "src/new.py": "NEW = 1\n", "notes.csv": "patient\n"})
    assert ask() == ()


def test_a_package_from_elsewhere_is_told(ask: Callable[..., tuple[str, ...]], tmp_path: Path) -> None:
    write(tmp_path, **{"site-packages/reprodx/model.py": "UNITS = 64\n"})
    (only,) = ask(package=tmp_path / "site-packages" / "reprodx")
    assert only.startswith("reprodx was imported from elsewhere")


def test_outside_of_git_nothing_but_that_is_told(ask: Callable[..., tuple[str, ...]], root: Path) -> None:
    (root / ".git").rename(root / "elsewhere")
    (only,) = ask()
    assert only.startswith("the code is in no git commit")


def test_what_a_patch_does_not_carry_is_told(ask: Callable[..., tuple[str, ...]], root: Path) -> None:
    (root / "src/weights.bin").write_bytes(b"\0\1\2")
    (found,) = ask()
    assert "not text" in found
    assert "(src/weights.bin)" in found
    (root / "src/weights.bin").unlink()
    (root / "src/model.py").write_bytes("name = 'é'\n".encode("latin-1"))
    (found,) = ask()
    assert "not UTF-8" in found


def test_ignored_sources_are_told(ask: Callable[..., tuple[str, ...]], root: Path) -> None:
    write(root, **{"src/local/mine.py": "", "src/local/a.txt": ""})
    (found,) = ask()
    assert "git ignores" in found
    assert "(src/local/mine.py)" in found


def test_data_must_be_as_git_has_them(ask: Callable[..., tuple[str, ...]], root: Path, tmp_path: Path) -> None:
    write(root, **{TABLE: "age\n51\n"})
    (found,) = ask()
    assert found.startswith(f"data.path ({TABLE}) is not as in a commit")
    commit(root)
    assert ask() == ()
    write(root, **{"data/raw/clinic/card.md": "# Changed\n"})
    (found,) = ask()
    assert found.startswith("card (data/raw/clinic/card.md) is not as in a commit")
    write(tmp_path, **{"ann/ward.csv": "age\n"})
    (found,) = ask(tmp_path / "ann/ward.csv")
    assert found.startswith("data.path (ward.csv) lies outside")
    assert str(tmp_path) not in found


def test_a_folder_with_one_more_file_is_another(ask: Callable[..., tuple[str, ...]], root: Path) -> None:
    assert ask("data/raw/clinic") == ()
    write(root, **{"data/raw/clinic/PATIENT-4711.png": ""})
    (found,) = ask("data/raw/clinic")
    assert found.startswith("data.path (data/raw/clinic) is not as in a commit")
    assert "PATIENT" not in found


def test_what_lies_behind_a_link_is_outside(ask: Callable[..., tuple[str, ...]], root: Path, tmp_path: Path) -> None:
    write(tmp_path, **{"far.csv": "age\n"})
    (root / "data/raw/near.csv").symlink_to(tmp_path / "far.csv")
    commit(root)
    (found,) = ask("data/raw/near.csv")
    assert "lies outside" in found


def pointer(text: str, name: str) -> str:
    md5 = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return f"outs:\n- md5: {md5}\n  size: {len(text)}\n  path: {name}\n"


def test_data_that_dvc_keeps_are_kept_until_they_change(ask: Callable[..., tuple[str, ...]], root: Path) -> None:
    text = "age\n60\n"
    write(root, **{"data/raw/big.csv": text, "data/raw/big.csv.dvc": pointer(text, "big.csv")})
    (found,) = ask("data/raw/big.csv")
    assert "is not as in a commit, nor kept by DVC" in found
    git(root, "add", "-f", "data/raw/big.csv.dvc")
    commit(root)
    assert ask("data/raw/big.csv") == ()
    write(root, **{"data/raw/big.csv": "age\n61\n"})
    (found,) = ask("data/raw/big.csv")
    assert "is not what data/raw/big.csv.dvc says" in found


def test_a_folder_that_dvc_keeps_has_as_many_files_as_it_noted(ask: Callable[..., tuple[str, ...]], root: Path) -> None:
    noted = "outs:\n- {md5: a1.dir, size: 2, nfiles: 2, path: big}\n"
    write(root, **{"data/raw/big/1.png": "a", "data/raw/big/2.png": "b", "data/raw/big.dvc": noted})
    git(root, "add", "-f", "data/raw/big.dvc")
    commit(root)
    assert ask("data/raw/big") == ()
    assert ask("data/raw/big/1.png") == ()
    write(root, **{"data/raw/big/3.png": "c"})
    (found,) = ask("data/raw/big")
    assert "is not what data/raw/big.dvc says" in found


def test_a_project_in_a_folder_of_its_repository_is_no_other(ask: Callable[..., tuple[str, ...]], root: Path) -> None:
    (root / ".git").rename(root.parent / ".git")
    commit(root)
    assert ask() == ()
    write(root, **{TABLE: "age\n51\n", "src/local/mine.py": ""})
    assert len(ask()) == 2


def test_packages_without_a_release_are_told(ask: Callable[..., tuple[str, ...]]) -> None:
    lost = [Package(f"mine{number}", "1.0", "folder") for number in range(4)]
    (found,) = ask(packages=(Package("odd", None, None), *lost))
    assert "(odd, mine0, mine1 and 2 more)" in found


def test_a_gpu_is_told(ask: Callable[..., tuple[str, ...]]) -> None:
    (found,) = ask(accelerator="gpu")
    assert "GPU" in found


def test_tags_tell_whether_and_why_not() -> None:
    assert reproducibility_tags([]) == {"reprodx.reproducible": "true"}
    assert reproducibility_tags(["a", "b"]) == {"reprodx.reproducible": "false", "reprodx.obstacles": "a; b"}
