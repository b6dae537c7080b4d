"""k-means, on all rows or in batches."""

from __future__ import annotations

import math
from typing import Any

from .. import _native
from .._arguments import number, seed, whole
from ..errors import InvalidDefinitionError
from ._estimator import Clusterer
from ._matrix import flat, labels_like, matrix


class _Centres(Clusterer):
    """What both ways to search centres have in common: the centres, and what they say of rows."""

    cluster_centers_: Any
    labels_: Any
    inertia_: float
    n_iter_: int

    def _keep(self, X: Any, found: _native.Centres) -> None:
        self.cluster_centers_ = matrix(found.centres, -1, self.n_features_in_)
        self.labels_ = labels_like(X, found.labels)
        self.inertia_ = found.inertia
        self.n_iter_ = found.n_iterations

    def predict(self, X: Any) -> Any:
        """The number of the nearest centre of each row, the first of several."""
        taken = self._known(X)
        return labels_like(X, _native.nearest_centres(self._centres(), taken))

    def transform(self, X: Any) -> Any:
        """The distance of each row to each centre, a column a centre."""
        taken = self._known(X)
        return matrix(_native.distances_to_centres(self._centres(), taken), -1, len(self.cluster_centers_))

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fits, and gives the distance of each row to each centre."""
        return self.fit(X).transform(X)

    def score(self, X: Any, y: Any = None) -> float:
        """The negative of the inertia of rows: the higher, the nearer they are to the centres."""
        distances = self.transform(X)
        if hasattr(distances, "min"):
            return -float((distances.min(axis=1) ** 2).sum())
        return -math.fsum(min(row) ** 2 for row in distances)

    def _centres(self) -> bytes:
        return flat(self.cluster_centers_, self.n_features_in_)


class KMeans(_Centres):
    """k-means: ``n_clusters`` centres that rows lie closest to.

    Minimises the inertia :math:`W = Σ_i min_j |x_i − c_j|²` by Lloyd's iterations from ``n_init`` starts, each drawn by greedy
    k-means++; the best counts. Many rows are searched in single precision and the best start goes on in double precision until it
    stands there as well: results are those of double precision. They do not depend on the number of threads.

    Distances add up squares: bring columns to one scale first.

    ================= ========== ========================================================================================
    parameter         default    what it is
    ================= ========== ========================================================================================
    ``n_clusters``    8          how many clusters (:func:`strata.cluster.choose_k` says whether there are any)
    ``init``          k-means++  how starts are drawn; or the centres to start from, of which there is one start
    ``n_init``        10         how many starts are drawn
    ``max_iter``      300        the most iterations of a start
    ``tol``           1e-4       centres stand when the squares of their ways sum to this share of the mean variance
    ``random_state``  0          the seed; a generator of NumPy's; ``None`` for chance that does not come back
    ================= ========== ========================================================================================

    ======================= ==================================================================
    attribute               what it is
    ======================= ==================================================================
    ``cluster_centers_``    the centres
    ``labels_``             the number of the nearest centre of each row of the fit, from 0
    ``inertia_``            W
    ``n_iter_``             how many iterations the best start took
    ======================= ==================================================================

    Follows ``sklearn.cluster.KMeans``; it has no weights of rows. Rows that cannot be clustered raise
    :class:`strata.InvalidInputError`: a missing or infinite number, with its row and column; fewer different rows than clusters.

    Source: Lloyd (1982), Least squares quantization in PCM, IEEE Transactions on Information Theory 28, 129–137; Arthur and
    Vassilvitskii (2007), k-means++: The advantages of careful seeding, SODA, 1027–1035.

    >>> model = KMeans(n_clusters=2).fit([[1.0, 2.0], [1.5, 2.0], [9.0, 8.0], [9.0, 9.0]])
    >>> labels = [int(label) for label in model.labels_]
    >>> labels[0] == labels[1] != labels[2] == labels[3]
    True
    >>> model.inertia_
    0.625
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        n_init: int = 10,
        max_iter: int = 300,
        tol: float = 1e-4,
        random_state: Any = 0,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> KMeans:
        """Searches centres of these rows and returns the estimator. ``y`` is there for scikit-learn."""
        n_clusters = whole("n_clusters", self.n_clusters)
        settings = whole("n_init", self.n_init), whole("max_iter", self.max_iter), number("tol", self.tol)
        taken = self._points(X, max(2, n_clusters), f"n_clusters={n_clusters}")
        found = _native.fit_k_means(taken, n_clusters, *settings, seed(self.random_state), self._given(n_clusters))
        self._keep(X, found)
        if not found.converged:
            self._warn(f"the centres do not stand after {found.n_iterations} iterations; give more by max_iter")
        return self

    def _given(self, n_clusters: int) -> bytes | None:
        if isinstance(self.init, str):
            if self.init == "k-means++":
                return None
            raise InvalidDefinitionError(
                f"`init` is `{self.init}`", "invalid_definition", "give `k-means++`, or the centres to start from"
            )
        if len(self.init) != n_clusters:
            raise InvalidDefinitionError(
                f"`init` has {len(self.init)} centres where n_clusters={n_clusters}",
                "invalid_definition",
                "give a centre for each cluster",
            )
        return flat(self.init, self.n_features_in_)


