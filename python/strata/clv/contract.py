"""How long customers with a contract stay: shifted beta-geometric."""

from __future__ import annotations

from typing import Any

from .. import _native
from .._columns import Data, column_like, native
from ._model import Model


class ShiftedBetaGeoModel(Model):
    """Shifted beta-geometric: at each renewal a customer churns with a probability of his own, and these differ as Beta(α, β). That
    those who are left churn less is then no loyalty that grows, but a cohort that sorts itself.

    .. math::

        S(t) = \\frac{B(α, β+t)}{B(α, β)}, \\qquad r_t = \\frac{β+t-1}{α+β+t-1}

    Columns: ``period``, a whole number, and ``churned``, true or false. A customer who churned did so at renewal number ``period``, from 1;
    one who did not was active after renewal number ``period``, the last so far. Source: Fader and Hardie (2007), How to project
    customer retention, Journal of Interactive Marketing 21(1), 76–90.

    >>> model = ShiftedBetaGeoModel.from_params(alpha=0.668, beta=3.806)
    >>> round(model.retention_rate(1), 3), round(model.survival(7), 2)
    (0.851, 0.49)
    """

    letters = ("alpha", "beta")

    def fit(self, data: Data, *, weights: str | None = None) -> Any:
        """Fits the model by maximum likelihood and returns it. ``weights`` names a column that says how many customers a row stands
        for, as in a table of a cohort by period."""
        self._keep(data, _native.fit_shifted_beta_geo(native(data, "period", "churned", weights), weights, self.penalty))
        return self

    def survival(self, t: int) -> float:
        """The share of a cohort that is active after ``t`` renewals, S(t)."""
        return self._native().survival(t)

    def retention_rate(self, t: int) -> float:
        """The share of those active after ``t`` − 1 renewals who renew once more, r_t."""
        return self._native().retention_rate(t)

    def probability_alive(self, data: Data | None = None, *, future_t: int) -> Any:
        """The probability of each customer, who has renewed ``period`` times, of renewing ``future_t`` times more: S(period + t) /
        S(period)."""
        data = self._asked(data)
        values = self._native().conditional_survival(native(data, "period"), future_t)
        return column_like(data, "probability_alive", values)

    def expected_residual_lifetime(self, data: Data | None = None, *, discount_rate: float) -> Any:
        """The discounted expected residual lifetime of each customer, who has renewed ``period`` times and is about to be asked again;
        a renewal now counts as 1, one in k periods as :math:`(1+d)^{-k}` at the rate ``discount_rate`` = d per period (DERL).

        Source: Fader and Hardie (2010), Customer-base valuation in a contractual setting, Marketing Science 29(1), 85–93.
        """
        data = self._asked(data)
        values = self._native().discounted_residual_lifetime(native(data, "period"), discount_rate)
        return column_like(data, "expected_residual_lifetime", values)

    def expected_lifetime_new_customer(self) -> float | None:
        """How many periods a new customer is expected to stay, the first included, :math:`(α+β−1)/(α−1)`; ``None`` where α ≤ 1, since it
        is infinite then."""
        return self._native().expected_lifetime()

    def _native(self) -> _native.ShiftedBetaGeo:
        return _native.ShiftedBetaGeo(self._values())
