"""How good clusterings are, and how alike."""

from __future__ import annotations

from array import array
from typing import Any

from .. import _native
from ..errors import InvalidInputError
from ._matrix import floats_like, numpy_if_there, points


def silhouette_score(X: Any, labels: Any) -> float:
    """The mean silhouette of rows: how much nearer they are to their own cluster than to the next one, from −1 to 1.

    :math:`s = (b − a) / max(a, b)`, with a the mean distance to the other rows of a row's cluster and b the least mean distance to the
    rows of another one; 0 for the only row of a cluster. Exact, by the distances of all pairs: time grows with the square of the rows.
    Above 20,000 rows, distances are in single precision: the mean is right to about six digits.

    ``labels`` are one a row, of any kind. As ``sklearn.metrics.silhouette_score``, noise (−1) counts as a cluster.

    Source: Rousseeuw (1987), Silhouettes: a graphical aid to the interpretation and validation of cluster analysis, Journal of
    Computational and Applied Mathematics 20, 53–65.

    >>> round(silhouette_score([[0.0], [1.0], [10.0], [11.0]], ["a", "a", "b", "b"]), 4)
    0.8997
    """
    return _silhouettes(X, labels)[0]


def silhouette_samples(X: Any, labels: Any) -> Any:
    """Each row's own silhouette (:func:`silhouette_score`), low where a row lies between clusters.

    >>> [round(float(s), 2) for s in silhouette_samples([[0.0], [1.0], [10.0], [11.0]], [0, 0, 1, 1])]
    [0.9, 0.89, 0.89, 0.9]
    """
    return floats_like(X, "silhouette", _silhouettes(X, labels)[1])


def adjusted_rand_score(labels: Any, others: Any) -> float:
    """How alike two clusterings of the same rows are: 1 for the same, about 0 for two that have nothing to do with each other.

    With counts :math:`n_{ij}`, their sums :math:`a_i` and :math:`b_j`, :math:`C(x) = x (x − 1) / 2` and
    :math:`e = Σ C(a_i) Σ C(b_j) / C(n)`, it is :math:`(Σ C(n_{ij}) − e) / ((Σ C(a_i) + Σ C(b_j)) / 2 − e)`. Labels may be of any kind.

    Source: Hubert and Arabie (1985), Comparing partitions, Journal of Classification 2, 193–218.

    >>> adjusted_rand_score([0, 0, 1, 1], ["b", "b", "a", "a"])
    1.0
    """
    return _native.adjusted_rand_index(_codes(labels), _codes(others))


def _silhouettes(X: Any, labels: Any) -> tuple[float, bytes]:
    taken, _, _ = points(X)
    return _native.silhouettes(taken, _codes(labels))


def _codes(labels: Any) -> bytes:
    """Labels as numbers from 0."""
    numpy = numpy_if_there()
    if numpy is not None:
        values = numpy.asarray(labels)
        if values.ndim != 1:
            raise InvalidInputError(f"labels have {values.ndim} dimensions", "invalid_input", "give one label a row")
        codes = numpy.unique(values, return_inverse=True)[1]
        return bytes(codes.astype("uint32").tobytes())
    places: dict[Any, int] = {}
    return array("I", (places.setdefault(label, len(places)) for label in labels)).tobytes()
