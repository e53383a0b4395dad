"""Stays with measurements over time: cases by stay and by hour, what is left out, and what is shared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from reprodx.datasets.time_series_table import TimeSeriesTable
from reprodx.errors import ConfigError, DatasetNotFoundError, SchemaError
from reprodx.inputs import Modality

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.schemas import RawCases

Make = Callable[..., TimeSeriesTable]
SERIES = "stay,time,hr,map\n1,0,80,\n1,2,90,70\n2,1,60,50\n3,0,,\n4,0,75,\n"
STATIC = "stay,age,sex,who\n2,60,f,a\n1,50,m,a\n3,70,m,b\n4,40,f,c\n"
OUTCOMES = "stay,died\n1,1\n2,0\n3,1\n"
HOURLY = "stay,at,aki\n1,0,0\n1,1.5,0\n1,2,1\n2,0,0\n2,3,1\n"


@pytest.fixture
def make(tmp_path: Path, settings: Callable[[str], dict[str, Any]]) -> Make:
    """Return a function from the texts of tables and settings to the dataset, with the YAML's other settings."""

    def of(
        series: str = SERIES, static: str | None = STATIC, outcomes: str = OUTCOMES, **others: Any
    ) -> TimeSeriesTable:
        paths = {}
        for name, text in (("path", series), ("static_path", static), ("outcome_path", outcomes)):
            paths[name] = None if text is None else str(tmp_path / f"{name}.csv")
            if text is not None:
                (tmp_path / f"{name}.csv").write_text(text)
        given = {"id": "stay", "hour": "time", "target": "died"}
        return TimeSeriesTable(**{**settings("time_series_table"), **given, **paths, **others})

    return of


def hourly(make: Make, **others: Any) -> RawCases:
    return make(outcomes=HOURLY, **{"label_hour": "at", "target": "aki", **others}).read(None)


def values(raw: RawCases) -> list[list[list[float | None]]]:
    assert raw.inputs is not None
    return [[[None if np.isnan(x) else float(x) for x in step] for step in case] for case in raw.inputs]


def test_a_stay_is_a_case(make: Make) -> None:
    raw = make(groups={"sex": None, "age": [55]}, drop=["who"], units={"age": "years", "hr": "1/min"}).read(None)
    assert raw.cases.to_dict(as_series=False) == {
        "case_id": ["1", "2"],
        "patient_id": ["1", "2"],
        "y_true": ["1", "0"],
        "group_sex": ["m", "f"],
        "group_age": ["<55", ">=55"],
    }
    assert raw.features.to_dict(as_series=False) == {"age": [50.0, 60.0], "sex": ["m", "f"]}
    assert set(raw.cleaning) == {"age", "sex"}
    assert values(raw) == [[[80, None], [None, None], [90, 70]], [[None, None], [60, 50]]]
    assert raw.inputs is not None
    assert raw.inputs.modality == Modality.SERIES
    assert raw.inputs.channels == ("hr", "map")
    assert raw.inputs.settings["variables"] == ("hr", "map")
    assert raw.units == {"age": "years", "hr": "1/min"}
    assert not raw.has_patients


def test_every_stay_that_is_left_out_is_counted(make: Make) -> None:
    raw = make(outcomes=OUTCOMES + "9,0\n").read(None)
    assert {e.rule: e.count for e in raw.exclusions} == {
        "nothing was measured in the stay": 2,
        "the stay has no label": 1,
    }
    assert raw.num_read == 5 == raw.cases.height + sum(e.count for e in raw.exclusions)


def test_an_hour_is_a_case_that_sees_nothing_from_after_it(make: Make) -> None:
    raw = hourly(make)
    assert raw.cases["case_id"].to_list() == ["1_0", "1_1.5", "1_2", "2_3"]
    assert raw.cases["patient_id"].to_list() == ["1", "1", "1", "2"]
    assert raw.cases["y_true"].to_list() == ["0", "0", "1", "1"]
    assert values(raw) == [
        [[80, None]],
        [[80, None], [None, None]],
        [[80, None], [None, None], [90, 70]],
        [[None, None], [60, 50], [None, None], [None, None]],
    ]
    assert raw.features["age"].to_list() == [50, 50, 50, 60]
    assert raw.has_patients
    counts = {e.rule: e.count for e in raw.exclusions}
    assert counts == {"nothing was measured up to the label's hour": 1, "the stay has no label": 2}
    assert raw.num_read == 7


