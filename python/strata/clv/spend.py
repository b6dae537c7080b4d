"""What customers spend per purchase, and with a model of timing what they are worth: Gamma-Gamma."""

from __future__ import annotations

from typing import Any

from .. import _native
from .._columns import Data, column_like, native
from ._model import Model


class GammaGammaModel(Model):
    """Gamma-Gamma: spend per purchase varies as Gamma(p, ν), and customers differ in ν as Gamma(q, v). How much a customer spends is
    taken not to depend on how often he buys.

    .. math::

        E[M | x, m] = \\frac{p (v + x m)}{p x + q - 1}

    Columns: ``frequency`` (x, repeat purchases, at least 1 in a fit) and ``monetary_value`` (m, their mean spend). ``v`` has the unit of
    money. Source: Fader and Hardie (2013), The Gamma-Gamma model of monetary value; Fader, Hardie and Lee (2005), RFM and CLV.

    >>> model = GammaGammaModel.from_params(p=6.25, q=3.74, v=15.44)
    >>> spend = model.expected_customer_spend({"frequency": [2, 0], "monetary_value": [22.35, 0.0]})
    >>> [round(value, 2) for value in spend]
    [24.65, 35.22]
    """

    letters = ("p", "q", "v")

    def fit(self, data: Data, *, weights: str | None = None) -> Any:
        """Fits the model to the spend of customers with a repeat purchase, and returns it.

        Raises :class:`strata.InvalidInputError` where a frequency is below 1 or a mean spend is not above 0: customers who bought once
        have no repeat spend and are to be left out (``data[data["frequency"] > 0]``); predictions take them.
        """
        self._keep(data, _native.fit_gamma_gamma(native(data), weights, self.penalty))
        return self

    def expected_customer_spend(self, data: Data | None = None) -> Any:
        """Expected spend per purchase of each customer, :math:`E[M | x, m]`: between the customer's own mean and that of all, nearer to
        the own the more purchases there are. NaN where it is infinite, ``p x + q ≤ 1``."""
        data = self._asked(data)
        return column_like(data, "expected_customer_spend", self._native().expected_spend(native(data)))

    def expected_new_customer_spend(self) -> float | None:
        """Expected spend per purchase of a customer of whom nothing is known, :math:`p v / (q − 1)`; ``None`` where q ≤ 1, since it is
        infinite then."""
        return self._native().population_mean()

    def _native(self) -> _native.GammaGamma:
        return _native.GammaGamma(self._values())
