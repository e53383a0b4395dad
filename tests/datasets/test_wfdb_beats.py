"""Beats cut out of records: which, from where, of whom, and every beat that is left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import wfdb
import yaml

from reprodx.datasets.heart_beats import AAMI_CLASS
from reprodx.datasets.unusable_signal import ANNOTATED_BEYOND, FILES_MISSING, LEAD_MISSING, NO_ANNOTATIONS
from reprodx.datasets.wfdb_beats import (
    ALL_PACED,
    AT_THE_END,
    LEFT_OUT,
    OTHER_CLASS,
    WfdbBeats,
)
from reprodx.datasets.wfdb_files import decode
from reprodx.datasets.wfdb_signals import read_wfdb
from reprodx.errors import ConfigError, DatasetNotFoundError, SchemaError
from reprodx.schemas import Task
from reprodx.splits.predefined import Predefined

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., WfdbBeats]

RATE = 100
SAMPLES = np.array([10, 110, 200, 320, 400, 495])
SYMBOLS = ["N", "N", "V", "A", "N", "N"]


def write(folder: Path, name: str, symbols: list[str], *, leads: tuple[str, ...] = ("MLII", "V1")) -> None:
    values = np.random.default_rng(int(name)).normal(size=(500, len(leads)))
    folder.mkdir(exist_ok=True)
    formats = ["16"] * len(leads)
    wfdb.wrsamp(name, RATE, ["mV"] * len(leads), list(leads), values, fmt=formats, write_dir=str(folder))
    wfdb.wrann(name, "atr", SAMPLES, symbols, write_dir=str(folder))


def values_of(path: Path) -> np.ndarray:
    return np.stack([lead.values for lead in read_wfdb(path).leads], axis=1)


@pytest.fixture
def beats(tmp_path: Path, settings: Callable[[str], dict[str, Any]]) -> Make:
    """Return a function from changed settings to the beats of records 100, 101, 201 and 202, the last two one man's."""
    folder = tmp_path / "records"
    for name, leads in (("100", ("MLII", "V5")), ("101", ("MLII", "V1")), ("201", ("V1", "MLII")), ("202", ("A", "B"))):
        write(folder, name, SYMBOLS, leads=leads)

    def make(**overrides: Any) -> WfdbBeats:
        own = {"folder": str(folder), "sampling_rate": 100.0, "max_unreadable_share": 0.9}
        return WfdbBeats(**{**settings("wfdb_beats"), **own, **overrides})

    return make


def test_a_beat_is_the_window_around_its_annotation(beats: Make, tmp_path: Path) -> None:
    raw = beats().read(None)
    assert raw.inputs is not None
    assert raw.inputs.values.dtype == np.float32
    assert raw.inputs.channels == ("lead_0", "lead_1")
    assert raw.cases["case_id"].to_list()[:4] == ["100_000110", "100_000200", "100_000320", "100_000400"]
    assert raw.cases["y_true"].to_list()[:4] == ["N", "V", "S", "N"]
    record = values_of(tmp_path / "records" / "100")
    for case, sample in enumerate(SAMPLES[1:5]):
        np.testing.assert_array_equal(raw.inputs[case], record[sample - 25 : sample + 45])
    assert (raw.classes, raw.task, raw.has_patients) == (("N", "S", "V"), Task.MULTICLASS, True)
    assert {rule.rule: rule.count for rule in raw.exclusions} == {AT_THE_END: 8}
    assert raw.num_read == 24


def test_intervals_stand_beside_the_beat(beats: Make) -> None:
    raw = beats().read(None)
    assert raw.features.columns == ["rr_previous_s", "rr_next_s", "rr_ratio"]
    assert raw.features.row(1) == pytest.approx((0.9, 1.2, 0.9 / 0.95))
    assert raw.units == {"rr_previous_s": "s", "rr_next_s": "s"}
    assert raw.cleaning.keys() == set(raw.features.columns)
    none = beats(features=[]).read(None)
    assert none.features.shape == (none.cases.height, 0)


def test_the_first_beat_stays_where_no_interval_before_it_is_asked_for(beats: Make) -> None:
    raw = beats(features=["rr_next_s"], before_seconds=0.1).read(None)
    assert raw.cases["case_id"][0] == "100_000010"


def test_one_man_with_two_records_is_one_patient_in_one_set(beats: Make) -> None:
    raw = beats().read("set")
    found = raw.cases.group_by("patient_id").agg(pl.col("set").unique(), pl.len()).sort("patient_id")
    assert found.rows() == [("100", ["DS2"], 4), ("101", ["DS1"], 4), ("201", ["DS1"], 8)]
    with pytest.raises(ConfigError, match=r"data.sets: 202 and 201 are of one person"):
        beats(sets={"DS1": [201], "DS2": [202]})
    assert "set" not in beats().read(None).cases.columns
    assert beats(sets={"DS1": [100]}).read("set").cases["set"].unique().sort().to_list() == ["DS1", "none"]


