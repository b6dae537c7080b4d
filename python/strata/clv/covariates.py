"""Pareto/NBD with what else is known of customers: their first channel, their country, whether they answered a letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _native
from .._columns import Data, column_like, native
from ._model import Model, table_and_tenure


class ParetoNBDCovariatesModel(Model):
    """Pareto/NBD whose customers differ by covariates z that do not change: one buys :math:`e^{γ·z}` times as often as a customer whose
    covariates are all 0, and leaves :math:`e^{δ·z}` times as fast.

    .. math::

        α_i = α e^{-γ·z_i}, \\quad β_i = β e^{-δ·z_i}

    ``purchase_covariates`` and ``dropout_covariates`` name columns of numbers; categories are columns of 0 and 1, one fewer than there
    are categories. Parameters are those of :class:`strata.ParetoNBDModel`, and a coefficient ``buying.NAME`` or ``leaving.NAME`` for
    each covariate. Source: Fader and Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models,
    note 019.

    >>> model = ParetoNBDCovariatesModel.from_params(
    ...     r=0.553, alpha=10.578, s=0.606, beta=11.669, purchase_covariates={"app": 0.4}
    ... )
    >>> two = {"frequency": [2, 2], "recency": [30.0, 30.0], "T": [38.0, 38.0], "app": [0, 1]}
    >>> [round(purchases, 2) for purchases in model.expected_purchases(two, future_t=39)]
    [1.49, 1.6]
    """

    letters = ("r", "alpha", "s", "beta")

    def __init__(
        self,
        *,
        purchase_covariates: Sequence[str] = (),
        dropout_covariates: Sequence[str] = (),
        penalty: float = 0.0,
    ) -> None:
        """``penalty`` draws parameters to 1 and coefficients to 0, per standard deviation of their column."""
        super().__init__(penalty=penalty)
        self.purchase_covariates = list(purchase_covariates)
        self.dropout_covariates = list(dropout_covariates)

    @classmethod
    def from_params(
        cls,
        *,
        purchase_covariates: Mapping[str, float] | None = None,
        dropout_covariates: Mapping[str, float] | None = None,
        **params: Any,
    ) -> Any:
        """The model with known parameters, by letter, and known coefficients, by column."""
        model = super().from_params(**params)
        buying, leaving = dict(purchase_covariates or {}), dict(dropout_covariates or {})
        model.purchase_covariates, model.dropout_covariates = list(buying), list(leaving)
        model.params_ |= {f"buying.{name}": float(value) for name, value in buying.items()}
        model.params_ |= {f"leaving.{name}": float(value) for name, value in leaving.items()}
        return model

    def fit(self, data: Data, *, weights: str | None = None) -> Any:
        """Fits the model by maximum likelihood and returns it. Raises what :meth:`strata.ParetoNBDModel.fit` does, and
        :class:`strata.InvalidInputError` where a covariate has gaps or one value for everybody."""
        table, tenure = table_and_tenure(data, weights)
        customers = _native.Customers(table, tenure, weights)
        outcome = _native.fit_pareto_covariates(
            customers, self._covariates(data), self.purchase_covariates, self.dropout_covariates, self.penalty
        )
        self._keep(data, outcome)
        return self

    def expected_purchases(self, data: Data | None = None, *, future_t: float) -> Any:
        """Expected purchases of each customer from T to T + ``future_t``."""
        data = self._asked(data)
        values = self._native().expected_purchases(*self._known_of(data), future_t)
        return column_like(data, "expected_purchases", values)

    def probability_alive(self, data: Data | None = None) -> Any:
        """The probability of each customer of not having left for good."""
        data = self._asked(data)
        return column_like(data, "probability_alive", self._native().p_alive(*self._known_of(data)))

    def _known_of(self, data: Data) -> tuple[_native.Customers, _native.Table]:
        return _native.Customers(*table_and_tenure(data), None), self._covariates(data)

    def _covariates(self, data: Data) -> _native.Table:
        return native(data, "frequency", *self.purchase_covariates, *self.dropout_covariates)

    def _native(self) -> _native.ParetoCovariates:
        buying = [(name, self.params_[f"buying.{name}"]) for name in self.purchase_covariates]
        leaving = [(name, self.params_[f"leaving.{name}"]) for name in self.dropout_covariates]
        return _native.ParetoCovariates(self._values(), buying, leaving)
