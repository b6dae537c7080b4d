"""What customers spend per purchase, and with a model of timing what they are worth: Gamma-Gamma."""

from __future__ import annotations

from typing import Any

from .. import _native
from .._columns import Data, column_like, like, native
from ..errors import InvalidInputError
from ._model import Model
from .posterior import Posterior
from .timing import TimingModel

COLUMNS = ("frequency", "monetary_value")

MONTH = {"h": 720.0, "D": 30.0, "W": 4.345, "M": 1.0}
"""How long a month is in each unit of time, by the convention of lifetimes."""


class GammaGammaModel(Model):
    """Gamma-Gamma: spend per purchase varies as Gamma(p, ν), and customers differ in ν as Gamma(q, v). How much a customer spends is
    taken not to depend on how often he buys.

    .. math::

        E[M | x, m] = \\frac{p (v + x m)}{p x + q - 1}

    Columns: ``frequency`` (x, repeat purchases, at least 1 in a fit) and ``monetary_value`` (m, their mean spend). ``v`` has the unit of
    money. Source: Fader and Hardie (2013), The Gamma-Gamma model of monetary value; Fader, Hardie and Lee (2005), RFM and CLV.

    >>> model = GammaGammaModel.from_params(p=6.25, q=3.74, v=15.44)
    >>> spend = model.expected_customer_spend({"frequency": [2, 0], "monetary_value": [22.345, 0.0]})
    >>> [round(value, 2) for value in spend]
    [24.66, 35.22]
    """

    letters = ("p", "q", "v")

    def fit(self, data: Data, *, weights: str | None = None) -> Any:
        """Fits the model to the spend of customers with a repeat purchase, and returns it.

        Raises :class:`strata.InvalidInputError` where a frequency is below 1 or a mean spend is not above 0: customers who bought once
        have no repeat spend and are to be left out (``data[data["frequency"] > 0]``); predictions take them.
        """
        self._keep(data, _native.fit_gamma_gamma(native(data, *COLUMNS, weights), weights, self.penalty))
        return self

    def expected_customer_spend(self, data: Data | None = None) -> Any:
        """Expected spend per purchase of each customer, :math:`E[M | x, m]`: between the customer's own mean and that of all, nearer to
        the own the more purchases there are. NaN where it is infinite, ``p x + q ≤ 1``."""
        data = self._asked(data)
        return column_like(data, "expected_customer_spend", self._native().expected_spend(native(data, *COLUMNS)))

    def expected_new_customer_spend(self) -> float | None:
        """Expected spend per purchase of a customer of whom nothing is known, :math:`p v / (q − 1)`; ``None`` where q ≤ 1, since it is
        infinite then."""
        return self._native().population_mean()

    def expected_customer_lifetime_value(
        self,
        transaction_model: TimingModel,
        data: Data | None = None,
        *,
        future_t: int = 12,
        discount_rate: float = 0.0,
        time_unit: str = "D",
        margin: float = 1.0,
        discounting: str = "period_end",
    ) -> Any:
        """What each customer is expected to bring within ``future_t`` months from now: with E(t) the purchases that
        ``transaction_model`` expects until t, Δ a month, and d the ``discount_rate`` per month,

        .. math::

            CLV = margin · E[M | x, m] · \\sum_{k=1}^{future\\_t} \\frac{E(kΔ) - E((k-1)Δ)}{(1+d)^k}

        as lifetimes' and pymc-marketing's ``customer_lifetime_value`` have it. ``data`` has the columns of both models.
        ``time_unit`` is that of the data: a month is 30 of ``"D"`` (days), 4.345 of ``"W"`` (weeks), 720 of ``"h"``, one of ``"M"``.
        With ``discounting="continuous"`` every purchase counts as at its time, not as at the end of its month. ``margin`` is the share
        of spend that is earned. NaN where the expected spend is infinite.

        >>> from strata import BetaGeoModel
        >>> timing = BetaGeoModel.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> spend = GammaGammaModel.from_params(p=6.25, q=3.74, v=15.44)
        >>> ann = {"frequency": [2], "recency": [30.43], "T": [38.86], "monetary_value": [22.35]}
        >>> round(spend.expected_customer_lifetime_value(timing, ann, time_unit="W", discount_rate=0.01)[0], 2)
        36.29
        """
        data = self._asked(data)
        values = _native.lifetime_value(
            transaction_model._native(),
            self._native(),
            transaction_model._customers(data),
            native(data, *COLUMNS),
            _terms(future_t, discount_rate, time_unit, margin, discounting),
        )
        return column_like(data, "expected_customer_lifetime_value", values)

    def customer_lifetime_value_intervals(
        self,
        transaction_model: TimingModel,
        data: Data | None = None,
        *,
        future_t: int = 12,
        discount_rate: float = 0.0,
        time_unit: str = "D",
        margin: float = 1.0,
        discounting: str = "period_end",
        confidence: float = 0.9,
        draws: int = 400,
        seed: int = 0,
    ) -> Any:
        """What each customer is expected to bring, and how sure that is; the settings are those of
        :meth:`expected_customer_lifetime_value`.

        =============================== =========================================================================================
        ``value``                       the mean of the expected values
        ``expected_low``, ``_high``     where the expected value lies, since the models' parameters are estimates: it narrows with
                                        more customers in the fit
        ``outcome_low``, ``_high``      where what *this* customer brings lies: whether he is alive, buys how often, spends how much
        =============================== =========================================================================================

        Parameters are drawn from the normal approximation of both fits. Time grows with ``draws`` × customers: 400 × 10,000 take some
        seconds. A model that is not fitted, or of which a parameter is at a bound, has no such draws and is refused.
        """
        data = self._asked(data)
        table, _ = _native.lifetime_value_intervals(
            transaction_model._name,
            transaction_model._draws(draws, seed),
            self._draws(draws, seed + 1),
            transaction_model._customers(data),
            native(data, *COLUMNS),
            _terms(future_t, discount_rate, time_unit, margin, discounting),
            confidence,
            seed,
        )
        return like(data, table)

    def sample(
        self, data: Data | None = None, *, draws: int = 1000, chains: int = 2, warm_up: int = 300, seed: int = 0
    ) -> Posterior:
        """Draws of p, q and v given the spend in ``data``, or of the customers that the model was fitted to: ``draws`` of each of
        ``chains`` chains. The same seed yields the same draws."""
        table = native(self._given(data), *COLUMNS)
        return Posterior(_native.sample_gamma_gamma(table, None, chains, draws, warm_up, seed))

    def _native(self) -> _native.GammaGamma:
        return _native.GammaGamma(self._values())


def _terms(
    future_t: int, discount_rate: float, time_unit: str, margin: float, discounting: str
) -> _native.Terms:
    if time_unit not in MONTH:
        raise InvalidInputError(
            f"`time_unit` is `{time_unit}`", "invalid_input", f"it is one of {', '.join(MONTH)}"
        )
    return _native.Terms(future_t, MONTH[time_unit], discount_rate, margin, discounting)