def test_hours_of_a_stay_share_its_steps(make: Make) -> None:
    raw = hourly(make)
    assert raw.inputs is not None
    assert raw.inputs.starts.tolist() == [0, 0, 0, 3]
    assert raw.inputs.lengths is not None
    assert raw.inputs.lengths.tolist() == [1, 2, 3, 4]
    assert raw.inputs.values.shape == (3 + 4 + 1 + 1, 2)


def test_steps_of_several_hours_still_see_nothing_from_after_the_label(make: Make) -> None:
    series = "stay,time,hr\n1,0,80\n1,3,90\n1,4,100\n1,5,110\n2,0,60\n"
    raw = make(
        series, outcomes="stay,at,aki\n1,3,0\n1,4,1\n1,7,0\n2,0,1\n", label_hour="at", target="aki", bin_hours=4.0
    ).read(None)
    assert values(raw) == [[[80]], [[80], [95]], [[80], [95]], [[60]]]


def test_changing_what_comes_later_changes_no_earlier_case(make: Make) -> None:
    before = values(hourly(make))
    after = values(hourly(make, series=SERIES.replace("1,2,90,70", "1,1.6,-5,1\n1,2,7,8")))
    assert before[:2] == after[:2]
    assert before[2] != after[2]


def test_labels_after_the_window_are_left_out(make: Make) -> None:
    raw = hourly(make, window_hours=2.0)
    assert raw.cases["case_id"].to_list() == ["1_0", "1_1.5", "1_2"]
    assert "the label is after data.window_hours" in [e.rule for e in raw.exclusions]


def test_dates_of_labels_count_from_the_first_measurement(make: Make) -> None:
    series = "stay,time,hr\n1,2020-01-01 06:00,80\n1,2020-01-01 08:00,90\n2,2020-02-01,60\n"
    outcomes = "stay,at,aki\n1,2020-01-01 07:30,0\n1,2020-01-01 08:00,1\n2,2020-01-31,0\n8,2020-01-01,0\n"
    raw = make(series, None, outcomes, label_hour="at", target="aki").read(None)
    assert raw.cases["case_id"].to_list() == ["1_1.5", "1_2"]
    assert values(raw) == [[[80], [None]], [[80], [None], [90]]]
    assert {e.rule: e.count for e in raw.exclusions} == {"nothing was measured up to the label's hour": 2}


def test_parquet_gives_the_same_cases_as_csv(make: Make, tmp_path: Path) -> None:
    expected = hourly(make)
    hours = [dt.timedelta(hours=hour) for hour in (0, 2, 1, 0, 0)]
    tables = {
        "path": pl.DataFrame(
            {
                "stay": [1, 1, 2, 3, 4],
                "time": hours,
                "hr": [80.0, 90.0, 60.0, None, 75.0],
                "map": [None, 70, 50, None, None],
            }
        ),
        "outcome_path": pl.DataFrame(
            {
                "stay": pl.Series([1, 1, 1, 2, 2], dtype=pl.Int32),
                "at": [dt.timedelta(hours=hour) for hour in (0, 1.5, 2, 0, 3)],
                "aki": [False, False, True, False, True],
            }
        ),
    }
    paths = {}
    for key, table in tables.items():
        paths[key] = str(tmp_path / f"{key}.parquet")
        table.write_parquet(paths[key])
    raw = hourly(make, **paths, positive=True)
    assert raw.classes == ("false", "true")
    assert raw.cases.drop("y_true").equals(expected.cases.drop("y_true"))
    assert values(raw) == values(expected)


def test_every_role_leaves_the_features(make: Make) -> None:
    static = (
        "stay,age,who,where,when,fold,note\n1,50,p,x,2001,a,n\n2,60,p,y,2002,b,n\n3,1,q,x,2003,a,n\n4,1,q,x,2003,a,n\n"
    )
    raw = make(static=static, patient="who", site="where", time="when", drop=["note"]).read("fold")
    assert raw.features.columns == ["age"]
    assert raw.cases.columns == ["case_id", "patient_id", "site", "time", "y_true", "fold"]
    assert raw.cases.row(1) == ("2", "p", "y", 2002.0, "0", "b")
    assert raw.has_patients


def test_stays_without_a_row_in_the_static_table_have_missing_features(make: Make) -> None:
    raw = make(static="stay,age\n1,50\n").read(None)
    assert raw.features["age"].to_list() == [50, None]
    assert make(static=None).read(None).features.shape == (2, 0)


