"""k-prototypes: clusters of rows that have numbers and categories at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _native
from .._arguments import number, seed, whole
from ..errors import InvalidDefinitionError, InvalidInputError
from ._estimator import Clusterer
from ._matrix import labels_like, mixed_table


class KPrototypes(Clusterer):
    """k-prototypes: k-means for tables of numbers and categories.

    A row's dissimilarity from a centre is :math:`Σ_j (x_j − m_j)² + γ Σ_j 1[c_j ≠ q_j]`, with m the means of the cluster's numbers and
    q its commonest categories; the cost is its sum over all rows. Clusters come by size, the largest first.

    Texts and truths are categories, and so is what ``categorical`` names; other columns are numbers. Numbers add up squares: bring them
    to one scale first. Nothing may be missing. A column of numbers that is an id or constant is refused.

    ================= ========== ========================================================================================
    parameter         default    what it is
    ================= ========== ========================================================================================
    ``n_clusters``    8          how many clusters
    ``categorical``   None       names of columns of whole numbers that are categories (for rows of lists: places)
    ``gamma``         balanced   γ: a number from 0; ``balanced``, with which numbers and categories of two rows drawn at
                                 random count alike; ``half_deviation``, as the package kmodes has it
    ``n_init``        10         how many starts are drawn
    ``max_iter``      300        the most steps of a start
    ``random_state``  0          the seed; a generator of NumPy's; ``None`` for chance that does not come back
    ================= ========== ========================================================================================

    ===================== ========================================================================
    attribute             what it is
    ===================== ========================================================================
    ``labels_``           the cluster of each row of the fit, from 0
    ``cluster_centers_``  for each cluster the mean or the commonest category of each column
    ``cluster_sizes_``    how many rows each cluster has
    ``cost_``             the cost
    ``gamma_``            γ
    ``converged_``        whether the best start ended where no row moves
    ``n_iter_``           how many steps it took
    ===================== ========================================================================

    Follows scikit-learn's conventions, but what it is fitted to is a table with named columns of several kinds: scikit-learn's
    ``check_estimator``, which fits matrices of numbers alone, does not apply. ``predict`` takes the columns of the fit by name.

    Source: Huang (1998), Extensions to the k-means algorithm for clustering large data sets with categorical values, Data Mining and
    Knowledge Discovery 2, 283–304.

    >>> customers = {"spend": [1.0, 1.2, 9.0, 9.4, 1.1], "channel": ["web", "web", "shop", "shop", "web"]}
    >>> model = KPrototypes(n_clusters=2).fit(customers)
    >>> [int(label) for label in model.labels_], [centre["channel"] for centre in model.cluster_centers_]
    ([0, 0, 1, 1, 0], ['web', 'shop'])
    """

    labels_: Any
    cluster_centers_: list[dict[str, Any]]
    cluster_sizes_: list[int]
    cost_: float
    gamma_: float
    converged_: bool
    n_iter_: int
    _model: _native.Prototypes

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        categorical: Sequence[Any] | None = None,
        gamma: float | str = "balanced",
        n_init: int = 10,
        max_iter: int = 300,
        random_state: Any = 0,
    ) -> None:
        self.n_clusters = n_clusters
        self.categorical = categorical
        self.gamma = gamma
        self.n_init = n_init
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> KPrototypes:
        """Clusters these rows and returns the estimator. ``y`` is there for scikit-learn."""
        n_clusters = whole("n_clusters", self.n_clusters)
        n_starts, max_iter = whole("n_init", self.n_init), whole("max_iter", self.max_iter)
        gamma = self.gamma if isinstance(self.gamma, str) else repr(number("gamma", self.gamma))
        table = mixed_table(X)
        if len(table) < n_clusters:
            raise InvalidInputError(
                f"n_samples={len(table)} where {n_clusters} or more are needed for n_clusters={n_clusters}",
                "invalid_input",
                "give more rows, or ask for fewer clusters",
            )
        names = table.column_names()
        said = named("categorical", self.categorical)
        _native.Table.require(names, said)
        kinds = dict(zip(names, _native.kinds_of_columns(table, names)))
        categories = [name for name in names if name in said or kinds[name] == "category"]
        numbers = [name for name in names if name not in categories]
        if not categories or not numbers:
            lacking, instead = ("categories", "KMeans") if numbers else ("numbers", "LatentClass")
            raise InvalidInputError(
                f"there are no columns of {lacking}",
                "invalid_input",
                f"use {instead}, or name in `categorical` the whole numbers that are categories",
            )
        self._model, labels = _native.fit_k_prototypes(
            table, numbers, categories, n_clusters, n_starts, max_iter, gamma, seed(self.random_state)
        )
        self._remember(len(names), names)
        self.labels_ = labels_like(X, labels)
        self._keep(names, numbers)
        if not self.converged_:
            self._warn(f"rows still move after {self.n_iter_} steps; give more by max_iter")
        return self

    def predict(self, X: Any) -> Any:
        """The cluster of each row: the one with the least dissimilar centre, of equal ones the larger. Refuses a category that the
        rows of the fit do not have."""
        self._check_fitted()
        return labels_like(X, self._model.labels(mixed_table(X, list(self.feature_names_in_))))

    def _keep(self, names: list[str], numbers: list[str]) -> None:
        model = self._model
        self.cluster_sizes_, self.cost_, self.gamma_ = model.sizes, model.cost, model.gamma
        self.converged_, self.n_iter_ = model.converged, model.n_iterations
        self.cluster_centers_ = []
        for means, modes in zip(model.means, model.modes):
            centre: dict[str, Any] = dict(zip(numbers, means))
            centre.update((name, known[mode]) for (name, known), mode in zip(model.categories, modes))
            self.cluster_centers_.append({name: centre[name] for name in names})


def named(option: str, names: Sequence[Any] | None) -> list[str]:
    """A parameter that names columns."""
    if isinstance(names, str):
        raise InvalidDefinitionError(f"`{option}` is {names!r}", "invalid_definition", "give a list of names")
    return [str(name) for name in names or ()]
