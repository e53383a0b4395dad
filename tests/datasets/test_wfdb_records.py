"""WFDB records that a table lists: PTB-XL's layout and plain targets, and every record that is left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import wfdb

from reprodx.datasets import wfdb_records
from reprodx.datasets.unusable_signal import (
    FILES_MISSING,
    LEAD_MISSING,
    NO_LEAD_NAMES,
    TOO_HIGH,
    TOO_MANY_GAPS,
    TOO_SHORT,
    TWO_OF_ONE_NAME,
    UNREADABLE,
)
from reprodx.datasets.wfdb_files import decode
from reprodx.datasets.wfdb_records import WfdbRecords
from reprodx.errors import ConfigError, DatasetNotFoundError, SchemaError
from reprodx.inputs import Modality
from reprodx.schemas import Exclusion, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Make = Callable[..., WfdbRecords]

STATEMENTS = ",diagnostic,diagnostic_class\nNORM,1.0,NORM\nIMI,1.0,MI\nNDT,1.0,STTC\nSR,,\n"
DATABASE = """ecg_id,patient_id,age,sex,site,recording_date,scp_codes,strat_fold,filename_lr
1,15709.0,56.0,1,0.0,1984-11-09 09:17:34,"{'NORM': 100.0, 'SR': 0.0}",3,records100/00001_lr
2,13243.0,300.0,0,,1984-11-14 12:55:37,"{'IMI': 0.0, 'NDT': 100.0}",9,records100/00002_lr
3,15709.0,,0,2.0,1984-11-15 12:49:10,{'SR': 0.0},10,records100/00003_lr
4,17014.0,24.0,0,2.0,1984-11-15 13:44:57,"{'NDT': 15.0}",10,records100/00004_lr
"""
PLAIN = "record,y\na,0\nb,1\nc,1\n"
NUM_STEPS = 50


def signal(seed: int, num_steps: int = NUM_STEPS, num_leads: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(num_steps, num_leads))


def write(
    folder: Path, name: str, values: np.ndarray, unit: str = "mV", leads: Sequence[str] = ("I", "II", "V1")
) -> None:
    folder.mkdir(exist_ok=True)
    leads = list(leads)[: values.shape[1]]
    wfdb.wrsamp(name, 100, [unit] * len(leads), leads, values, fmt=["16"] * len(leads), write_dir=str(folder))


@pytest.fixture
def ptbxl(tmp_path: Path, settings: Callable[[str], dict[str, Any]]) -> Make:
    """Return a function from changed settings to four records in PTB-XL's layout."""
    for number in range(1, 5):
        write(tmp_path / "records100", f"{number:05d}_lr", signal(number))
    (tmp_path / "ptbxl_database.csv").write_text(DATABASE)
    (tmp_path / "scp_statements.csv").write_text(STATEMENTS)
    names = {"path": "ptbxl_database.csv", "statements_path": "scp_statements.csv", "folder": "."}
    paths = {key: str(tmp_path / name) for key, name in names.items()}

    def make(**overrides: Any) -> WfdbRecords:
        return WfdbRecords(**{**settings("ptbxl"), **paths, "seconds": 0.5, **overrides})

    return make


@pytest.fixture
def plain(tmp_path: Path, settings: Callable[[str], dict[str, Any]]) -> Make:
    """Return a function from a table's text and changed settings to records a, b and c with a plain target."""
    for seed, name in enumerate("abc"):
        write(tmp_path, name, signal(seed))

    def make(text: str = PLAIN, **overrides: Any) -> WfdbRecords:
        (tmp_path / "table.csv").write_text(text)
        paths = {"path": str(tmp_path / "table.csv"), "folder": str(tmp_path)}
        own = {**paths, "record": "record", "target": "y", "max_unreadable_share": 0.9}
        return WfdbRecords(**{**settings("wfdb_records"), **own, **overrides})

    return make


def test_the_published_layout_of_ptbxl_is_a_multilabel_task(ptbxl: Make, tmp_path: Path) -> None:
    raw = ptbxl().read("strat_fold")
    assert (raw.task, raw.modality, raw.classes) == (Task.MULTILABEL, Modality.SIGNAL, ("MI", "NORM", "STTC"))
    assert raw.cases["case_id"].to_list() == ["1", "2", "4"]
    assert raw.cases["patient_id"].to_list() == ["15709", "13243", "17014"]
    assert raw.cases["site"].to_list() == ["0", "unknown", "2"]
    assert raw.cases["strat_fold"].to_list() == ["3", "9", "10"]
    assert raw.cases["y_true"].to_list() == ["NORM", "MI+STTC", "STTC"]
    assert raw.cases.select("y_true_MI", "y_true_NORM", "y_true_STTC").rows() == [(0, 1, 0), (1, 0, 1), (0, 0, 1)]
    assert raw.cases["group_sex"].to_list() == ["1", "0", "0"]
    assert raw.cases["group_age"].to_list() == ["50-<70", ">=70", "<50"]
    assert raw.exclusions == (Exclusion("the target is missing", 1),)
    assert (raw.num_read, raw.has_patients, raw.features.shape) == (4, True, (3, 0))
    assert raw.inputs is not None
    assert raw.inputs.channels == ("I", "II", "V1")
    for case, number in enumerate((1, 2, 4)):
        np.testing.assert_allclose(raw.inputs[case], signal(number), atol=1e-3)
        new = decode(tmp_path / "records100" / f"{number:05d}_lr", raw.inputs.settings)
        np.testing.assert_array_equal(new, raw.inputs[case])