class MiniBatchKMeans(_Centres):
    """k-means of many rows, in a fraction of the time: centres follow small samples of the rows instead of all of them.

    Centres start at those of k-means of a sample. Then rows are drawn in batches, with replacement, and each moves its nearest centre
    by :math:`(x − c) / n`, with n the number of rows that the centre has had. Labels and inertia are those of all rows. The inertia is
    usually within a few per cent of that of :class:`KMeans`. Few rows, which fit into the sample, are searched by k-means alone.

    ======================= ======== ==================================================================================
    parameter               default  what it is
    ======================= ======== ==================================================================================
    ``n_clusters``          8        how many clusters
    ``n_init``              3        how many starts are searched in the sample
    ``batch_size``          1024     rows of a batch
    ``max_iter``            10       how often all rows are drawn at most, on average
    ``max_no_improvement``  100      the search ends when the smoothed inertia has not fallen for so many batches
    ``random_state``        0        the seed; a generator of NumPy's; ``None`` for chance that does not come back
    ======================= ======== ==================================================================================

    Attributes are those of :class:`KMeans`, and ``n_steps_``, the number of batches (of iterations, where k-means alone was enough);
    ``n_iter_`` is how often all rows were drawn, rounded up. Follows ``sklearn.cluster.MiniBatchKMeans``.

    Source: Sculley (2010), Web-scale k-means clustering, WWW, 1177–1178.

    >>> rows = [[float(i % 7), float(i % 5)] for i in range(70)] + [[50.0 + i % 3, 50.0] for i in range(30)]
    >>> model = MiniBatchKMeans(n_clusters=2).fit(rows)
    >>> sorted(round(float(centre[0]), 1) for centre in model.cluster_centers_)
    [3.0, 51.0]
    """

    n_steps_: int

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_init: int = 3,
        batch_size: int = 1024,
        max_iter: float = 10,
        max_no_improvement: int = 100,
        random_state: Any = 0,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.max_no_improvement = max_no_improvement
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> MiniBatchKMeans:
        """Searches centres of these rows and returns the estimator. ``y`` is there for scikit-learn."""
        n_clusters, batch_size = whole("n_clusters", self.n_clusters), whole("batch_size", self.batch_size)
        patience = whole("max_no_improvement", self.max_no_improvement)
        n_starts, passes = whole("n_init", self.n_init), number("max_iter", self.max_iter)
        taken = self._points(X, max(2, n_clusters), f"n_clusters={n_clusters}")
        found = _native.fit_mini_batch(
            taken, n_clusters, n_starts, batch_size, passes, patience, seed(self.random_state)
        )
        self._keep(X, found)
        self.n_steps_ = found.n_iterations
        self.n_iter_ = math.ceil(found.n_iterations * batch_size / len(taken))
        return self
