"""Whether there are groups at all, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _native
from .._arguments import seed, whole
from ..errors import InvalidDefinitionError
from ..table import Table
from ._matrix import points


class Choice:
    """Whether to segment, into how many, and why. ``str(choice)`` says it in sentences.

    ===================== ============================================================================================
    attribute             what it is
    ===================== ============================================================================================
    ``verdict``           ``natural_groups``: there are groups, apart from each other, whoever looks;
                          ``useful_cuts``: there are none, but cuts of a continuum that tell much about customers;
                          ``do_not_segment``: neither
    ``n_clusters``        how many; ``None`` where there should be no segments
    ``evidence``          a row for each number of clusters considered, see below
    ``not_natural``       for each number, what its clusters lack to be natural groups, in sentences
    ``not_useful``        for each number, what they lack to be useful cuts
    ===================== ============================================================================================

    Columns of ``evidence``:

    ======================== =========================================================================================
    ``n_clusters``           how many clusters
    ``stability``            the mean Jaccard coefficient with which the least stable cluster comes back in bootstraps
    ``stability_without``    what data without clusters reach, the 95th percentile; NaN where it does not matter
    ``gap_chance``           the chance of the least gap between two clusters where there is none; NaN with too few
    ``explained``            the share of variance within reach of the clusters
    ``explained_without``    the same where each column is shuffled, the median
    ``smallest_share``       the share of rows that the smallest cluster has
    ``prediction_strength``  how well halves of the rows foretell each other's pairs, for show
    ``silhouette``           the mean simplified silhouette, by distances to centres, for show
    ``natural``, ``useful``  whether nothing is lacking
    ======================== =========================================================================================
    """

    verdict: str
    n_clusters: int | None
    evidence: Table
    not_natural: dict[int, list[str]]
    not_useful: dict[int, list[str]]

    def __init__(self, found: _native.Choice) -> None:
        self.verdict, self.n_clusters, self._sentence = found.verdict, found.n_clusters, found.sentence
        rows: list[_native.Evidence] = found.evidence
        self.not_natural = {row.n_clusters: row.not_natural for row in rows}
        self.not_useful = {row.n_clusters: row.not_useful for row in rows}
        nan = float("nan")
        self.evidence = Table.from_columns(
            {
                "n_clusters": [row.n_clusters for row in rows],
                "stability": [row.stability for row in rows],
                "stability_without": [nan if row.stability_without is None else row.stability_without for row in rows],
                "gap_chance": [nan if row.gap_chance is None else row.gap_chance for row in rows],
                "explained": [row.explained for row in rows],
                "explained_without": [row.explained_without for row in rows],
                "smallest_share": [row.smallest_share for row in rows],
                "prediction_strength": [row.prediction_strength for row in rows],
                "silhouette": [row.silhouette for row in rows],
                "natural": [not row.not_natural for row in rows],
                "useful": [not row.not_useful for row in rows],
            }
        )

    def __str__(self) -> str:
        return self._sentence

    def __repr__(self) -> str:
        number = "" if self.n_clusters is None else f", {self.n_clusters} clusters"
        return f"<strata.cluster.Choice {self.verdict}{number}>"


def choose_k(
    X: Any,
    n_clusters: Sequence[int] = range(2, 9),
    *,
    n_init: int = 3,
    n_resamples: int = 100,
    max_rows: int = 3000,
    random_state: Any = 0,
) -> Choice:
    """Judges numbers of clusters of k-means, each against data without what is asked for, and says whether to segment at all.

    1. *Do the clusters come back* when customers are drawn again, more surely than where each column is shuffled?
    2. *Is there a gap between them?* A way to cut a continuum leaves none.
    3. *Do the traits hang together*, so that a cluster says much about a customer?

    1 and 2 make natural groups; 3, with clusters of some size that differ and do not dissolve, useful cuts of a continuum.

    ``X`` is what :class:`KMeans` takes, its columns on one scale; a column that is an id or constant is refused. With more than
    ``max_rows`` rows as many are drawn, and all but the silhouette is measured on them.

    Source: Hennig (2007), Cluster-wise assessment of cluster stability, Computational Statistics & Data Analysis 52, 258–271; Hartigan
    and Hartigan (1985), The dip test of unimodality, Annals of Statistics 13, 70–84; Dolnicar and Leisch (2010), Evaluation of
    structure and reproducibility of cluster solutions using the bootstrap, Marketing Letters 21, 83–101.

    >>> import random
    >>> chance = random.Random(1)
    >>> groups = [[chance.gauss(6 * group, 1) for _ in range(4)] for group in (0, 1) for _ in range(60)]
    >>> choice = choose_k(groups, [2, 3], n_resamples=20)
    >>> choice.verdict, choice.n_clusters
    ('natural_groups', 2)
    """
    numbers = [whole("n_clusters", number, least=2) for number in n_clusters]
    if not numbers:
        raise InvalidDefinitionError("no number of clusters is considered", "invalid_definition", "give [2, 3, 4]")
    taken, _, _ = points(X)
    settings = whole("n_init", n_init), whole("n_resamples", n_resamples), whole("max_rows", max_rows)
    return Choice(_native.choose_number(taken, numbers, *settings, seed(random_state)))
