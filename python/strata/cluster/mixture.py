"""Gaussian mixtures."""

from __future__ import annotations

from typing import Any

from .. import _native
from .._arguments import number, seed, whole
from ..errors import InvalidDefinitionError
from ._estimator import Estimator
from ._matrix import flat, floats_like, labels_like, matrix, vector


class GaussianMixture(Estimator):
    """Groups that overlap, each a cloud with its own middle, spread and share of the rows.

    A row has the density :math:`Σ_k w_k N(x | μ_k, Σ_k)` and belongs to component k with the probability
    :math:`w_k N(x | μ_k, Σ_k) / Σ_j w_j N(x | μ_j, Σ_j)`. Fitted by expectation and maximisation in turn, from k-means of a sample.

    ===================== ======== ======================================================================================
    parameter             default  what it is
    ===================== ======== ======================================================================================
    ``n_components``      1        how many components
    ``covariance_type``   full     ``full``: each its own matrix; ``tied``: one for all; ``diag``: each its own variances;
                                   ``spherical``: each one variance
    ``tol``               1e-3     the search ends when the mean log-density of a row changes by less
    ``reg_covar``         1e-6     what is added to every variance
    ``max_iter``          100      the most iterations of a start
    ``n_init``            1        how many starts are drawn, the best of which counts
    ``means_init``        None     the means to start from, of which there is one start
    ``random_state``      0        the seed; a generator of NumPy's; ``None`` for chance that does not come back
    ===================== ======== ======================================================================================

    ===================== =======================================================================================
    attribute             what it is
    ===================== =======================================================================================
    ``weights_``          :math:`w_k`
    ``means_``            :math:`μ_k`
    ``covariances_``      :math:`Σ_k`: (k, d, d), (d, d), (k, d) or (k,), by ``covariance_type``
    ``lower_bound_``      the mean log-density of a row at the beginning of the last iteration
    ``converged_``        whether the search ended before ``max_iter``
    ``n_iter_``           how many iterations the best start took
    ``collapsed_``        components that lie on a point, line or plane: criteria say nothing of such a mixture
    ===================== =======================================================================================

    Follows ``sklearn.mixture.GaussianMixture``: from an equal start each step is equal, up to rounding. A fit that did not converge or
    that collapsed warns (:class:`strata.FitWarning`).

    Source: Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm, Journal of the Royal
    Statistical Society B 39, 1–38; McLachlan and Peel (2000), Finite Mixture Models.

    >>> rows = [[x + 20 * k, (7 * x) % 5 + 30.0 * k] for k in range(2) for x in range(10)]
    >>> model = GaussianMixture(n_components=2).fit(rows)
    >>> sorted(round(float(mean[0]), 2) for mean in model.means_)
    [4.5, 24.5]
    """

    _estimator_type = "density_estimator"

    weights_: Any
    means_: Any
    covariances_: Any
    lower_bound_: float
    converged_: bool
    n_iter_: int
    collapsed_: list[int]

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        tol: float = 1e-3,
        reg_covar: float = 1e-6,
        max_iter: int = 100,
        n_init: int = 1,
        means_init: Any = None,
        random_state: Any = 0,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.means_init = means_init
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> GaussianMixture:
        """Fits the mixture to these rows and returns the estimator. ``y`` is there for scikit-learn."""
        self._fit(X)
        return self

    def fit_predict(self, X: Any, y: Any = None) -> Any:
        """Fits, and gives the likeliest component of each row."""
        taken = self._fit(X)
        return labels_like(X, self._native().labels(taken))

    def predict(self, X: Any) -> Any:
        """The likeliest component of each row, the first of equal ones."""
        taken = self._known(X)
        return labels_like(X, self._native().labels(taken))

    def predict_proba(self, X: Any) -> Any:
        """The probability of each component for each row, a column a component."""
        taken = self._known(X)
        return matrix(self._native().probabilities(taken), -1, len(self.weights_))

    def score_samples(self, X: Any) -> Any:
        """ln of the density of each row: low for one that is like no component."""
        taken = self._known(X)
        return floats_like(X, "ln_density", self._native().ln_densities(taken))

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of ln of the density of a row."""
        taken = self._known(X)
        return self._native().criteria(taken)[0] / len(taken)

    def aic(self, X: Any) -> float:
        """Akaike's criterion, :math:`−2 ln L + 2p` with p free parameters; lower is better."""
        taken = self._known(X)
        return self._native().criteria(taken)[1]

    def bic(self, X: Any) -> float:
        """Schwarz' criterion, :math:`−2 ln L + p ln n`; lower is better."""
        taken = self._known(X)
        return self._native().criteria(taken)[2]

    def icl(self, X: Any) -> float:
        """The integrated completed likelihood, BIC and twice the entropy of the memberships: components that overlap count against a
        mixture. Lower is better.

        Source: Biernacki, Celeux and Govaert (2000), Assessing a mixture model for clustering with the integrated completed
        likelihood, IEEE Transactions on Pattern Analysis and Machine Intelligence 22, 719–725.
        """
        taken = self._known(X)
        return self._native().criteria(taken)[3]

    def _fit(self, X: Any) -> _native.Points:
        n_components = whole("n_components", self.n_components)
        n_starts, max_iter = whole("n_init", self.n_init), whole("max_iter", self.max_iter)
        tol, reg_covar = number("tol", self.tol), number("reg_covar", self.reg_covar)
        self._shape(1, 1)
        taken = self._points(X, max(2, n_components), f"n_components={n_components}")
        n_columns = self.n_features_in_
        means = None if self.means_init is None else flat(self.means_init, n_columns)
        found = _native.fit_mixture(
            taken, n_components, self.covariance_type, n_starts, max_iter, tol, reg_covar, seed(self.random_state), means
        )
        self.weights_ = vector(found.weights)
        self.means_ = matrix(found.means, -1, n_columns)
        shape = self._shape(n_components, n_columns)
        self.covariances_ = vector(found.covariances) if len(shape) == 1 else matrix(found.covariances, *shape)
        self.lower_bound_, self.converged_ = found.lower_bound, found.converged
        self.n_iter_, self.collapsed_ = found.n_iterations, found.collapsed
        if not found.converged:
            self._warn(f"the likelihood still rises after {found.n_iterations} iterations; give more by max_iter", depth=2)
        if found.collapsed:
            which = ", ".join(map(str, found.collapsed))
            hint = "ask for fewer components, or a stricter covariance_type"
            self._warn(f"collapsed onto a point, line or plane: {which}; {hint}", depth=2)
        return taken

    def _shape(self, n_components: int, n_columns: int) -> tuple[int, ...]:
        match self.covariance_type:
            case "full":
                return n_components, n_columns, n_columns
            case "tied":
                return n_columns, n_columns
            case "diag":
                return n_components, n_columns
            case "spherical":
                return (n_components,)
            case other:
                raise InvalidDefinitionError(
                    f"`covariance_type` is {other!r}", "invalid_definition", "give full, tied, diag or spherical"
                )

    def _native(self) -> _native.Mixture:
        n_columns = self.n_features_in_
        rows: Any = self.covariances_
        if self.covariance_type == "full":
            rows = [row for component in rows for row in component]
        width = 1 if self.covariance_type == "spherical" else n_columns
        weights, means = flat(self.weights_, 1), flat(self.means_, n_columns)
        return _native.Mixture(self.covariance_type, n_columns, weights, means, flat(rows, width))
