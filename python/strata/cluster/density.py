"""Clusters where rows are dense."""

from __future__ import annotations

from typing import Any

from .. import _native
from .._arguments import whole
from ._estimator import Clusterer
from ._matrix import floats_like, labels_like


class HDBSCAN(Clusterer):
    """Clusters where rows are dense, and noise where they are not: nobody says how many, nor of which shape.

    The core distance κ(x) of a row is that to its ``min_samples``-th nearest row, itself counted; two rows are as far apart as
    :math:`max(κ(x), κ(y), |x − y|)`. Joining what is nearest first gives a tree, whose branches of fewer than ``min_cluster_size`` rows
    are no clusters; of a cluster and those within it, the more stable are kept (excess of mass). It says nothing of rows that it has not
    seen: there is no ``predict``.

    ========================== ======== ====================================================================================
    parameter                  default  what it is
    ========================== ======== ====================================================================================
    ``min_cluster_size``       5        the fewest rows of a cluster
    ``min_samples``            None     how many rows must be near; as many as ``min_cluster_size`` where ``None``
    ``allow_single_cluster``   False    whether all rows may be one cluster
    ========================== ======== ====================================================================================

    ===================== ========================================================================================
    attribute             what it is
    ===================== ========================================================================================
    ``labels_``           the cluster of each row, from 0; −1 for noise
    ``probabilities_``    how far inside its cluster each row is, from 1 in the densest place to 0; 0 for noise
    ``outlier_scores_``   how much less dense each row's place is than the densest near it (GLOSH), 0 to 1
    ``n_clusters_``       how many clusters there are
    ===================== ========================================================================================

    Follows ``sklearn.cluster.HDBSCAN``; the package ``hdbscan`` does not count a row among its own neighbours. Time grows as
    n log n in few columns and as n² in many.

    Source: Campello, Moulavi and Sander (2013), Density-based clustering based on hierarchical density estimates, PAKDD, 160–172.

    >>> rows = [[i % 5 + 0.01 * i, i % 3] for i in range(20)] + [[100 + i % 4, 100 + i % 3] for i in range(12)] + [[999, -999]]
    >>> [int(label) for label in HDBSCAN().fit(rows).labels_[-3:]]
    [1, 1, -1]
    """

    labels_: Any
    probabilities_: Any
    outlier_scores_: Any
    n_clusters_: int

    def __init__(
        self, min_cluster_size: int = 5, *, min_samples: int | None = None, allow_single_cluster: bool = False
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.allow_single_cluster = allow_single_cluster

    def fit(self, X: Any, y: Any = None) -> HDBSCAN:
        """Clusters these rows and returns the estimator. ``y`` is there for scikit-learn."""
        size = whole("min_cluster_size", self.min_cluster_size, least=2)
        near = size if self.min_samples is None else whole("min_samples", self.min_samples)
        taken = self._points(X, max(size, near), f"min_cluster_size={size} and min_samples={near}")
        found: _native.Dense = _native.fit_hdbscan(taken, size, near, bool(self.allow_single_cluster))
        self.labels_ = labels_like(X, found.labels)
        self.probabilities_ = floats_like(X, "probability", found.probabilities)
        self.outlier_scores_ = floats_like(X, "outlier_score", found.outlier_scores)
        self.n_clusters_ = found.n_clusters
        return self
