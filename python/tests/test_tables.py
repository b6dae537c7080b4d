"""Tables of every library go in, and come out as they were."""

import datetime as dt
import subprocess
import sys
from array import array
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest

import strata

ORDERS: dict[str, list[Any]] = {
    "customer_id": ["ann", "bob", "ann", "ann", "cyd"],
    "time": [dt.datetime(2026, 1, day, 12) for day in (1, 5, 11, 21, 30)],
    "amount": [20.0, 35.0, 30.0, 50.0, 7.5],
}
SUMMARY = {
    "customer_id": ["ann", "bob", "cyd"],
    "frequency": [2, 0, 0],
    "recency": [20.0, 0.0, 0.0],
    "T": [30.0, 26.0, 1.0],
    "monetary_value": [40.0, 0.0, 0.0],
}


def summary(orders: Any) -> Any:
    return strata.rfm_summary(orders, amount="amount", observation_end="2026-01-31")


def test_a_dict_gives_a_table() -> None:
    assert summary(ORDERS).to_pydict() == SUMMARY


def test_arrays_give_a_table() -> None:
    arrays = {
        "customer_id": numpy.array(ORDERS["customer_id"]),
        "time": numpy.array(ORDERS["time"], "datetime64[s]"),
        "amount": array("d", ORDERS["amount"]),
    }
    assert summary(arrays).to_pydict() == SUMMARY
    arrays["amount"] = numpy.array(ORDERS["amount"], "float32")
    assert summary(arrays).to_pydict() == SUMMARY


def test_pandas_gives_pandas() -> None:
    found = summary(pandas.DataFrame(ORDERS))
    assert isinstance(found, pandas.DataFrame)
    assert found.to_dict("list") == SUMMARY
    assert found["frequency"].dtype == "int64"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_pandas_times_with_a_zone_are_taken_in_utc(zone: str) -> None:
    frame = pandas.DataFrame(ORDERS)
    frame["time"] = frame["time"].dt.tz_localize("UTC").dt.tz_convert(zone)
    assert summary(frame).to_dict("list") == SUMMARY


def test_polars_gives_polars() -> None:
    found = summary(polars.DataFrame(ORDERS))
    assert isinstance(found, polars.DataFrame)
    assert found.to_dict(as_series=False) == SUMMARY
    assert summary(polars.DataFrame(ORDERS).lazy()).to_dict(as_series=False) == SUMMARY


def test_pyarrow_gives_pyarrow() -> None:
    table = pyarrow.table(ORDERS)
    assert summary(table).to_pydict() == SUMMARY
    parts = pyarrow.concat_tables([table.slice(0, 2), table.slice(2)])
    assert summary(parts).to_pydict() == SUMMARY
    assert summary(table.to_batches()[0]).to_pydict() == SUMMARY
    assert strata.Table(table.cast(table.schema)).column_names == list(ORDERS)


def test_ids_keep_their_kind_and_numbers_their_order() -> None:
    orders = {"customer_id": [10, 9, 10], "time": ["2026-01-01"] * 3, "amount": [1.0] * 3}
    assert summary(orders).to_pydict()["customer_id"] == [9, 10]
    frame = polars.DataFrame(orders).with_columns(polars.col("customer_id").cast(polars.UInt16))
    assert summary(frame)["customer_id"].dtype == polars.UInt16


def test_a_table_goes_out_to_every_library() -> None:
    columns = {
        "text": ["a", None],
        "whole": [1, 2],
        "gap": [1, None],
        "number": [0.5, 2.0],
        "truth": [True, False],
        "at": [dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc), None],
    }
    table = strata.Table(columns)
    assert len(table) == 2
    assert table.to_pyarrow().to_pydict() == columns
    assert table.to_polars().to_dict(as_series=False) == columns
    listed = table.to_pydict()
    assert listed.pop("gap")[0] == 1.0
    assert listed == {name: values for name, values in columns.items() if name != "gap"}
    frame = table.to_pandas()
    assert frame["whole"].dtype == "int64" and frame["truth"].dtype == "bool"
    assert frame["gap"].isna().tolist() == [False, True]
    assert frame["at"].isna().tolist() == [False, True]
    assert str(frame["at"].dt.tz) == "UTC"


