"""From a table of orders to one row per customer: what models are fitted on, and RFM scores."""

from __future__ import annotations

import datetime as dt
from typing import Any

from . import _native
from ._columns import Data, like, micros, native

Instant = dt.datetime | dt.date | str


def rfm_summary(
    orders: Data,
    customer_id: str = "customer_id",
    time: str = "time",
    amount: str | None = None,
    *,
    observation_end: Instant | None = None,
    freq: str = "D",
    time_scaler: float = 1.0,
    include_first_transaction: bool = False,
) -> Any:
    """Frequency, recency, ``T`` and monetary value of each customer who has bought, in the order of their ids.

    All purchases within a period (``freq``: ``"h"``, ``"D"``, ``"W"`` from Monday on, ``"M"``) count as one. With the periods
    :math:`d_0 < d_1 < … < d_x` in which a customer bought, what was spent in them :math:`m_0 … m_x`, and the period ``e`` of the end:

    ============== ======================================== ==================================================
    column         formula                                  unit
    ============== ======================================== ==================================================
    frequency      x                                        repeat purchases, the first is none
    recency        (d_x − d_0) / time_scaler                periods / time_scaler
    T              (e − d_0) / time_scaler                  periods / time_scaler
    monetary_value (m_1 + … + m_x) / x, or 0 where x = 0    of ``amount``, per repeat purchase
    ============== ======================================== ==================================================

    These are the definitions of ``summary_data_from_transaction_data`` in lifetimes and of ``rfm_summary`` in pymc-marketing. The first
    purchase is left out of ``monetary_value``, since spend models are about repeat purchases, unless ``include_first_transaction``.

    ``orders`` is a frame of pandas or Polars, a pyarrow table, anything of the Arrow PyCapsule interface, or a dict of columns; the
    result is of the same kind (a :class:`strata.Table` for a dict). ``observation_end`` defaults to the last purchase; later
    purchases are left out. Times without a zone count as UTC. ``time_scaler=7`` with days gives weeks.

    Source: Fader, Hardie and Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2), 275–284.

    >>> orders = {
    ...     "customer_id": ["ann", "bob", "ann", "ann"],
    ...     "time": ["2026-01-01", "2026-01-05", "2026-01-11", "2026-01-21"],
    ...     "amount": [20.0, 35.0, 30.0, 50.0],
    ... }
    >>> rfm_summary(orders, amount="amount", observation_end="2026-01-31").to_pydict()
    {'customer_id': ['ann', 'bob'], 'frequency': [2, 0], 'recency': [20.0, 0.0], 'T': [30.0, 26.0], 'monetary_value': [40.0, 0.0]}
    """
    end = None if observation_end is None else micros(observation_end)
    table = _native.rfm_summary(
        native(orders, customer_id, time, amount), customer_id, time, amount, end, freq, time_scaler, include_first_transaction
    )
    return like(orders, table)


def rfm_train_test_split(
    orders: Data,
    customer_id: str = "customer_id",
    time: str = "time",
    amount: str | None = None,
    *,
    train_end: Instant,
    test_end: Instant | None = None,
    freq: str = "D",
    time_scaler: float = 1.0,
) -> Any:
    """The summary of :func:`rfm_summary` as of ``train_end``, and what each of its customers did from then until ``test_end``: what a
    model is fitted on, and what its predictions are held against (:func:`strata.validate_purchases`).

    To the columns of the summary come ``test_frequency`` (periods with a purchase), ``test_monetary_value`` (what was spent in one of
    them, on average; 0 where there is none) and ``test_T`` (how long the test is). Customers who first bought later are not in it. The
    same as ``calibration_and_holdout_data`` in lifetimes and ``rfm_train_test_split`` in pymc-marketing.

    >>> orders = {
    ...     "customer_id": ["ann", "bob", "ann", "ann", "cyd"],
    ...     "time": ["2026-01-01", "2026-01-05", "2026-01-11", "2026-01-21", "2026-01-22"],
    ... }
    >>> rfm_train_test_split(orders, train_end="2026-01-15", test_end="2026-01-31").to_pydict()
    {'customer_id': ['ann', 'bob'], 'frequency': [1, 0], 'recency': [10.0, 0.0], 'T': [14.0, 10.0], 'test_frequency': [1, 0], 'test_T': [16.0, 16.0]}
    """
    end = None if test_end is None else micros(test_end)
    table = native(orders, customer_id, time, amount)
    return like(
        orders,
        _native.rfm_train_test_split(
            table, customer_id, time, amount, micros(train_end), end, freq, time_scaler
        ),
    )


def rfm_scores(
    orders: Data,
    customer_id: str = "customer_id",
    time: str = "time",
    amount: str = "amount",
    *,
    as_of: Instant | None = None,
    tiles: int = 5,
) -> Any:
    """Recency, frequency and monetary scores of each customer who has bought, in the order of their ids.

    ========================= ===============================================================
    column                    what it is
    ========================= ===============================================================
    days_since_last_order     whole days from the last order to ``as_of``, rounded down
    n_orders                  orders
    revenue                   sum of ``amount``
    r_score, f_score, m_score from 1 to ``tiles``: ``tiles`` for the latest, most, highest
    ========================= ===============================================================

    Scores cut customers into parts that differ in size by at most one, as SQL's ``ntile``; where a cut falls among equal values,
    those with the lesser ids belong below (docs/decisions/0003-ties-in-rank-scores.md). These are the scores of a project's runs.

    ``as_of`` defaults to the last order; later orders are left out. For what ``orders`` can be, see :func:`rfm_summary`.

    >>> orders = {
    ...     "customer_id": ["ann", "bob", "ann", "cyd"],
    ...     "time": ["2026-01-01", "2026-01-05", "2026-01-11", "2026-01-12"],
    ...     "amount": [20.0, 35.0, 30.0, 10.0],
    ... }
    >>> scores = rfm_scores(orders, as_of="2026-01-31", tiles=3).to_pydict()
    >>> scores["days_since_last_order"], scores["r_score"], scores["f_score"], scores["m_score"]
    ([20, 26, 19], [2, 1, 3], [3, 1, 2], [3, 2, 1])
    """
    end = None if as_of is None else micros(as_of)
    table = native(orders, customer_id, time, amount)
    return like(orders, _native.rfm_scores(table, customer_id, time, amount, end, tiles))
