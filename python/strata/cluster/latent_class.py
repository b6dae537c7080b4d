"""Latent class analysis."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from .. import _native
from .._arguments import number, seed, whole
from ..errors import InvalidInputError
from ._estimator import Clusterer
from ._matrix import labels_like, matrix, mixed_table, vector
from .mixed import named


class LatentClass(Clusterer):
    """Latent classes: groups behind answers to several questions, within each of which answers are independent of each other.

    :math:`P(x) = Σ_k π_k Π_j p_{jk}(x_j)` over the items that are answered: an answer may be missing (``None``, NaN), which is right
    where it is missing at random given the rest. With ``covariates`` z, :math:`ln(π_k / π_0) = β_{k0} + Σ_m β_{km} z_m`. Fitted by
    maximum likelihood; classes come by share, the largest first.

    Each column but ``covariates`` and ``weights`` is an item: texts, truths, or whole numbers, each of which is a category.

    ================= ========== ========================================================================================
    parameter         default    what it is
    ================= ========== ========================================================================================
    ``n_components``  2          how many classes, to 32
    ``covariates``    None       names of columns of numbers that say beforehand which class a row belongs to
    ``weights``       None       the name of a column that says how many a row stands for
    ``n_init``        10         how many starts are drawn
    ``max_iter``      2000       the most steps that the best start goes on
    ``tol``           1e-10      it ends at a step that adds no more to the log-likelihood
    ``smoothing``     0          further answers in each category of each item and class: above 0, no probability is 0
    ``random_state``  0          the seed; a generator of NumPy's; ``None`` for chance that does not come back
    ================= ========== ========================================================================================

    ========================= =========================================================================================
    attribute                 what it is
    ========================= =========================================================================================
    ``labels_``               the likeliest class of each row of the fit, from 0
    ``weights_``              π, the share of each class
    ``profiles_``             for each item and each category the probability in each class
    ``coefficients_``         β of ``intercept`` and of each covariate, for each class but the first; ``None`` without
    ``standard_errors_``      their standard errors; ``None`` where the rows do not tell them
    ``log_likelihood_``       :math:`ln L = Σ ln P(x)`
    ``n_parameters_``         p, how many numbers the model can choose
    ``aic_``, ``bic_``        :math:`−2 ln L + 2p`, :math:`−2 ln L + p ln n`; lower is better
    ``icl_``                  BIC and twice the entropy of the memberships; lower is better
    ``relative_entropy_``     1 where all memberships are certain, 0 where they say nothing
    ``converged_``            whether the search ended by ``tol``
    ``n_iter_``               how many steps it took
    ``n_best_found_``         how many starts ended at the best likelihood: with one, there may be a better one
    ========================= =========================================================================================

    Follows scikit-learn's conventions, but what it is fitted to is a table of categories with gaps: scikit-learn's ``check_estimator``,
    which fits matrices of numbers, does not apply. ``predict`` takes the columns of the fit by name.

    Source: Lazarsfeld and Henry (1968), Latent Structure Analysis; Linzer and Lewis (2011), poLCA, Journal of Statistical Software
    42(10).

    >>> answers = {
    ...     "price": ["low", "low", "high", "high"] * 10,
    ...     "brand": ["no", "no", "yes", "yes"] * 9 + ["no", None, "yes", "yes"],
    ...     "visits": [1, 1, 3, 2] * 10,
    ... }
    >>> model = LatentClass(n_components=2).fit(answers)
    >>> [round(float(share), 2) for share in model.weights_]
    [0.5, 0.5]
    >>> sorted(round(p, 2) for p in model.profiles_["visits"][3])
    [0.0, 0.5]
    """

    labels_: Any
    weights_: Any
    profiles_: dict[str, dict[Any, list[float]]]
    coefficients_: dict[str, list[float]] | None
    standard_errors_: dict[str, list[float]] | None
    log_likelihood_: float
    n_parameters_: int
    aic_: float
    bic_: float
    icl_: float
    relative_entropy_: float
    converged_: bool
    n_iter_: int
    n_best_found_: int
    _model: _native.LatentClasses

    def __init__(
        self,
        n_components: int = 2,
        *,
        covariates: Sequence[Any] | None = None,
        weights: Any = None,
        n_init: int = 10,
        max_iter: int = 2000,
        tol: float = 1e-10,
        smoothing: float = 0.0,
        random_state: Any = 0,
    ) -> None:
        self.n_components = n_components
        self.covariates = covariates
        self.weights = weights
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.smoothing = smoothing
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> LatentClass:
        """Fits classes to these rows and returns the estimator. ``y`` is there for scikit-learn."""
        n_components = whole("n_components", self.n_components)
        n_starts, max_iter = whole("n_init", self.n_init), whole("max_iter", self.max_iter)
        tol, smoothing = number("tol", self.tol), number("smoothing", self.smoothing)
        covariates = named("covariates", self.covariates)
        weights = None if self.weights is None else str(self.weights)
        table = mixed_table(X)
        names = table.column_names()
        _native.Table.require(names, covariates + ([] if weights is None else [weights]))
        items = [name for name in names if name not in covariates and name != weights]
        if len(table) < n_components:
            raise InvalidInputError(
                f"n_samples={len(table)} where {n_components} or more are needed for n_components={n_components}",
                "invalid_input",
                "give more rows, or ask for fewer classes",
            )
        self._model = _native.fit_latent_classes(
            table, items, covariates, weights, n_components, n_starts, max_iter, tol, smoothing, seed(self.random_state)
        )
        used = [name for name in names if name != weights]
        self._remember(len(used), used)
        self.labels_ = labels_like(X, self._model.labels(table))
        self._keep(covariates)
        if not self.converged_:
            self._warn(f"the likelihood still rises after {self.n_iter_} steps; give more by max_iter")
        return self

    def predict(self, X: Any) -> Any:
        """The likeliest class of each row, of equally likely ones the larger. Refuses a category that the rows of the fit do not
        have."""
        self._check_fitted()
        return labels_like(X, self._model.labels(mixed_table(X, list(self.feature_names_in_))))

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class for each row, a column a class; of a row without answers it is that from beforehand."""
        self._check_fitted()
        table = mixed_table(X, list(self.feature_names_in_))
        return matrix(self._model.probabilities(table), -1, len(self._model.shares))

    def _keep(self, covariates: list[str]) -> None:
        model = self._model
        self.weights_ = vector(array("d", model.shares).tobytes())
        self.profiles_ = {
            name: {known: [of_class[place] for of_class in classes] for place, known in enumerate(categories)}
            for (name, categories), classes in zip(model.items, model.profiles)
        }
        self.coefficients_ = _by_name(covariates, model.coefficients)
        self.standard_errors_ = _by_name(covariates, model.standard_errors)
        figures = dict(model.figures)
        self.log_likelihood_, self.n_parameters_ = figures["log_likelihood"], int(figures["n_parameters"])
        self.aic_, self.bic_, self.icl_ = figures["aic"], figures["bic"], figures["icl"]
        self.relative_entropy_ = figures["relative_entropy"]
        self.converged_, self.n_iter_, self.n_best_found_ = model.converged, model.n_iterations, model.n_best_found


def _by_name(covariates: list[str], rows: list[list[float]] | None) -> dict[str, list[float]] | None:
    if rows is None:
        return None
    return {name: [row[place] for row in rows] for place, name in enumerate(["intercept", *covariates])}
