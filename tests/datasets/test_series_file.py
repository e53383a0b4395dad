"""Measurements over time: what is read, in which step it lies, and how several become one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from reprodx.datasets.measurements import Measurements
from reprodx.datasets.series_file import read_measurements
from reprodx.datasets.series_format import SeriesFormat
from reprodx.datasets.table_layout import TableLayout
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

Read = Callable[..., tuple[Measurements, np.ndarray]]
NAN = float("nan")


def form(**overrides: Any) -> SeriesFormat:
    settings: dict[str, Any] = {"id": "stay", "hour": "time", "variable": None, "value": None, "variables": None}
    settings |= {
        "missing": {},
        "ranges": {},
        "bin_hours": 1.0,
        "max_hours": 8760.0,
        "window_hours": None,
        "aggregate": "mean",
    }
    return SeriesFormat(**{**settings, **overrides})


def steps(text: str, **overrides: Any) -> tuple[Measurements, list[list[float]]]:
    layout = form(**overrides)
    measured = read_measurements(text.encode(), layout)
    grid = measured.steps(layout, measured.stays["step"].to_numpy() + 1)
    return measured, [[None if np.isnan(value) else round(float(value), 5) for value in row] for row in grid]


def test_each_stay_has_a_step_for_each_hour_until_its_last_row() -> None:
    measured, grid = steps("stay,time,hr,map\nb,0,80,\nb,2,90,70\na,1,60,50\nb,3,,\n")
    assert measured.variables == ("hr", "map")
    assert measured.stays["stay"].to_list() == ["a", "b"]
    assert grid == [[None, None], [60, 50], [80, None], [None, None], [90, 70], [None, None]]
    assert measured.first_steps(form()).tolist() == [1, 0]


def test_a_step_holds_nothing_from_after_its_hour() -> None:
    _, grid = steps("stay,time,hr\na,0,1\na,0.01,2\na,1,4\na,1.01,8\n")
    assert grid == [[1], [3], [8]]


def test_several_measurements_of_a_step_become_their_mean_or_the_last() -> None:
    text = "stay,time,hr\na,0.9,6\na,0.2,1\na,0.5,2\na,0.95,\n"
    assert steps(text)[1] == [[None], [3]]
    assert steps(text, aggregate="last")[1] == [[None], [6]]


def test_the_order_of_the_rows_changes_no_bit() -> None:
    rng = np.random.default_rng(0)
    rows = [
        f"{stay},{hour},{value!r}" for stay in "ab" for hour in (0.5, 0.5, 0.7) for value in rng.normal(size=3).tolist()
    ]
    grids = []
    for _ in range(3):
        rng.shuffle(rows)
        layout = form()
        measured = read_measurements(("stay,time,hr\n" + "\n".join(rows)).encode(), layout)
        grids.append(measured.steps(layout, np.array([2, 2])).tobytes())
    assert len(set(grids)) == 1


def test_decimal_commas_are_read_where_they_were_said_and_in_new_files_too() -> None:
    text = "stay;time;hr\na;0;80,5\n"
    assert steps(text, layout={"decimal": ","})[1] == [[80.5]]
    with pytest.raises(SchemaError, match="text in the numeric column 'hr'"):
        steps(text)


def test_a_row_may_be_one_measurement() -> None:
    text = "stay,time,name,x,unit\na,0,map,50,mmHg\na,0,hr,80,1/min\na,2,hr,90,1/min\na,2,note,-1,\n"
    measured, grid = steps(text, variable="name", value="x", variables=["hr", "map"])
    assert measured.variables == ("hr", "map")
    assert grid == [[80, 50], [None, None], [90, None]]
    assert steps(text, variable="name", value="x")[0].variables == ("hr", "map", "note")
    with pytest.raises(SchemaError, match=r"'name' names none of data\.variables"):
        steps(text, variable="name", value="x", variables=["heart_rate"])


def test_long_and_wide_tables_give_the_same_steps() -> None:
    wide = pl.DataFrame(
        {"stay": [1, 1, 2], "time": [0.0, 1.5, 3.0], "hr": [80.0, None, 70.0], "map": [60.0, 65.0, None]}
    )
    long = wide.unpivot(index=["stay", "time"]).drop_nulls()
    assert steps(wide.write_csv())[1] == steps(long.write_csv(), variable="variable", value="value")[1]


def test_dates_count_from_the_first_row_of_the_stay() -> None:
    measured, grid = steps("stay,time,hr\na,2020-01-01 02:00,2\na,2020-01-01 00:30,1\nb,2021-05-05 10:00,3\n")
    assert grid == [[1], [None], [2], [3]]
    assert measured.hours.tolist() == [1.5, 0.0, 0.0]
    assert measured.stays["origin"].dtype == pl.Datetime


def test_rows_outside_the_window_are_left_out_and_counted() -> None:
    measured, grid = steps("stay,time,hr\na,-1,1\na,0,2\na,2,3\na,2.5,4\nb,9,5\n", window_hours=2.0)
    assert grid == [[2], [None], [3]]
    assert measured.warnings == (
        "the file: 1 of 5 rows before the start of the stay left out",
        "the file: 2 of 5 rows after data.window_hours left out",
    )
    assert measured.stays["stay"].to_list() == ["a"]


def test_implausible_and_missing_values_count_as_not_measured() -> None:
    text = "stay,time,hr,map\na,0,900,-9\na,1,10,60\na,2,?,60\na,3,NaN,60\n"
    measured, grid = steps(text, ranges={"hr": (10, 300)}, missing={"map": ["-9"]})
    assert grid == [[None, None], [10, 60], [None, 60], [None, 60]]
    assert measured.warnings == ("the file: outside data.ranges and counted as not measured: hr 1",)


def test_parquet_numbers_and_truth_values_are_read_as_they_are(tmp_path: Path) -> None:
    table = pl.DataFrame({"stay": [1, 1], "time": [0, 1], "hr": [80, None], "on": [True, False], "x": [NAN, 0.5]})
    table.write_parquet(tmp_path / "t.parquet")
    layout = form()
    measured = read_measurements(tmp_path / "t.parquet", layout)
    expected = np.array([[80, 1, NAN], [NAN, 0, 0.5]], dtype=np.float32)
    np.testing.assert_array_equal(measured.steps(layout, np.array([2])), expected)


def test_a_stay_without_any_measurement_has_steps_but_no_first() -> None:
    measured, grid = steps("stay,time,hr\na,0,\na,1,\nb,0,1\n")
    assert grid == [[None], [None], [1]]
    assert measured.first_steps(form())[0] > 10**9


def test_a_new_file_may_lack_ids_but_no_variable() -> None:
    layout = form(variables=("hr", "map"))
    measured = read_measurements(b"time,map,hr\n1,50,80\n", layout, is_new=True)
    assert measured.stays["stay"].to_list() == ["new"]
    assert measured.steps(layout, np.array([2]))[1].tolist() == [80, 50]
    with pytest.raises(SchemaError, match=r"data\.variables: the file has no column 'map'"):
        read_measurements(b"time,hr\n1,80\n", layout, is_new=True)
    with pytest.raises(SchemaError, match=r"data\.id: the file has no column 'stay'"):
        read_measurements(b"time,map,hr\n1,50,80\n", layout)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stay,time\na,0\n", "no column of measurements"),
        ("stay,time,hr\na,,1\n", r"row 2: data\.hour 'time' is missing"),
        ("stay,time,hr\n,0,1\n", r"row 2: data\.id 'stay' is missing"),
        ("stay,time,hr\na,0,high\n", "row 2: text in the numeric column 'hr'"),
        ("stay,time,hr\na,0,inf\n", "row 2: column 'hr' is infinite"),
        ("stay,hour,hr\na,0,1\n", r"data\.hour: the file has no column 'time'"),
        ("stay,time,hr\na,0,1\na,8761,1\n", r"row 3: data\.hour 'time' is more than data\.max_hours \(8760\)"),
        ("stay,time,hr\na,1700000000,1\n", "row 2: data.hour .* seconds since 1970"),
        ("stay,time,hr\na,2020-01-01,1\na,2021-02-01,1\n", r"row 3: data\.hour 'time' is more than"),
        ("stay,time,hr\na,-1,1\na,inf,1\n", r"data\.hour 'time' is negative or infinite in every row"),
        ("stay,time,hr\na,10:30,1\n", r"row 2: data\.hour 'time' is neither a number nor a date"),
        ("stay,time,hr\na,NaN,1\n", r"row 2: data\.hour 'time' is missing"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        steps(text)


def test_rows_without_an_hour_within_the_stay_are_counted() -> None:
    measured, grid = steps("stay,time,hr\na,-2,1\na,inf,2\na,-inf,3\na,1,4\n")
    assert grid == [[None], [4]]
    assert measured.warnings == (
        "the file: 2 of 4 rows whose data.hour is infinite left out",
        "the file: 1 of 4 rows before the start of the stay left out",
    )


def test_measurements_of_one_time_are_counted() -> None:
    measured, grid = steps("stay,time,hr\na,0,1\na,0,3\na,0,3\na,1,4\nb,0,1\n")
    assert grid[0] == [pytest.approx(7 / 3, abs=1e-4)]
    assert measured.warnings == (
        "the file: 2 measurements are at the stay, hour and variable of another, 1 of them with another value: "
        "data.aggregate=mean makes one of them",
    )


def test_hours_of_another_unit_are_said_unless_they_are_durations_or_dates() -> None:
    rows = "".join(f"a,{{}},{hour}\n" for hour in range(10))
    numbers = [60 * hour for hour in range(10)]
    assert "may not be in hours: all 9" in steps("stay,time,hr\n" + rows.format(*numbers))[0].warnings[0]
    durations = [f"0 days 0{hour}:00:00" for hour in range(10)]
    assert steps("stay,time,hr\n" + rows.format(*durations))[0].warnings == ()


def test_what_is_named_as_another_role_is_no_variable() -> None:
    layout = form()
    text = b"stay,time,hr,died,who\n1,0,80,1,x\n"
    measured = read_measurements(text, layout, leave_out=["died", "who", "age"])
    assert measured.variables == ("hr",)
    assert measured.left_out == ("died", "who")


def test_text_of_variables_that_are_not_read_is_no_mistake() -> None:
    text = "stay,time,name,x\na,0,hr,80\na,0,culture,positive\n"
    assert steps(text, variable="name", value="x", variables=["hr"])[1] == [[80]]
    with pytest.raises(SchemaError, match="row 3: text in the numeric column 'x'"):
        steps(text, variable="name", value="x")


def test_one_variable_in_two_spellings_is_refused_unless_both_are_named() -> None:
    text = "stay,time,name,x\na,0,hr,80\na,1,HR,90\n"
    with pytest.raises(SchemaError, match=r"row \d: data\.variable 'name' spells the variable"):
        steps(text, variable="name", value="x")
    with pytest.raises(SchemaError, match=r"row 3: .* spells the variable 'hr' otherwise"):
        steps(text, variable="name", value="x", variables=["hr"])
    assert steps(text, variable="name", value="x", variables=["hr", "HR"])[1] == [[80, None], [None, 90]]


def test_columns_of_several_values_a_row_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"stay": [1], "time": [0], "hr": [80], "wave": [[1, 2]]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(SchemaError, match=r"t\.parquet: data\.variables: column 'wave' holds a list"):
        read_measurements(tmp_path / "t.parquet", form())
    assert read_measurements(tmp_path / "t.parquet", form(variables=["hr"])).values.tolist() == [80]


@pytest.mark.parametrize(("units", "column"), [(("mg/dL", "mmol/L"), "valueuom"), (("C", "F"), "Unit")])
def test_a_variable_in_several_units_is_refused(units: tuple[str, str], column: str) -> None:
    common, rare = units
    text = f"stay,time,name,value,{column}\na,0,x,1,{common}\na,1,x,2,{common} \na,1,y,3,{rare}\na,2,x,18,{rare}\n"
    with pytest.raises(SchemaError, match=f"row 5: column '{column}' gives the variable 'x' another unit"):
        steps(text, variable="name", value="value")
    assert steps(text, variable="name", value="value", variables=["y"])[1] == [[None], [3], [None]]
    table = read_measurements(text.encode(), form(variable="name", value="value"), leave_out=[column])
    assert table.values.tolist() == [1, 2, 3, 18]


def test_wards_are_no_units() -> None:
    text = "stay,time,name,value,unit\na,0,x,1,MICU\na,1,x,2,SICU\n"
    assert steps(text, variable="name", value="value")[1] == [[1], [2]]


def test_a_comma_names_the_keys_that_read_it() -> None:
    text = "stay;time;hr\na;0;36,5\na;1;37\n"
    with pytest.raises(SchemaError, match=r"text in the numeric column 'hr' .*data\.decimal=comma"):
        steps(text)
    assert steps(text, layout=TableLayout(decimal=",").as_dict())[1] == [[36.5], [37]]
