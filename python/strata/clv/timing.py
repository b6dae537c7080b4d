"""When customers buy, where nothing says that they have left: BG/NBD, MBG/NBD and Pareto/NBD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .. import _native
from .._columns import Data, column_like
from ._model import Model, table_and_tenure
from .posterior import Posterior

if TYPE_CHECKING:
    from .spend import GammaGammaModel


class TimingModel(Model):
    """What the three models share: data, questions and answers.

    ``data`` is a table with a row per customer, of any library (see :func:`strata.rfm_summary`, which makes one of orders):

    ================= ==========================================================
    ``frequency``     x, repeat purchases
    ``recency``       t_x, from the first purchase to the last
    ``T``/``tenure``  T, from the first purchase to the end of observation
    ================= ==========================================================

    Times are in any unit, the same for all. Predictions are in the order of the rows: a pandas or Polars series, a pyarrow array, or
    an ``array.array`` where ``data`` is none of these. Without ``data`` they are about the customers that the model was fitted to.
    """

    _name: ClassVar[str]
    _last: tuple[_native.Table, _native.Customers] | None = None

    def fit(self, data: Data, *, weights: str | None = None) -> Any:
        """Fits the model by maximum likelihood and returns it. ``weights`` names a column that says how many customers a row stands
        for.

        Raises :class:`strata.InvalidInputError` with row and column where a customer cannot be: a negative recency, a recency above
        ``T``, a frequency that is no whole number; and where fewer than ten customers bought again.
        """
        table, tenure = table_and_tenure(data, weights)
        customers = _native.Customers(table, tenure, weights)
        self._keep(data, _native.fit_timing(self._name, customers, self.penalty))
        self._last = (table, customers)
        return self

    def expected_purchases(self, data: Data | None = None, *, future_t: float) -> Any:
        """Expected purchases of each customer from T to T + ``future_t``: :math:`E[X(T, T+t) | x, t_x, T]`."""
        data = self._asked(data)
        values = self._native().expected_purchases(self._customers(data), future_t)
        return column_like(data, "expected_purchases", values)

    def probability_alive(self, data: Data | None = None) -> Any:
        """The probability of each customer of not having left for good: :math:`P(alive | x, t_x, T)`."""
        data = self._asked(data)
        return column_like(data, "probability_alive", self._native().p_alive(self._customers(data)))

    def probability_of_n_purchases(self, data: Data | None = None, *, n: int, future_t: float) -> Any:
        """The probability of each customer of buying exactly ``n`` times from T to T + ``future_t``."""
        data = self._asked(data)
        values = self._native().purchase_probability(self._customers(data), n, future_t)
        return column_like(data, "probability_of_n_purchases", values)

    def discounted_expected_purchases(self, data: Data | None = None, *, discount_rate: float) -> Any:
        """All purchases expected of each customer from T on, a purchase in t worth :math:`e^{-δt}` of one now (DERT).

        ``discount_rate`` is the continuous rate δ per unit of time: with a yearly rate d and times in weeks, ``ln(1 + d) / 52``. Times
        the spend per purchase it is the residual lifetime value.

        Source: Fader, Hardie and Lee (2005), RFM and CLV: Using iso-value curves for customer base analysis, Journal of Marketing
        Research 42(4), 415–430.
        """
        data = self._asked(data)
        values = self._native().discounted_purchases(self._customers(data), discount_rate)
        return column_like(data, "discounted_expected_purchases", values)

    def expected_customer_lifetime_value(
        self,
        spend_model: GammaGammaModel,
        data: Data | None = None,
        *,
        future_t: int = 12,
        discount_rate: float = 0.0,
        time_unit: str = "D",
        margin: float = 1.0,
        discounting: str = "period_end",
    ) -> Any:
        """What each customer is expected to bring within ``future_t`` months from now; see
        :meth:`GammaGammaModel.expected_customer_lifetime_value`."""
        return spend_model.expected_customer_lifetime_value(
            self,
            self._asked(data),
            future_t=future_t,
            discount_rate=discount_rate,
            time_unit=time_unit,
            margin=margin,
            discounting=discounting,
        )

    def expected_purchases_new_customer(self, t: float) -> float:
        """Expected purchases of a new customer, after the first, until ``t``: :math:`E[X(t)]`."""
        return self._native().expected_purchases_new(t)

    def probability_of_n_purchases_new_customer(self, n: int, t: float) -> float:
        """The probability that a new customer buys exactly ``n`` times, after the first, until ``t``: :math:`P(X(t) = n)`."""
        return self._native().purchase_probability_new(n, t)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_last": None}

    def _customers(self, data: Data) -> _native.Customers:
        """The customers of a table; those of the last one asked about where they are the same, since sorting them out takes longer than
        most answers."""
        last = self._last
        table, tenure = table_and_tenure(data, known=None if last is None else last[0])
        if last is not None and (table is last[0] or last[1].are_of(table, tenure)):
            customers = last[1]
        else:
            customers = _native.Customers(table, tenure, None)
        self._last = (table, customers)
        return customers

    def _native(self) -> _native.TimingModel:
        return _native.TimingModel(self._name, self._values())


class BetaGeoModel(TimingModel):
    """BG/NBD: customers buy at rates that differ as Gamma(r, α), and leave after a purchase with probabilities that differ as Beta(a, b).

    .. math::

        P(alive | x, t_x, T) = \\left(1 + δ_{x>0} \\frac{a}{b+x-1} \\left(\\frac{α+T}{α+t_x}\\right)^{r+x}\\right)^{-1}

    Parameters: ``r`` and ``a``, ``b`` have no unit, ``alpha`` that of the times. Source: Fader, Hardie and Lee (2005), "Counting your
    customers" the easy way: an alternative to the Pareto/NBD model, Marketing Science 24(2), 275–284.

    A customer with two purchases until week 30.43 of 38.86 will make 1.226 more in the next 39 weeks, by the published parameters:

    >>> model = BetaGeoModel.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> ann = {"frequency": [2], "recency": [30.43], "T": [38.86]}
    >>> round(model.expected_purchases(ann, future_t=39)[0], 3)
    1.226
    >>> round(model.expected_purchases_new_customer(52), 4)
    1.4461
    """

    letters = ("r", "alpha", "a", "b")
    _name = "beta_geo"

    def sample(
        self, data: Data | None = None, *, draws: int = 1000, chains: int = 2, warm_up: int = 300, seed: int = 0
    ) -> Posterior:
        """Draws of r, α, a and b given the purchases of ``data``, or of the customers that the model was fitted to: ``draws`` of each of
        ``chains`` chains. The same seed yields the same draws."""
        customers = self._customers(self._given(data))
        return Posterior(_native.sample_beta_geo(customers, chains, draws, warm_up, seed))


class ModifiedBetaGeoModel(TimingModel):
    """MBG/NBD: as BG/NBD, and a customer can also leave right after the first purchase, so that those who bought once may have left.

    .. math::

        P(alive | x, t_x, T) = \\left(1 + \\frac{a}{b+x} \\left(\\frac{α+T}{α+t_x}\\right)^{r+x}\\right)^{-1}

    Source: Batislam, Denizel and Filiztekin (2007), Empirical validation and comparison of models for customer base analysis,
    International Journal of Research in Marketing 24(3), 201–209.

    >>> model = ModifiedBetaGeoModel.from_params(r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> round(model.probability_alive({"frequency": [0], "recency": [0], "T": [39]})[0], 2)
    0.39
    """

    letters = ("r", "alpha", "a", "b")
    _name = "modified_beta_geo"


class ParetoNBDModel(TimingModel):
    """Pareto/NBD: customers buy at rates that differ as Gamma(r, α), and leave at any time at rates that differ as Gamma(s, β).

    .. math::

        P(alive | x, t_x, T) = \\left(1 + \\frac{s}{r+s+x} (α+T)^{r+x} (β+T)^s A_0(x, t_x, T)\\right)^{-1}

    with A₀ a difference of Gaussian hypergeometric functions. ``alpha`` and ``beta`` have the unit of the times. Source: Schmittlein,
    Morrison and Colombo (1987), Counting your customers: who are they and what will they do next?, Management Science 33(1), 1–24; the
    form in Fader and Hardie (2005), A note on deriving the Pareto/NBD model and related expressions.

    >>> model = ParetoNBDModel.from_params(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    >>> round(model.expected_purchases({"frequency": [26], "recency": [30.857], "T": [31]}, future_t=52)[0], 2)
    25.46
    """

    letters = ("r", "alpha", "s", "beta")
    _name = "pareto"
