"""What a run left is packed whole beside the data, and without the names of cases where they are not there."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from reprodx.artifacts.files import write_json
from reprodx.artifacts.predictions import read_predictions
from reprodx.errors import ConfigError
from reprodx.reproduction.bundle_data import BundledData
from reprodx.reproduction.bundle_file import ABOUT
from reprodx.reproduction.left_files import put_left_files
from reprodx.reproduction.opened_run import open_recorded
from reprodx.reproduction.source_archive import write_source_archive
from tests.reproduction.recorded_project import CASES, TABLE, RecordedProject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WITH, WITHOUT = (BundledData(is_here, "", (), {"data.path": "data/raw/other.csv"}, {}) for is_here in (True, False))


@pytest.fixture
def put(recorded_project: RecordedProject, tmp_path: Path) -> Callable[..., Path]:
    """Return what packs a run, and gives the folder."""

    def of(run_id: str, data: BundledData, name: str = "mlp") -> Path:
        content, fetched = tmp_path / f"content {data.is_here}", tmp_path / f"fetched {data.is_here}"
        content.mkdir()
        fetched.mkdir()
        write_json(content / ABOUT, {"name": name})
        write_source_archive(recorded_project.root, content / "source.tar")
        parts = put_left_files(open_recorded(run_id, recorded_project.log.store, fetched), content, data)
        names = {path.relative_to(content).as_posix() for path in content.rglob("*") if path.is_file()}
        assert names == {ABOUT, "source.tar", *(part.name for part in parts)}
        return content

    return of


def test_beside_the_data_everything_stays_but_where_they_lay(
    recorded_project: RecordedProject, put: Callable[[str, BundledData], Path]
) -> None:
    content = put(recorded_project.run(), WITH)
    assert CASES[0] in (content / "explanations.json").read_text()
    assert CASES[0] in (content / "report.html").read_text()
    assert read_predictions(content / "predictions.parquet").table["case_id"].to_list() == CASES
    assert "data/raw/other.csv" in (content / "config.yaml").read_text()
    assert TABLE not in (content / "config.yaml").read_text()


def test_without_the_data_cases_are_numbered(
    recorded_project: RecordedProject, put: Callable[[str, BundledData], Path]
) -> None:
    content = put(recorded_project.run(), WITHOUT)
    assert not (content / "explanations.json").exists()
    assert CASES[0] not in (content / "report.html").read_text()
    assert read_predictions(content / "predictions.parquet").table["case_id"][0] == "case 1"


def test_settings_that_name_patients_end_the_bundle(
    recorded_project: RecordedProject, put: Callable[[str, BundledData], Path]
) -> None:
    run_id = recorded_project.run(settings={"split": {"held_out": ["P-4711"]}})
    with pytest.raises(ConfigError, match=r"config\.yaml of the run names cases or patients") as refused:
        put(run_id, WITHOUT)
    assert "4711" not in str(refused.value)
    put(run_id, WITH)


def test_sources_whose_settings_name_patients_end_it_too(
    recorded_project: RecordedProject, put: Callable[[str, BundledData], Path]
) -> None:
    recorded_project.write(**{"conf/split/ours.yaml": "held_out: [P-4711]\n", "src/reprodx/note.py": "# P-4711\n"})
    with pytest.raises(ConfigError, match=r"conf/split/ours\.yaml of the run names cases"):
        put(recorded_project.run(), WITHOUT)


def test_a_run_whose_name_names_patients_ends_it(recorded_project: RecordedProject, put: Callable[..., Path]) -> None:
    with pytest.raises(ConfigError, match="the run's name or a tag of it names cases") as refused:
        put(recorded_project.run(), WITHOUT, name="without P-4711")
    assert "4711" not in str(refused.value)
    put(recorded_project.run(), WITH, name="without P-4711")


def test_a_list_of_cases_beside_the_settings_ends_it(
    recorded_project: RecordedProject, put: Callable[..., Path]
) -> None:
    recorded_project.write(**{"conf/held_out.txt": "P-4711\n"})
    with pytest.raises(ConfigError, match=r"conf/held_out\.txt of the run names cases"):
        put(recorded_project.run(), WITHOUT)


def test_what_else_names_patients_is_left_out(
    recorded_project: RecordedProject, put: Callable[[str, BundledData], Path], caplog: pytest.LogCaptureFixture
) -> None:
    content = put(recorded_project.run(files={"model_card.md": "# P-0815\n"}), WITHOUT)
    assert not (content / "model_card.md").exists()
    assert "model_card.md names cases or patients" in caplog.text


@pytest.mark.parametrize("data", [WITH, WITHOUT])
def test_words_of_texts_stay_beside_the_data_alone(
    recorded_project: RecordedProject, put: Callable[..., Path], data: BundledData
) -> None:
    manifest = '{"num_cases": 4, "summary": ["cough", "lucia"]}'
    content = put(recorded_project.run(files={"prepared/manifest.json": manifest}), data)
    left = json.loads((content / "prepared" / "manifest.json").read_text())
    assert left == (json.loads(manifest) if data.is_here else {"num_cases": 4})


@pytest.mark.parametrize(("name", "is_refused"), [("lucia", True), ("*", False)])
def test_cases_of_training_that_were_let_through_by_name_end_it(
    recorded_project: RecordedProject, put: Callable[..., Path], name: str, is_refused: bool
) -> None:
    acknowledge = {"acknowledge": {"features": [], "duplicates": [name], "patients": False}}
    run = recorded_project.run(settings={"data": {"path": TABLE, "name": "clinic", **acknowledge}})
    with pytest.raises(ConfigError, match=r"config\.yaml of the run names cases") if is_refused else nullcontext():
        put(run, WITHOUT)