def test_the_shipped_sets_are_de_chazals_but_for_the_one_man(settings: Callable[[str], dict[str, Any]]) -> None:
    sets = settings("wfdb_beats")["sets"]
    assert [len(sets[name]) for name in ("DS1", "DS2")] == [23, 21]
    assert not set(sets["DS1"]) & set(sets["DS2"])
    assert {201, 202} <= set(sets["DS1"])
    assert not {102, 104, 107, 217} & {*sets["DS1"], *sets["DS2"]}


def test_the_shipped_split_reads_the_sets(beats: Make) -> None:
    node = yaml.safe_load(Path("conf/split/ds1_ds2.yaml").read_text(encoding="utf-8"))
    split = Predefined(**{key: node[key] for key in ("column", "map", "val", "seed")})
    cases = beats(sets={"DS1": [101, 201, 202], "DS2": [100]}).read(split.column).cases
    units = cases["patient_id"].rank("dense").cast(pl.Int64).to_numpy()
    assigned = split.assign(cases, units).split
    assert set(assigned[cases["patient_id"].to_numpy() == "100"]) == {"test"}
    assert "test" not in assigned[cases["patient_id"].to_numpy() != "100"]


def test_paced_records_are_found_and_named_ones_left_out(beats: Make, tmp_path: Path) -> None:
    write(tmp_path / "records", "300", ["/", "/", "N", "N", "V", "N"])
    write(tmp_path / "records", "102", SYMBOLS)
    raw = beats().read(None)
    counts = {rule.rule: rule.count for rule in raw.exclusions}
    assert (counts[ALL_PACED], counts[LEFT_OUT]) == (6, 6)
    assert raw.num_read == raw.cases.height + sum(counts.values())
    assert "300" in beats(max_paced_share=0.5).read(None).cases["patient_id"].to_list()


def test_leads_go_by_name_and_records_without_them_are_counted(beats: Make, tmp_path: Path) -> None:
    raw = beats(leads=["V1", "MLII"]).read(None)
    assert raw.inputs is not None
    assert raw.cases["patient_id"].unique().sort().to_list() == ["101", "201"]
    assert {rule.rule: rule.count for rule in raw.exclusions} == {AT_THE_END: 4, LEAD_MISSING: 12}
    np.testing.assert_array_equal(raw.inputs[4], values_of(tmp_path / "records" / "201")[85:155])


@pytest.mark.parametrize(
    ("changed", "classes", "truth"),
    [
        ({"positive": ["V"]}, ("negative", "positive"), ["negative", "positive", "negative", "negative"]),
        ({"positive": ["V"], "classes": ["N", "V"]}, ("N", "V"), ["N", "V", "N"]),
        ({"classes": ["V", "N"]}, ("N", "V"), ["N", "V", "N"]),
        ({"classes": ["V", "S"], "positive": ["V"]}, ("S", "V"), ["V", "S"]),
    ],
)
def test_classes_may_be_chosen(
    beats: Make, changed: dict[str, Any], classes: tuple[str, ...], truth: list[str]
) -> None:
    raw = beats(**changed).read(None)
    assert raw.classes == classes
    assert raw.cases["y_true"].to_list()[: len(truth)] == truth
    num_others = sum(AAMI_CLASS[symbol] not in changed.get("classes", "NSV") for symbol in SYMBOLS)
    assert sum(rule.count for rule in raw.exclusions if rule.rule == OTHER_CLASS) == 4 * num_others


def test_symbols_are_listed_by_class_and_of_two_abnormal_classes_one_is_named_positive(beats: Make) -> None:
    found = {(one.value, one.class_name) for one in beats(positive=["V"]).read(None).class_values}
    assert found == {(symbol, "positive" if symbol == "V" else "negative") for symbol in SYMBOLS if symbol in "NAV"}
    with pytest.raises(SchemaError, match=r"data\.positive=\[V\] or data\.positive=\[S\]"):
        beats(classes=["V", "S"]).read(None)


