"""What a run left is trusted only as far as its hashes go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reprodx.artifacts.files import write_json, write_text
from reprodx.artifacts.locations import Locations
from reprodx.errors import ArtifactCorruptError
from reprodx.hashing import sha256_of_path
from reprodx.reproduction.comparison import Equality, compare_stages
from reprodx.reproduction.prediction_difference import difference_of_predictions
from reprodx.reproduction.recorded_run import RecordedRun
from reprodx.reproduction.results import of_rerun, of_run
from reprodx.reproduction.unnamed_cases import write_numbered
from reprodx.tracking.patient_ids import write_hashed
from reprodx.tracking.patient_key import own_key
from reprodx.tracking.record import METRICS, PREDICTIONS, PREPARED, RAW, REPORT, SHARED, SPLIT, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MANIFEST: dict[str, Any] = {"split_hash": "s", "data_hash": "d", "files": {"cases.parquet": "p"}}


@pytest.fixture
def run(tmp_path: Path, predicted: Callable[..., Path]) -> RecordedRun:
    """Return a run that recorded no hashes by stage."""
    predicted("predictions.parquet", [0.1, 0.9], ids=("a", "b"))
    write_json(tmp_path / "metrics.json", {"test": {"auroc": {"value": 1.0}}})
    tags = {"reprodx.data_hash": "d", "reprodx.split_hash": "s"}
    return RecordedRun("a" * 32, "mlp", "x", tags, {}, "c", False, "", None, None, {}, MANIFEST, tmp_path)


@pytest.fixture
def made(tmp_path: Path, run: RecordedRun) -> Locations:
    """Return what its rerun made: the same, and files that nobody recorded then."""
    locations = Locations(tmp_path / "made/prepared", tmp_path / "made/models", tmp_path / "made/results")
    write_json(locations.prepared / "manifest.json", MANIFEST)
    write_text(locations.models / "model.json", "{}")
    for path in (run.predictions, run.metrics):
        assert path is not None
        locations.results.mkdir(parents=True, exist_ok=True)
        (locations.results / path.name).write_bytes(path.read_bytes())
    write_json(locations.explanations, {})
    return locations


def test_of_an_older_run_is_compared_what_there_is(run: RecordedRun, made: Locations) -> None:
    old, new = of_run(run), of_rerun(run, made, {"data/raw/x.csv": "f"})
    assert old.hashes == {stage: found for stage, found in new.hashes.items() if found}
    assert old.hashes[RAW] == {"content": "d"}
    assert old.hashes[SPLIT] == {"membership": "s"}
    assert old.hashes[PREPARED] == {"cases.parquet": "p"}
    assert WEIGHTS not in old.hashes
    assert old.metrics == {"test": {"auroc": {"value": 1.0}}}


def test_a_file_that_was_changed_in_the_store_proves_nothing(run: RecordedRun) -> None:
    hashes = {PREPARED: {"cases.parquet": "p"}, METRICS: {"metrics.json": "0" * 64}}
    with pytest.raises(ArtifactCorruptError, match=r"metrics\.json of run 'mlp' .* is not what it wrote"):
        of_run(replace(run, hashes=hashes))


def test_of_a_generator_the_samples_stand_for_predictions(run: RecordedRun, made: Locations) -> None:
    write_text(made.samples / "one.txt", "x")
    hashes = {PREPARED: {"cases.parquet": "p"}, RAW: {"a": "b"}}
    generator = replace(run, tags={"reprodx.task": "generation"}, hashes=hashes)
    found = of_rerun(generator, made, {"a": "b"})
    assert found.predictions is None
    assert found.hashes[PREDICTIONS] == {"one.txt": sha256_of_path(made.samples / "one.txt")}
    assert "explanations.json" not in found.hashes[REPORT]
    assert found.hashes[RAW] == {"a": "b"}


def test_cases_that_no_file_holds_are_compared_as_they_were_drawn(run: RecordedRun, made: Locations) -> None:
    drawn = replace(run, hashes={PREPARED: {"cases.parquet": "p"}, RAW: {}})
    assert of_run(drawn).hashes[RAW] == of_rerun(drawn, made, {}).hashes[RAW] == {"content": "d"}


def test_cases_without_names_are_compared_by_their_place(run: RecordedRun, made: Locations, tmp_path: Path) -> None:
    assert run.predictions is not None
    hashes = {PREPARED: {"cases.parquet": "p"}, PREDICTIONS: {run.predictions.name: sha256_of_path(run.predictions)}}
    write_numbered(made.predictions, tmp_path / "numbered.parquet")
    (tmp_path / "numbered.parquet").replace(run.predictions)
    bundled = replace(run, hashes=hashes, is_numbered=True)
    old, new = of_run(bundled), of_rerun(bundled, made, {})
    assert old.hashes[PREDICTIONS] == new.hashes[PREDICTIONS]
    assert old.predictions is not None
    assert new.predictions is not None
    found = difference_of_predictions(old.predictions, new.predictions)
    assert (found.num_cases, found.largest) == (2, 0.0)
    of_another_split = replace(bundled, tags={**run.tags, "reprodx.split_hash": "another"})
    assert of_rerun(of_another_split, made, {}).predictions is None


def test_numbered_predictions_that_were_changed_are_no_same_bytes(
    run: RecordedRun, made: Locations, predicted: Callable[..., Path], tmp_path: Path
) -> None:
    assert run.predictions is not None
    hashes = {PREPARED: {"cases.parquet": "p"}, PREDICTIONS: {run.predictions.name: sha256_of_path(run.predictions)}}
    bundled = replace(run, hashes=hashes, is_numbered=True)
    write_numbered(predicted("other.parquet", [0.2, 0.9], ids=("a", "b")), run.predictions)
    found = compare_stages(of_run(bundled), of_rerun(bundled, made, {}), 1e-3).of(PREDICTIONS)
    assert found.equality == Equality.DIFFERENT
    assert found.largest_difference == pytest.approx(0.1)


@pytest.mark.parametrize(("stage", "name"), [(REPORT, "report.html"), (PREPARED, "manifest.json")])
def test_a_page_that_was_changed_proves_nothing(run: RecordedRun, tmp_path: Path, stage: str, name: str) -> None:
    write_text(tmp_path / ("prepared" if stage == PREPARED else ".") / name, "AUROC 0.99")
    changed = replace(run, hashes={PREPARED: {"cases.parquet": "p"}, stage: {name: "0" * 64}})
    with pytest.raises(ArtifactCorruptError, match=f"{name} of run 'mlp' .* is not what it wrote"):
        of_run(changed)


def test_a_bundle_whose_counts_lack_the_words_of_texts_proves_all_else(run: RecordedRun, tmp_path: Path) -> None:
    write_text(tmp_path / "prepared/manifest.json", "{}")
    bundled = replace(run, hashes={PREPARED: {"manifest.json": "0" * 64}}, manifest={}, is_numbered=True)
    assert of_run(bundled).hashes[PREPARED] == {"manifest.json": "0" * 64}
    with pytest.raises(ArtifactCorruptError, match="is not what it wrote"):
        of_run(replace(bundled, manifest={"summary": ["age"]}))


def test_damaged_scores_are_said(run: RecordedRun, tmp_path: Path) -> None:
    for damaged, why in (("{", "is not valid JSON"), ('{"test": [0.9]}', "is not as a run writes it")):
        write_text(tmp_path / "metrics.json", damaged)
        with pytest.raises(ArtifactCorruptError, match=rf"the run: metrics\.json {why}"):
            of_run(run)


def test_a_run_with_hashed_ids_is_compared_case_by_case_where_the_key_is(
    run: RecordedRun, made: Locations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run.predictions is not None
    recorded = sha256_of_path(run.predictions)
    write_hashed(run.predictions, run.predictions, own_key())
    shared = {"predictions.parquet": sha256_of_path(run.predictions)}
    hashed = replace(run, hashes={PREDICTIONS: {"predictions.parquet": recorded}, PREPARED: {}, SHARED: shared})
    old, new = of_run(hashed), of_rerun(hashed, made, {})
    assert old.predictions is not None
    assert new.predictions is not None
    assert difference_of_predictions(old.predictions, new.predictions).num_cases == 2
    assert compare_stages(old, new, 0.0).of(PREDICTIONS).equality == Equality.SAME_BYTES
    (tmp_path / ".cache/patient_key").unlink()
    without = of_rerun(hashed, made, {})
    assert without.predictions is None
    assert compare_stages(old, without, 0.0).of(PREDICTIONS).equality == Equality.SAME_BYTES
    write_text(run.predictions, "another file")
    with pytest.raises(ArtifactCorruptError, match="is not what it wrote"):
        of_run(hashed)