def test_ptbxl_may_be_two_classes_or_fewer_labels(ptbxl: Make) -> None:
    raw = ptbxl(positive=["MI", "STTC"], negative=["NORM"]).read(None)
    assert (raw.task, raw.classes) == (Task.BINARY, ("negative", "positive"))
    assert raw.cases["y_true"].to_list() == ["negative", "positive", "positive"]
    assert ptbxl(superclasses=["MI"]).read(None).cases["y_true"].to_list() == ["none", "MI", "none"]
    likely = ptbxl(min_likelihood=50.0).read(None)
    assert likely.cases["y_true"].to_list() == ["NORM", "STTC"]
    with pytest.raises(SchemaError, match="row 4: the target 'scp_codes' is missing"):
        ptbxl(drop_unlabelled=False).read(None)


def test_a_plain_target_and_a_scratch_folder(plain: Make, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    raw = plain(leads=["V1", "I"]).read(None, scratch=scratch)
    assert (raw.task, raw.classes, raw.has_patients) == (Task.BINARY, ("0", "1"), False)
    assert raw.inputs is not None
    assert isinstance(raw.inputs.values, np.memmap)
    assert (raw.inputs.values.dtype, raw.inputs.values.shape) == (np.float32, (3, NUM_STEPS, 2))
    np.testing.assert_allclose(raw.inputs[1], signal(1)[:, [2, 0]], atol=1e-3)
    np.testing.assert_array_equal(np.load(scratch / "read.npy"), plain(leads=["V1", "I"]).read(None).inputs.values)


def test_the_first_readable_record_gives_leads_and_length(plain: Make, tmp_path: Path) -> None:
    raw = plain("record,y\nnone,0\na,0\nb,1\n").read(None)
    assert raw.inputs is not None
    assert (raw.inputs.channels, raw.inputs.settings["num_steps"]) == (("I", "II", "V1"), NUM_STEPS)
    slow = plain(sampling_rate=50.0).read(None)
    assert slow.inputs is not None
    assert slow.inputs.values.shape == (3, NUM_STEPS // 2, 3)
    assert not slow.warnings


def test_records_that_are_cut_to_a_shorter_first_one_are_said(plain: Make, tmp_path: Path) -> None:
    write(tmp_path, "first", signal(7, 20))
    raw = plain("record,y\nfirst,0\na,0\nb,1\n").read(None)
    assert raw.warnings == (
        "table.csv: 2 of 3 records are longer than the first that can be read and are cut to its length: look at "
        "data.seconds",
    )
    assert not plain("record,y\nfirst,0\na,0\nb,1\n", seconds=0.2).read(None).warnings


def test_each_unusable_record_is_counted_by_its_rule(plain: Make, tmp_path: Path) -> None:
    gaps = signal(7)
    gaps[:20, 1] = np.nan
    write(tmp_path, "gaps", gaps)
    write(tmp_path, "short", signal(8, NUM_STEPS // 2))
    write(tmp_path, "few", signal(9, num_leads=2))
    (tmp_path / "broken.hea").write_text("nonsense")
    raw = plain("record,y\na,0\ngaps,0\nshort,0\nfew,1\nbroken,1\nabsent,1\n,1\nc.hea,1\n").read(None)
    assert raw.cases["case_id"].to_list() == ["row2", "row9"]
    assert raw.inputs is not None
    np.testing.assert_allclose(raw.inputs.gathered(), [signal(0), signal(2)], atol=1e-3)
    counts = {FILES_MISSING: 2, LEAD_MISSING: 1, TOO_MANY_GAPS: 1, TOO_SHORT: 1, UNREADABLE: 1}
    assert {exclusion.rule: exclusion.count for exclusion in raw.exclusions} == counts
    assert raw.num_read == raw.cases.height + sum(counts.values())


def test_records_at_fault_are_named_by_row_with_their_unit(plain: Make, tmp_path: Path) -> None:
    write(tmp_path, "unit", signal(7), "xyz")
    write(tmp_path, "high", signal(7) * 1e3)
    raw = plain("record,y\na,0\nunit,1\nhigh,0\nb,1\nunit,0\n").read(None)
    no_unit = "the lead 'I' is in 'xyz', which is no unit of an ECG"
    assert raw.warnings == (f"table.csv, row 4: left out: {TOO_HIGH}", f"table.csv, rows 3, 6: left out: {no_unit}")
    assert {rule.rule: rule.count for rule in raw.exclusions} == {no_unit: 2, TOO_HIGH: 1}


def test_leads_without_names_or_with_one_name_go_by_number(plain: Make, tmp_path: Path) -> None:
    for header in tmp_path.glob("?.hea"):
        header.write_text(header.read_text().replace(" I\n", "\n").replace(" II\n", "\n").replace(" V1\n", "\n"))
    raw = plain(leads=[2, 0]).read(None)
    assert raw.inputs is not None
    assert raw.inputs.channels == ("lead_2", "lead_0")
    np.testing.assert_allclose(raw.inputs[1], signal(1)[:, [2, 0]], atol=1e-3)
    with pytest.raises(SchemaError, match="row 2, the first record that can be read: " + re.escape(NO_LEAD_NAMES)):
        plain().read(None)
    with pytest.raises(SchemaError, match=re.escape(f"no record is usable: {NO_LEAD_NAMES} (3)")):
        plain(leads=["I"], seconds=0.5).read(None)
    for name in "abc":
        write(tmp_path, name, signal(3), leads=("II", "ii", "V1"))
    with pytest.raises(SchemaError, match=re.escape(TWO_OF_ONE_NAME)):
        plain().read(None)


def test_records_are_found_by_names_of_other_machines_within_the_folder(plain: Make, tmp_path: Path) -> None:
    write(tmp_path / "sub", "d", signal(9))
    raw = plain("record,y\nSUB\\d.hea,0\nb.dat,1\n").read(None)
    assert raw.inputs is not None
    np.testing.assert_allclose(raw.inputs.gathered(), [signal(9), signal(1)], atol=1e-3)
    with pytest.raises(SchemaError, match=r"table.csv, row 3: data.record 'record' leads out of data.folder"):
        plain("record,y\na,0\n../a,1\n", folder=str(tmp_path / "sub")).read(None)
    with pytest.raises(DatasetNotFoundError, match=r"data.folder: .*none is missing"):
        plain(folder=str(tmp_path / "none")).read(None)


def test_too_many_faulty_files_are_an_error(plain: Make) -> None:
    with pytest.raises(
        SchemaError, match=r"table.csv: 1 of 3 records have files that are .*, the first in row 3: a file of the record"
    ):
        plain("record,y\na,0\nabsent,1\nc,1\n", max_unreadable_share=0.2).read(None)
    with pytest.raises(SchemaError, match=r"none of the 2 records can be read: look at data.folder"):
        plain("record,y\nx,0\ny,1\n").read(None)
    with pytest.raises(SchemaError, match=r"no record is usable: a lead is missing \(3\)"):
        plain(leads=["aVR"], seconds=0.5).read(None)


def test_records_are_the_same_read_by_several_processes(plain: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = plain().read(None).inputs
    monkeypatch.setattr(wfdb_records, "RECORDS_PER_PROCESS", 1)
    together = plain().read(None).inputs
    assert alone is not None
    assert together is not None
    np.testing.assert_array_equal(alone.values, together.values)


def test_a_card_and_another_folder(plain: Make, tmp_path: Path) -> None:
    (tmp_path / "card.md").write_text("# Mine")
    write(tmp_path / "elsewhere", "a", signal(5))
    raw = plain("record,y\na,0\na,1\n", folder=str(tmp_path / "elsewhere")).read(None)
    assert raw.card == "# Mine"
    assert raw.inputs is not None
    np.testing.assert_allclose(raw.inputs[0], signal(5), atol=1e-3)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sampling_rate": 0.0}, "data.sampling_rate"),
        ({"leads": ["I", "i"]}, "data.leads"),
        ({"seconds": 0.001}, "data.seconds"),
        ({"max_missing_share": 1.0}, "data.max_missing_share"),
        ({"superclasses": ["MI"]}, "data.superclasses"),
        ({"negative": ["0"]}, "data.negative"),
        ({"groups": {"age": [3, 2]}}, "data.groups.age"),
    ],
)
def test_settings_that_cannot_be_are_refused(plain: Make, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        plain(**changed)


def test_absent_tables_and_columns_are_named(plain: Make, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"data.record: table.csv has no column 'recrod': did you mean 'record'"):
        plain(record="recrod").read(None)
    with pytest.raises(DatasetNotFoundError, match=r"none.csv is missing"):
        plain(path=str(tmp_path / "none.csv")).read(None)
