"""What all models have in common: they are fitted once, and then hold their parameters by the letters of the literature."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from .. import _native
from .._columns import Data, has_column, native
from ..errors import FitWarning, InvalidDefinitionError, InvalidInputError


class Model:
    """A model of the literature, to be fitted or given its parameters.

    Attributes end in an underscore and are there once the model has been fitted, as in scikit-learn:

    ====================== ==========================================================================================
    ``params_``            the parameters, by letter
    ``standard_errors_``   their standard errors, from the observed information; ``None`` where one does not exist
    ``covariance_``        their covariances, in the order of ``params_``; ``None`` where they do not exist
    ``log_likelihood_``    the log-likelihood of the data, without the penalty
    ``converged_``         whether nothing more was to be gained
    ``at_boundary_``       parameters that ran into a bound: the likelihood rises as they go to zero or infinity
    ``not_identified_``    parameters that the data say nothing about
    ====================== ==========================================================================================

    A fit with such a flag raises no error; it warns (:class:`strata.FitWarning`), since its predictions may serve while its
    parameters mean little.
    """

    letters: ClassVar[tuple[str, ...]]

    params_: dict[str, float]
    standard_errors_: dict[str, float | None] | None
    covariance_: list[list[float]] | None
    log_likelihood_: float | None
    converged_: bool | None
    at_boundary_: list[str]
    not_identified_: list[str]

    def __init__(self, *, penalty: float = 0.0) -> None:
        """``penalty`` is the weight λ of a penalty ``λ/2 · Σ (ln pᵢ)²`` on the parameters, which steadies fits to few customers; 0
        is plain maximum likelihood."""
        self.penalty = penalty
        self._data: Any = None

    @classmethod
    def from_params(cls, **params: Any) -> Any:
        """The model with known parameters, by letter: it predicts without having been fitted."""
        if set(params) != set(cls.letters):
            raise InvalidDefinitionError(
                f"{cls.__name__} has the parameters {', '.join(cls.letters)}; given were {', '.join(params) or 'none'}",
                "invalid_definition",
                f"{cls.__name__}.from_params({', '.join(f'{letter}=…' for letter in cls.letters)})",
            )
        model = cls()
        model.params_ = {letter: float(params[letter]) for letter in cls.letters}
        model.standard_errors_ = model.covariance_ = model.log_likelihood_ = model.converged_ = None
        model.at_boundary_, model.not_identified_ = [], []
        return model

    def __repr__(self) -> str:
        if not hasattr(self, "params_"):
            return f"<strata.{type(self).__name__}, not fitted>"
        params = ", ".join(f"{letter}={value:.4g}" for letter, value in self.params_.items())
        return f"<strata.{type(self).__name__} {params}>"

    def __getstate__(self) -> dict[str, Any]:
        # A stored model is its figures, and not the customers it was fitted to.
        return {**self.__dict__, "_data": None}

    def _keep(self, data: object, outcome: _native.Outcome) -> None:
        self._data = data
        self.params_ = dict(zip(outcome.names, outcome.parameters))
        self.standard_errors_ = dict(zip(outcome.names, outcome.standard_errors))
        self.covariance_ = outcome.covariance
        self.log_likelihood_ = outcome.log_likelihood
        self.converged_ = outcome.converged
        self.at_boundary_ = outcome.at_boundary
        self.not_identified_ = outcome.not_identified
        said = []
        if not outcome.converged:
            said.append(f"the search did not converge in {outcome.n_steps} steps")
        if outcome.at_boundary:
            said.append(f"{_listed(outcome.at_boundary)} at a bound")
        if outcome.not_identified:
            said.append(f"{_listed(outcome.not_identified)} not identified by the data")
        if said:
            warnings.warn(f"{type(self).__name__}: {'; '.join(said)}", FitWarning, stacklevel=3)

    def _values(self) -> list[float]:
        if not hasattr(self, "params_"):
            raise InvalidDefinitionError(
                f"this {type(self).__name__} is not fitted",
                "invalid_definition",
                "call fit(data) first, or make it with from_params(…)",
            )
        return [self.params_[letter] for letter in self.letters]

    def _draws(self, draws: int, seed: int) -> list[list[float]]:
        """Draws of the parameters from the normal approximation of their fit."""
        values = self._values()
        if self.covariance_ is None:
            raise InvalidDefinitionError(
                f"it is not known how sure the parameters of this {type(self).__name__} are",
                "invalid_definition",
                "fit the model to data in which every parameter is identified",
            )
        return _native.draws_of_fit(values, self.covariance_, draws, seed)

    def _asked(self, data: Data | None) -> Any:
        """The data that a prediction is about: those given, or those fitted to."""
        self._values()
        return self._given(data)

    def _given(self, data: Data | None) -> Any:
        if data is not None:
            return data
        if self._data is None:
            raise InvalidInputError(
                "there are no customers to speak of", "invalid_input", "pass the data: this model holds none"
            )
        return self._data


def table_and_tenure(
    data: Data, *others: str | None, known: _native.Table | None = None
) -> tuple[_native.Table, str]:
    """The table of purchases, and what its column of tenures is called: ``T`` in the literature, ``tenure`` in projects."""
    tenure = "tenure" if has_column(data, "tenure") and not has_column(data, "T") else "T"
    return native(data, "frequency", "recency", tenure, *others, known=known), tenure


def _listed(names: list[str]) -> str:
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"