def test_what_reading_found_is_a_warning(make: Make, tmp_path: Path) -> None:
    (tmp_path / "card.md").write_text("# Mine\n")
    raw = make(ranges={"hr": [65, 300]}, window_hours=1.0, static="stay,age\n1,50\n", outcomes=OUTCOMES + "9,0\n").read(
        None
    )
    assert raw.card == "# Mine\n"
    assert raw.warnings == (
        "path.csv: 1 of 5 rows after data.window_hours left out",
        "path.csv: outside data.ranges and counted as not measured: hr 1",
        "1 of 4 stays of outcome_path.csv have no row in path.csv",
        "1 of 4 stays of path.csv have no row in outcome_path.csv",
        "3 of 4 stays of outcome_path.csv have no row in static_path.csv",
    )


def test_no_other_role_is_measured(make: Make) -> None:
    series = "stay,time,hr,died,who\n1,0,80,1,3\n2,1,60,0,4\n3,0,70,1,3\n"
    raw = make(series, drop=["who"]).read(None)
    assert raw.inputs is not None
    assert raw.inputs.channels == ("hr",)


def test_a_label_at_no_hour_is_left_out_and_counted(make: Make) -> None:
    raw = make(outcomes=HOURLY + "2,inf,1\n", label_hour="at", target="aki").read(None)
    assert raw.cases["case_id"].to_list() == ["1_0", "1_1.5", "1_2", "2_3"]
    assert {e.rule: e.count for e in raw.exclusions}["the label's hour is infinite"] == 1


def test_missing_words_are_declared_for_any_table(make: Make) -> None:
    raw = make(missing={"hr": [90], "age": [50]}).read(None)
    assert values(raw)[0][2] == [None, 70]
    assert raw.features["age"].to_list() == [None, 60]


def test_unlabelled_stays_are_an_error_unless_dropped(make: Make) -> None:
    outcomes = "stay,died\n1,1\n2,\n3,0\n4,0\n"
    with pytest.raises(SchemaError, match=r"outcome_path\.csv, row 3: the target 'died' is missing"):
        make(outcomes=outcomes).read(None)
    raw = make(outcomes=outcomes, drop_unlabelled=True).read(None)
    assert raw.cases["case_id"].to_list() == ["1", "4"]
    assert values(raw)[1] == [[75, None]]
    assert raw.features["age"].to_list() == [50, 40]


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"outcomes": OUTCOMES + "1,0\n"}, r"row 5: data\.id 'stay' repeats"),
        (
            {"outcomes": HOURLY + "1,2,0\n", "label_hour": "at", "target": "aki"},
            r"row 7: data\.id 'stay' and data\.label_hour 'at' repeat",
        ),
        ({"outcomes": "stay,died\n8,0\n9,1\n"}, "no stay has a measurement and a target"),
        ({"ranges": {"hrr": [0, 1]}}, r"data\.ranges: .*'hrr'.*'hr'"),
        ({"groups": ["weight"]}, r"data\.groups: .* no column 'weight'"),
        ({"label_hour": "at"}, r"data\.label_hour: .* no column 'at'"),
        ({"target": "dead"}, r"data\.target: .* no column 'dead'"),
        ({"variables": ["hr", "temp"]}, r"data\.variables: .* no column 'temp'"),
    ],
)
def test_what_cannot_be_read_is_named(make: Make, others: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        make(**others).read(None)


def test_a_missing_file_is_named(make: Make) -> None:
    with pytest.raises(DatasetNotFoundError, match=r"data\.outcome_path must name"):
        make(outcome_path="absent.csv").read(None)


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"id": None}, r"data\.id"),
        ({"variable": "name"}, r"data\.variable and data\.value"),
        ({"bin_hours": 0.0}, r"data\.bin_hours"),
        ({"max_hours": -1.0}, r"data\.max_hours"),
        ({"max_hours": None}, r"data\.max_hours"),
        ({"window_hours": float("nan")}, r"data\.window_hours"),
        ({"bin_hours": 1e-300}, r"data\.max_hours: is more than"),
        ({"hour": "stay"}, "must be different columns"),
        ({"variables": ["hr", "hr"]}, r"data\.variables: names a column twice"),
        ({"ranges": {"hr": [1]}}, r"data\.ranges\.hr"),
        ({"drop": "who"}, r"data\.drop"),
        ({"categorical": "sex"}, r"data\.categorical"),
    ],
)
def test_a_key_that_holds_what_it_cannot_is_refused(make: Make, others: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make(**others)
