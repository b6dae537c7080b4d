"""What people want of a product: Kano's pairs of questions, and the best and the worst of a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import _native
from .._columns import Data, native, rows_like
from ..errors import InvalidDefinitionError
from ._scales import mapping, names


@dataclass(frozen=True)
class Kano:
    """What a feature is to people."""

    category: str | None
    """``"must_be"``, ``"one_dimensional"``, ``"attractive"``, ``"indifferent"``, ``"reverse"`` or ``"questionable"``: where the first three
    together outnumber the others the most frequent of them, else of the others. ``None`` of nobody."""
    counts: dict[str, int]
    """How many people see it how, by category."""
    n: int
    """How many answered both questions."""
    satisfaction: float | None
    """How much having it satisfies, from 0 to 1: :math:`(A + O) / (A + O + M + I)`."""
    dissatisfaction: float | None
    """How much lacking it dissatisfies, from −1 to 0: :math:`−(O + M) / (A + O + M + I)`."""
    strength: float | None
    """The lead of the most frequent category over the next, as a share of all; below .06 the category is not clear."""
    questionable_share: float | None
    """The share of answers that contradict each other."""
    is_bad_question: bool
    """Whether more than 10 % do, so that the question should be worded anew."""
    is_enough: bool
    """Whether 30 people answered, the fewest that the figures should be shown of."""


def kano(data: Data, features: Mapping[str, tuple[str, str]]) -> dict[str, Kano]:
    """What each feature is to people, from how they would feel with it and without it.

    ``features`` gives for each feature the column of answers to having it and that of answers to not having it, each from 1 (I would
    like it) over 2 (expect it), 3 (do not care) and 4 (live with it) to 5 (dislike it). Who left out one of the two is not counted.

    ============== ==== ====== ======== ========= =======
    with, without  like expect not care live with dislike
    ============== ==== ====== ======== ========= =======
    like           Q    A      A        A         O
    expect         R    I      I        I         M
    not care       R    I      I        I         M
    live with      R    I      I        I         M
    dislike        R    R      R        R         Q
    ============== ==== ====== ======== ========= =======

    M is must-be, O one-dimensional, A attractive, I indifferent, R reverse, Q questionable.

    Source: Kano et al. (1984), Attractive quality and must-be quality, Journal of the Japanese Society for Quality Control 14(2),
    39–48; Berger et al. (1993), Kano's methods for understanding customer-defined quality, Center for Quality Management Journal 2(4).

    >>> answers = {"with": [1, 1, 2, 1], "without": [3, 5, 5, None]}
    >>> delivery = kano(answers, {"delivery": ("with", "without")})["delivery"]
    >>> delivery.counts["must_be"], delivery.n, round(delivery.satisfaction, 4), round(delivery.dissatisfaction, 4)
    (1, 3, 0.6667, -0.6667)
    """
    asked = mapping("features", features, '{"delivery": ("delivery_with", "delivery_without")}')
    pairs = {name: _pair(name, pair) for name, pair in asked.items()}
    table = native(data, *(column for pair in pairs.values() for column in pair))
    return {name: _kano(_native.judge_feature(table, *pair)) for name, pair in pairs.items()}


def best_worst(data: Data, sets: Sequence[Sequence[str]], best: Sequence[str], worst: Sequence[str]) -> Any:
    """Best-worst scaling: how much each object matters to each respondent, which nobody can answer by agreeing with everything.

    ``sets`` are the objects shown together, each object in equally many; ``best`` and ``worst`` name for each set the column that says
    which of its objects was chosen. An object's score is :math:`(times best − times worst) / times shown`, from −1 to 1; a respondent's
    sum to 0.

    The result has a column for each object, and ``is_positional``, true where the best stood at one place in all sets and the worst at
    one, as hardly anybody answers who reads; in the rows of ``data`` and of its kind. Who left out a set has nulls (NaN in pandas).

    Source: Louviere, Flynn and Marley (2015), Best-Worst Scaling: Theory, Methods and Applications, Cambridge University Press.

    >>> sets = [["price", "speed"], ["speed", "taste"], ["taste", "price"]]
    >>> chosen = {"b1": ["price"], "w1": ["speed"], "b2": ["taste"], "w2": ["speed"], "b3": ["price"], "w3": ["taste"]}
    >>> best_worst(chosen, sets, ["b1", "b2", "b3"], ["w1", "w2", "w3"]).to_pydict()
    {'price': [1.0], 'speed': [-1.0], 'taste': [0.0], 'is_positional': [False]}
    """
    places: dict[str, int] = {}
    shown = [names("a set", of, '["price", "speed"]') for of in sets]
    coded = [[places.setdefault(name, len(places)) for name in of] for of in shown]
    columns = tuple(names(f"`{option}`", of, '["best_1", "best_2"]') for option, of in (("best", best), ("worst", worst)))
    for option, of in zip(("best", "worst"), columns):
        if len(of) != len(coded):
            raise InvalidDefinitionError(
                f"`{option}` has {len(of)} columns and there are {len(coded)} sets", "invalid_definition", "name one a set"
            )
    table = native(data, *columns[0], *columns[1])
    return rows_like(data, _native.best_worst_scores(table, list(places), coded, *columns))


def _kano(of: _native.Feature) -> Kano:
    return Kano(
        category=of.category,
        counts=dict(of.counts),
        n=of.n,
        satisfaction=of.satisfaction,
        dissatisfaction=of.dissatisfaction,
        strength=of.strength,
        questionable_share=of.questionable_share,
        is_bad_question=of.is_bad_question,
        is_enough=of.is_enough,
    )


def _pair(name: str, pair: Any) -> tuple[str, str]:
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise InvalidDefinitionError(
            f"feature `{name}` is {pair!r}", "invalid_definition", "give the column of having it, and that of not having it"
        )
    return str(pair[0]), str(pair[1])