def test_other_kinds_of_arrow_go_out() -> None:
    table = strata.Table(
        pyarrow.table(
            {
                "day": pyarrow.array([dt.date(2026, 1, 1), None]),
                "list": pyarrow.array([["a", "b"], None]),
                "dictionary": pyarrow.array(["x", "x"]).dictionary_encode(),
                "local": pyarrow.array([dt.datetime(2026, 1, 1), None]),
                "money": pyarrow.array([1, None]).cast(pyarrow.decimal128(21, 2)),
            }
        )
    )
    listed = table.to_pydict()
    assert listed["day"] == [dt.date(2026, 1, 1), None]
    assert listed["list"] == [["a", "b"], None]
    assert listed["dictionary"] == ["x", "x"]
    assert listed["local"] == [dt.datetime(2026, 1, 1), None]
    assert listed["money"][0] == 1.0
    assert table.to_pandas()["day"].isna().tolist() == [False, True]


def test_a_table_without_rows_stays_one() -> None:
    empty = polars.DataFrame(ORDERS).clear()
    assert summary(empty).columns == list(SUMMARY)
    assert strata.rfm_scores(empty).height == 0


def test_nothing_is_imported_that_was_not_asked_for() -> None:
    """Stands for a machine that has none of them: the package works, and what needs one says so."""
    script = """
import sys
for name in ("numpy", "pandas", "polars", "pyarrow"):
    sys.modules[name] = None
import strata
table = strata.rfm_summary({"customer_id": ["a"], "time": ["2026-01-01"]})
assert table.to_pydict()["T"] == [0.0]
for convert in (table.to_pandas, table.to_polars, table.to_pyarrow):
    try:
        convert()
    except strata.MissingPackageError as error:
        assert error.hint.startswith("pip install ")
        assert isinstance(error, ImportError)
    else:
        raise SystemExit("nothing was missed")
"""
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"amount": [1.0, None, 1.0, 1.0, 1.0]}, "column `amount` has no value in row 1"),
        ({"amount": [1.0, float("nan"), 1.0, 1.0, 1.0]}, "the amount in row 1 is NaN"),
        ({"amount": ["1", "x", "1", "1", "1"]}, "column `amount` does not hold numbers"),
        ({"amount": [1.0]}, "column `customer_id` has 5 values and column `amount` has 1"),
        ({"amount": 3}, "column `amount` is a int"),
        ({"amount": [1.0, "x", dt.date(2026, 1, 1), 1, 1]}, "column `amount` holds values of several kinds"),
        ({"amount": numpy.zeros((5, 1))}, "column `amount` has 2 dimensions"),
        ({"time": [1, 2, 3, 4, 5]}, "column `time` holds numbers, not times"),
        ({"time": ["yesterday"] * 5}, "column `time` does not hold times"),
        ({"customer_id": ["ann", None, "ann", "ann", "cyd"]}, "column `customer_id` has no value in row 1"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(change: dict[str, Any], says: str) -> None:
    with pytest.raises(strata.InvalidInputError) as caught:
        summary({**ORDERS, **change})
    assert says in str(caught.value)
    assert caught.value.code == "invalid_input"
    assert caught.value.hint or "does not hold" in says


@pytest.mark.parametrize("make", [dict, pandas.DataFrame])
def test_columns_that_nobody_asked_for_stay_where_they_are(make: Any) -> None:
    assert len(summary(make({**ORDERS, "odd": [object()] * 5}))) == 3


@pytest.mark.parametrize("make", [dict, pandas.DataFrame, polars.DataFrame, pyarrow.table])
def test_a_wrong_name_gets_a_suggestion(make: Any) -> None:
    with pytest.raises(strata.InvalidInputError, match="no column `amonut`") as caught:
        strata.rfm_summary(make(ORDERS), amount="amonut")
    assert caught.value.hint == "did you mean `amount`?"


@pytest.mark.parametrize("data", [3, "orders.csv", [1, 2]])
def test_what_is_no_table_is_refused(data: Any) -> None:
    with pytest.raises(strata.InvalidInputError, match="is no table"):
        strata.Table(data)