def test_resampled_beats_keep_their_place(beats: Make, tmp_path: Path) -> None:
    write(tmp_path / "slow", "400", SYMBOLS)
    time = np.arange(500) / RATE
    bumps = np.exp(-0.5 * ((time[:, None] - SAMPLES / RATE) / 0.02) ** 2).sum(axis=1)
    wfdb.wrsamp("400", RATE, ["mV"], ["I"], bumps[:, None], fmt=["16"], write_dir=str(tmp_path / "slow"))
    raw = beats(folder=str(tmp_path / "slow"), sampling_rate=250.0, leads=[0]).read(None)
    assert raw.inputs is not None
    assert raw.inputs.values.shape == (4, 174, 1)
    assert set(raw.inputs.values[:, :, 0].argmax(axis=1)) == {62}
    beat = decode(tmp_path / "slow" / "400", {**raw.inputs.settings, "num_steps": 1250})
    np.testing.assert_array_equal(beat[275 - 62 : 275 + 112], raw.inputs[0])


def test_a_scratch_folder_holds_the_same_beats(beats: Make, tmp_path: Path) -> None:
    raw, kept = beats().read(None, scratch=tmp_path).inputs, beats().read(None).inputs
    assert raw is not None
    assert kept is not None
    assert isinstance(raw.values, np.memmap)
    np.testing.assert_array_equal(raw.values, kept.values)


def test_a_beat_tells_nothing_of_the_rest_of_its_record(beats: Make, tmp_path: Path) -> None:
    before = beats().read(None).inputs
    folder = str(tmp_path / "records")
    values = values_of(tmp_path / "records" / "100").astype(np.float64)
    values[200:] *= 10
    wfdb.wrsamp("100", RATE, ["mV", "mV"], ["MLII", "V5"], values, fmt=["16", "16"], write_dir=folder)
    after = beats().read(None).inputs
    assert before is not None
    assert after is not None
    np.testing.assert_allclose(after[0], before[0], atol=2e-3)
    assert not np.allclose(after[1], before[1], atol=0.1)


def test_faulty_files_are_counted_and_refused(beats: Make, tmp_path: Path) -> None:
    (tmp_path / "records" / "100.atr").unlink()
    (tmp_path / "records" / "101.dat").unlink()
    raw = beats().read(None)
    counts = {rule.rule: rule.count for rule in raw.exclusions}
    assert counts == {NO_ANNOTATIONS: 1, FILES_MISSING: 6, AT_THE_END: 4}
    assert raw.warnings == (f"100.hea: left out: {NO_ANNOTATIONS}", f"101.hea: left out: {FILES_MISSING}")
    with pytest.raises(SchemaError, match=r"2 of 4 records have .*the first is 100.hea: the record's annotations"):
        beats(max_unreadable_share=0.4).read(None)
    with pytest.raises(SchemaError, match=r"no beat is usable: .*a lead is missing \(12\)"):
        beats(leads=["aVR"]).read(None)
    with pytest.raises(SchemaError, match="has beats of N only"):
        beats(classes=["N"]).read(None)
    with pytest.raises(DatasetNotFoundError, match="holds no record"):
        beats(folder=str(tmp_path / "none")).read(None)


def test_annotations_count_at_their_own_rate_and_end_with_their_record(beats: Make, tmp_path: Path) -> None:
    folder = tmp_path / "records"
    before = beats().read(None)
    wfdb.wrann("100", "atr", SAMPLES * 10, SYMBOLS, fs=1000, write_dir=str(folder))
    after = beats().read(None)
    assert after.features.equals(before.features)
    assert before.inputs is not None
    assert after.inputs is not None
    np.testing.assert_array_equal(after.inputs.values, before.inputs.values)
    wfdb.wrann("100", "atr", SAMPLES * 10, SYMBOLS, write_dir=str(folder))
    assert {rule.rule: rule.count for rule in beats().read(None).exclusions}[ANNOTATED_BEYOND] == 6


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"leads": ["II", "ii"]}, "data.leads"),
        ({"sets": {"DS1": [100], "DS2": ["100"]}}, "data.sets: must hold each record once"),
        ({"same_patient": {"201": [202], "101": [202]}}, "data.same_patient: must hold each record once"),
        ({"same_patient": {"201": [202], "202": [203]}, "sets": None}, "data.same_patient: a record"),
        ({"classes": ["X"]}, "data.classes"),
        ({"positive": ["N", "S", "V", "F", "Q"]}, "data.positive"),
        ({"positive": []}, "data.positive"),
        ({"features": ["rr"]}, "data.features"),
        ({"before_seconds": -1.0}, "data.before_seconds"),
        ({"acknowledge": {}}, "data.acknowledge"),
    ],
)
def test_settings_that_cannot_be_are_refused(beats: Make, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        beats(**changed)


def test_only_the_sets_can_split(beats: Make) -> None:
    with pytest.raises(ConfigError, match=r"split.column: wfdb_beats has no column 'fold', only 'set'"):
        beats().read("fold")
    with pytest.raises(ConfigError, match=r"data.sets"):
        beats(sets=None).read("set")
