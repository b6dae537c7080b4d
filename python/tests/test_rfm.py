"""Summaries and scores against published figures, and against those who define them."""

import datetime as dt
from pathlib import Path
from typing import Any

import pandas
import pytest

import strata

PURCHASES = Path(__file__).parents[2] / "examples" / "cdnow" / "data" / "purchases.csv"


@pytest.fixture(scope="module")
def cdnow() -> pandas.DataFrame:
    return pandas.read_csv(PURCHASES, dtype={"customer": str}, parse_dates=["date"])


def test_cdnow_has_the_summary_that_the_literature_fits(cdnow: pandas.DataFrame) -> None:
    """Fader, Hardie and Lee (2005): 2,357 customers, 39 weeks, 946 of whom buy again; the first buys twice until week 30.43 of 38.86
    at 22.35 on average (Fader and Hardie's CDNOW summary, as lifetimes ships it)."""
    summary = strata.rfm_summary(
        cdnow, "customer", "date", "dollars", observation_end="1997-09-30", time_scaler=7
    )
    assert len(summary) == 2357
    assert (summary["frequency"] > 0).sum() == 946
    first = summary.iloc[0]
    assert (first["frequency"], round(first["recency"], 2), round(first["T"], 2)) == (2, 30.43, 38.86)
    assert first["monetary_value"] == pytest.approx(22.345)


def test_a_summary_is_what_pandas_would_compute(cdnow: pandas.DataFrame) -> None:
    days = cdnow.groupby(["customer", "date"])["dollars"].sum().reset_index()
    of = days.groupby("customer")
    first = of["date"].min()
    expected = pandas.DataFrame(
        {
            "frequency": of.size() - 1,
            "recency": (of["date"].max() - first).dt.days / 7,
            "T": (cdnow["date"].max() - first).dt.days / 7,
            "monetary_value": days[days["date"] > days["customer"].map(first)].groupby("customer")["dollars"].mean(),
        }
    ).fillna(0.0)
    found = strata.rfm_summary(cdnow, "customer", "date", "dollars", time_scaler=7).set_index("customer")
    pandas.testing.assert_frame_equal(found, expected, check_names=False, check_exact=False)


@pytest.mark.parametrize(("freq", "frequency", "T"), [("h", 3, 838), ("D", 2, 34), ("W", 1, 5), ("M", 1, 1)])
def test_purchases_of_one_period_are_one(freq: str, frequency: int, T: float) -> None:
    at = [dt.datetime(2026, 1, 1, hour) for hour in (1, 2)] + [dt.datetime(2026, 1, 2), dt.datetime(2026, 2, 4, 23)]
    found = strata.rfm_summary({"customer_id": [1] * 4, "time": at}, freq=freq).to_pydict()
    assert (found["frequency"], found["T"]) == ([frequency], [T])


def test_later_purchases_do_not_exist() -> None:
    orders = {"customer_id": [1, 1, 2], "time": ["2026-01-01", "2026-01-10", "2026-01-09"]}
    found = strata.rfm_summary(orders, observation_end=dt.date(2026, 1, 5)).to_pydict()
    assert found == {"customer_id": [1], "frequency": [0], "recency": [0.0], "T": [4.0]}


def test_scores_are_ntiles_with_ties_split_by_id(cdnow: pandas.DataFrame) -> None:
    scores = strata.rfm_scores(cdnow, "customer", "date", "dollars", as_of="1997-09-30")
    for score, by, ascending in [
        ("r_score", "days_since_last_order", False),
        ("f_score", "n_orders", True),
        ("m_score", "revenue", True),
    ]:
        order = scores.sort_values([by, "customer"], ascending=[ascending, True]).index
        size, larger = divmod(len(scores), 5)
        expected = [tile for tile in range(1, 6) for _ in range(size + (tile <= larger))]
        assert scores.loc[order, score].tolist() == expected, score


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"freq": "Y"}, "`freq` is `Y`"),
        ({"time_scaler": 0.0}, "`time_scaler` is 0"),
        ({"observation_end": "soon"}, "`soon` is neither a date nor a time"),
    ],
)
def test_arguments_are_checked(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(strata.InvalidInputError, match=says):
        strata.rfm_summary({"customer_id": [1], "time": ["2026-01-01"]}, **arguments)
