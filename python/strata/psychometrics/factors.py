"""How many things a set of items measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import _native
from .._arguments import seed, whole
from .._columns import Data
from ..table import Table
from ._scales import Scale, one_scale


@dataclass(frozen=True)
class ParallelAnalysis:
    """Eigenvalues against those of the same answers shuffled within each item."""

    n_components: int
    """How many components come before the first that chance reaches."""
    n_factors: int
    """How many factors come before the first that chance reaches."""
    eigenvalues: Table
    """A row for each place from 1: ``components``, the eigenvalues of the correlations; ``factors``, those with the communalities of one
    factor on the diagonal; and ``components_by_chance`` and ``factors_by_chance``, their 95th percentiles over shuffled answers."""


def parallel_analysis(
    data: Data, items: Scale | None = None, *, missing: str = "listwise", n_shuffles: int = 100, random_state: Any = 0
) -> ParallelAnalysis:
    """How many components and factors a set of items has: those whose eigenvalues are greater than chance gives.

    Chance is ``n_shuffles`` tables, each of the same answers, shuffled within each item. ``items`` and ``missing`` are those of
    :func:`alpha`. Keys do not matter: no eigenvalue changes where an item is reversed. The same ``random_state`` gives the same result.

    Source: Horn (1965), A rationale and test for the number of factors in factor analysis, Psychometrika 30, 179–185.

    >>> import random
    >>> chance = random.Random(1)
    >>> traits = [(chance.gauss(0, 1), chance.gauss(0, 1)) for _ in range(300)]
    >>> answers = {
    ...     f"q{item}": [trait[item % 2] + chance.gauss(0, 0.8) for trait in traits] for item in range(8)
    ... }
    >>> parallel_analysis(answers, n_shuffles=20).n_components
    2
    """
    table, keys = one_scale(data, items)
    settings = missing, whole("n_shuffles", n_shuffles), seed(random_state)
    found: _native.Parallel = _native.compare_with_chance(table, keys, *settings)
    eigenvalues = {
        "place": list(range(1, len(found.components) + 1)),
        "components": found.components,
        "components_by_chance": found.components_by_chance,
        "factors": found.factors,
        "factors_by_chance": found.factors_by_chance,
    }
    return ParallelAnalysis(found.n_components, found.n_factors, Table.from_columns(eigenvalues))
