"""Whether customers buy at each of a few occasions, as yearly donations or events: BG/BB."""

from __future__ import annotations

from typing import Any

from .. import _native
from .._columns import Data, column_like
from ._model import Model, table_and_tenure


class BetaGeoBetaBinomModel(Model):
    """BG/BB: at each occasion a customer who is alive buys with a probability that differs as Beta(α, β), and before each leaves with
    one that differs as Beta(γ, δ).

    Columns: ``frequency`` (x, purchases), ``recency`` (t_x, the number of the occasion of the last, 0 of none) and ``T`` or ``tenure`` (n,
    occasions so far), all whole numbers and the first purchase not counted. Source: Fader, Hardie and Shang (2010), Customer-base
    analysis in a discrete-time noncontractual setting, Marketing Science 29(6), 1086–1108.

    >>> model = BetaGeoBetaBinomModel.from_params(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
    >>> donors = {"frequency": [0, 2, 6], "recency": [0, 4, 6], "T": [6, 6, 6]}
    >>> [round(p, 2) for p in model.probability_alive(donors, future_t=1)]
    [0.11, 0.59, 0.93]
    """

    letters = ("alpha", "beta", "gamma", "delta")

    def fit(self, data: Data, *, weights: str | None = None) -> Any:
        """Fits the model by maximum likelihood and returns it. ``weights`` names a column that says how many customers a row stands
        for."""
        table, tenure = table_and_tenure(data, weights)
        self._keep(data, _native.fit_bg_bb(table, tenure, weights, self.penalty))
        return self

    def expected_purchases(self, data: Data | None = None, *, future_t: int) -> Any:
        """Expected purchases of each customer at the next ``future_t`` occasions."""
        data = self._asked(data)
        values = self._native().expected_purchases(*table_and_tenure(data), future_t)
        return column_like(data, "expected_purchases", values)

    def probability_alive(self, data: Data | None = None, *, future_t: int = 0) -> Any:
        """The probability of each customer of being alive at occasion n + ``future_t``; of having been so at the last, by default."""
        data = self._asked(data)
        values = self._native().p_alive(*table_and_tenure(data), future_t)
        return column_like(data, "probability_alive", values)

    def expected_purchases_new_customer(self, n: int) -> float:
        """Expected purchases of a new customer at the first ``n`` occasions: :math:`E[X(n)]`."""
        return self._native().expected_purchases_new(n)

    def _native(self) -> _native.BgBb:
        return _native.BgBb(self._values())
