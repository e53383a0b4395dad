"""A stage of DVC whose source is edited while it runs, or that reads what DVC does not look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from reprodx.artifacts.stage_deps import refuse_unwatched, unedited_sources
from reprodx.errors import ArtifactError, ConfigError

PIPELINE = "stages: {train: {deps: [conf.stamp, src/models, src/inputs.py], cmd: x}}"


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {"dvc.yaml": PIPELINE, "src/models/mlp.py": "", "src/inputs.py": "", "src/report.py": ""}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)


@pytest.mark.parametrize(
    ("name", "dep"),
    [("src/models/mlp.py", "src/models"), ("src/models/new.py", "src/models"), ("src/inputs.py", "src/inputs.py")],
)
def test_an_edited_source_fails_the_stage(tmp_path: Path, name: str, dep: str) -> None:
    with pytest.raises(ArtifactError, match=f"^{dep} was edited while `reprodx train` ran"), unedited_sources("train"):
        (tmp_path / name).write_text("EDITED = True\n")


def test_what_the_stage_does_not_list_may_be_edited(tmp_path: Path) -> None:
    with unedited_sources("train"):
        (tmp_path / "src/report.py").write_text("EDITED = True\n")
        (tmp_path / "src/models/__pycache__").mkdir()
        (tmp_path / "src/models/__pycache__/mlp.pyc").write_text("compiled")


def test_a_folder_without_stages_has_nothing_to_compare(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").unlink()
    with unedited_sources("train"):
        pass


def test_a_file_that_dvc_would_not_see_change_is_refused() -> None:
    refuse_unwatched(
        "train", {"model.vocabulary": Path("src/models/words.txt"), "model.weights": Path("src/inputs.py")}
    )
    with pytest.raises(ConfigError, match=r"^model\.weights: `dvc repro` would not see weights/a\.pt change"):
        refuse_unwatched("train", {"model.weights": Path("weights/a.pt")})
