"""RFM: customers by how lately, how often and how much they bought."""

from __future__ import annotations

from typing import Any

from .._columns import like, native
from ..errors import InvalidDefinitionError
from ..rfm import Instant, rfm_scores
from ..table import Table
from ._estimator import Clusterer

SEGMENTS = (
    ("champions", (5, 5), (4, 5)),
    ("loyal_customers", (3, 4), (4, 5)),
    ("potential_loyalists", (4, 5), (2, 3)),
    ("new_customers", (5, 5), (1, 1)),
    ("promising", (4, 4), (1, 1)),
    ("need_attention", (3, 3), (3, 3)),
    ("about_to_sleep", (3, 3), (1, 2)),
    ("cant_lose", (1, 2), (5, 5)),
    ("at_risk", (1, 2), (3, 4)),
    ("hibernating", (1, 2), (1, 2)),
)
"""The classes of the segmentation ``rfm`` of projects: name, from and to which score of recency, and of frequency."""


class RFM(Clusterer):
    """Scores from 1 to 5 of how lately (R), how often (F) and how much (M) each customer bought, and the segment that R and F make.

    What it is fitted to is a table of orders, a row an order; what it says is of customers, in the order of their ids: scores are those
    of :func:`strata.rfm_scores`, segments those of the segmentation ``rfm`` of projects:

    ====================== ====== ======   ====================== ====== ======
    segment                R      F        segment                R      F
    ====================== ====== ======   ====================== ====== ======
    champions              5      4, 5     need_attention         3      3
    loyal_customers        3, 4   4, 5     about_to_sleep         3      1, 2
    potential_loyalists    4, 5   2, 3     cant_lose              1, 2   5
    new_customers          5      1        at_risk                1, 2   3, 4
    promising              4      1        hibernating            1, 2   1, 2
    ====================== ====== ======   ====================== ====== ======

    Scores rank customers among each other. Those of other orders are therefore made by another fit, and there is neither ``predict``
    nor ``transform``. ``as_of`` is the instant at which customers are looked at; the last order where ``None``.

    ===================== =============================================================================================
    attribute             what it is
    ===================== =============================================================================================
    ``scores_``           a row a customer: its id, days since the last order, orders, revenue, the scores, the segment
    ``labels_``           the segment of each customer, in the order of ``scores_``
    ``segment_sizes_``    how many customers each segment has
    ===================== =============================================================================================

    Follows scikit-learn's conventions, but is fitted to a table of ids, times and amounts, in which a row is no sample: scikit-learn's
    ``check_estimator``, which fits matrices of numbers, does not apply.

    Source: Hughes (1994), Strategic Database Marketing.

    >>> orders = {
    ...     "customer_id": ["ann", "bob", "ann", "cyd", "dan", "eve"],
    ...     "time": ["2026-01-01", "2026-01-05", "2026-01-11", "2026-01-12", "2025-06-01", "2026-01-02"],
    ...     "amount": [20.0, 35.0, 30.0, 10.0, 5.0, 80.0],
    ... }
    >>> model = RFM(as_of="2026-01-31").fit(orders)
    >>> model.scores_.to_pydict()["segment"]
    ['loyal_customers', 'about_to_sleep', 'potential_loyalists', 'at_risk', 'at_risk']
    """

    scores_: Any
    labels_: list[str]
    segment_sizes_: dict[str, int]

    def __init__(
        self,
        *,
        customer_id: str = "customer_id",
        time: str = "time",
        amount: str = "amount",
        as_of: Instant | None = None,
    ) -> None:
        self.customer_id = customer_id
        self.time = time
        self.amount = amount
        self.as_of = as_of

    def fit(self, X: Any, y: Any = None) -> RFM:
        """Scores the customers of these orders and returns the estimator. ``y`` is there for scikit-learn."""
        if self.customer_id == "segment":
            raise InvalidDefinitionError("`customer_id` is `segment`", "invalid_definition", "rename that column")
        columns = native(X, self.customer_id, self.time, self.amount)
        scores = rfm_scores(
            Table._of(columns), self.customer_id, self.time, self.amount, as_of=self.as_of, tiles=5
        ).to_pydict()
        self.labels_ = [segment(r, f) for r, f in zip(scores["r_score"], scores["f_score"])]
        sizes = {name: self.labels_.count(name) for name, _, _ in SEGMENTS}
        self.segment_sizes_ = {name: size for name, size in sizes.items() if size > 0}
        self.scores_ = like(X, native({**scores, "segment": self.labels_}))
        self._remember(3, [self.customer_id, self.time, self.amount])
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Scores the customers of these orders: :attr:`scores_`."""
        return self.fit(X).scores_


def segment(r_score: int, f_score: int) -> str:
    """The segment of two scores."""
    for name, (r_least, r_most), (f_least, f_most) in SEGMENTS:
        if r_least <= r_score <= r_most and f_least <= f_score <= f_most:
            return name
    raise InvalidDefinitionError(
        f"there is no segment of the scores {r_score} and {f_score}", "invalid_definition", "scores are from 1 to 5"
    )
