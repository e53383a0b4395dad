"""A secret is planted wherever an address may stand: it is in nothing that is printed, written or stored."""

from __future__ import annotations

import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.project import commit_all, make_project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project

PART = "qzhunterzq"
SECRET = f"{PART}@{PART}/{PART}"
"""Any part of it is one too many."""
ADDRESS = f"postgresql+psycopg://ann:{SECRET}@127.0.0.1:1/runs"
SHORT = ("model=logistic", "trainer=smoke", "evaluation.num_resamples=100", "evaluation.num_null_draws=100")
PLANTED = ("pyproject.toml", "conf/tracking/other.yaml", ".dvc/config")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with a secret in its remotes, in a committed and in an uncommitted file."""
    made = make_project(tmp_path_factory.mktemp("planted"))
    (made.folder / "pyproject.toml").write_text(f'index = "https://ann:{SECRET}@host/simple"\n')
    commit_all(made)
    (made.folder / "conf/tracking/other.yaml").write_text(f"name: none\npassword: {SECRET}\n")
    with (made.folder / ".dvc/config").open("a") as config:
        config.write(f"['remote \"store\"']\n    url = https://ann:{SECRET}@host/store\n")
    made("git", "remote", "add", "origin", f"https://ann:{SECRET}@github.com/owner/repository.git")
    return made


def found_in(folder: Path, *but: str) -> list[str]:
    """Return the files that hold a part of the secret, git's own and those that it was planted in left out."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return [
        name
        for name, path in files.items()
        if not name.startswith(".git/") and name not in but and PART.encode() in path.read_bytes()
    ]


@pytest.mark.parametrize(
    "command",
    [
        ("run", f'tracking.uri="{ADDRESS}"'),
        ("run", "-m", "seed=0,1", f"tracking.uri='{ADDRESS}'"),
        ("run", "-m", f"hydra.sweeper.storage={ADDRESS}"),
        ("train", f"data.path=https://host/table.csv?token={PART}"),
    ],
)
def test_an_override_with_a_secret_is_refused_and_leaves_no_trace(project: Project, command: tuple[str, ...]) -> None:
    assert PART not in project.refused_here(*command)
    assert found_in(project.folder, *PLANTED) == []


@pytest.mark.parametrize("command", ["compose", "run", "doctor"])
@pytest.mark.parametrize("is_committed", [False, True])
def test_a_secret_in_the_settings_reaches_no_other_file(project: Project, command: str, is_committed: bool) -> None:
    place = "conf/tracking/mlflow.yaml"
    project.edit(place, "uri: null", f"uri: {ADDRESS} #")
    if is_committed:
        project("git", "commit", "--quiet", "--message", "with a password", "--", place)
    assert PART not in project.here(command, exit_code=0 if command == "doctor" else 2)
    assert found_in(project.folder, *PLANTED, place) == []
    project.edit(place, f"uri: {ADDRESS} #", "uri: null")
    if is_committed:
        project("git", "commit", "--quiet", "--message", "without", "--", place)


def test_an_address_in_the_environment_is_told_without_its_secret(project: Project) -> None:
    address = f"http://ann:{PART}@127.0.0.1:1/?key={PART}"
    said = project("reprodx", "run", exit_code=2, env={"MLFLOW_TRACKING_URI": address})
    assert PART not in said
    assert "reprodx: tracking server http://***@127.0.0.1:1/?key=*** is unreachable" in said


def test_a_run_stores_no_secret_and_its_bundle_hands_none_on(project: Project, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "PIP_INDEX_URL"):
            patch.setenv(name, f"https://ann:{SECRET}@host/simple")
        said = project.here("run", *SHORT)
        said += project.here("bundle", "logistic", str(tmp_path / "run.zip"))
    assert PART not in said
    assert "password in an uncommitted change is not recorded (conf/tracking/other.yaml)" in said
    assert "a password in pyproject.toml is masked" in said
    assert found_in(project.folder, *PLANTED) == []
    (diff,) = project.folder.glob("mlruns/**/changes.diff")
    assert "+password:" in diff.read_text()
    with zipfile.ZipFile(tmp_path / "run.zip") as bundle:
        for name in bundle.namelist():
            bundle.extract(name, tmp_path / "bundle")
    for packed in (tmp_path / "bundle").rglob("*.tar"):
        with tarfile.open(packed) as archive:
            assert "pyproject.toml" in archive.getnames()
    assert found_in(tmp_path / "bundle") == []
