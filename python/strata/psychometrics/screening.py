"""Who answered without reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import _native
from .._arguments import number
from .._columns import Data, native, rows_like
from ..errors import InvalidDefinitionError
from ._scales import Keys, Scale, keys_of_all, mapping, range_of


@dataclass(frozen=True)
class Screening:
    """Whose answers are left out, and why.

    Columns of ``respondents``, each a null (NaN in pandas) where it cannot be had:

    ===================== ============================================================================================
    ``is_excluded``       whether the answers are left out
    ``signs``             what speaks against them, a list of sentences; a sign alone need not exclude anybody
    ``long_string_share`` the longest run of equal answers as a share of the items; none without reversed items
    ``variability``       the standard deviation of a person's answers, over the range of answers
    ``distance``          the squared Mahalanobis distance, D²
    ``even_odd``          how the halves of scales agree, a correlation stepped up by ``2r / (1 + r)``
    ``synonyms``          how answers agree to pairs of items that correlate by .60 or more
    ``missing_share``     the share of items without an answer
    ``seconds_per_item``  how fast the answers came
    ===================== ============================================================================================
    """

    respondents: Any
    """A row for each respondent, in the order of the data, as its library has tables."""
    n_excluded: int
    """How many are left out."""
    notes: tuple[str, ...]
    """Why an index is missing for everybody, in sentences."""

    def __repr__(self) -> str:
        return f"<strata.psychometrics.Screening {self.n_excluded:,} of {len(self.respondents):,} excluded>"


def careless(
    data: Data,
    scales: Mapping[str, Scale] | Sequence[Mapping[str, Scale]],
    *,
    response: tuple[float, float] | Sequence[tuple[float, float]],
    instructed: Mapping[str, float] | None = None,
    said_not_to_use: str | None = None,
    seconds: str | None = None,
) -> Screening:
    """Signs of answers that were given without reading, and whom they exclude.

    A respondent is excluded by an instructed item answered otherwise, by their own word, or by two signs of which one is strong: a
    distance that normal answers exceed once in a thousand, halves of scales or items of one meaning that contradict each other, less
    than two seconds an item. Weak signs are a run of equal answers over more than half of the items or among the longest 1 %, and
    answers that vary not at all or among the least 1 %. Each sign is wrong about some honest people, too.

    ``data`` has its columns in the order in which items were asked, and ``response`` is the range of answers. Blocks of items with ranges
    of their own are lists: ``[values, traits]`` with ``response=[(1, 6), (1, 5)]``. ``instructed`` are items
    that say what to answer, with that answer: ``{"check": 2}``. ``said_not_to_use`` names a column of truths, ``seconds`` one that says
    how long all items took.

    Source: Meade and Craig (2012), Identifying careless responses in survey data, Psychological Methods 17, 437–455; Huang et al.
    (2012), Detecting and deterring insufficient effort responding to surveys, Journal of Business and Psychology 27, 99–114; Johnson
    (2005), Dunn et al. (2018) for runs and variability.

    >>> answers = {"q1": [5, 3, 4, 2], "q2": [4, 3, 5, 1], "q3": [1, 3, 2, 5], "check": [2, 3, 2, 2]}
    >>> found = careless(answers, {"price": ["q1", "q2", "-q3"]}, response=(1, 5), instructed={"check": 2})
    >>> found
    <strata.psychometrics.Screening 1 of 4 excluded>
    >>> found.respondents.to_pydict()["signs"][1][0]
    'instructed item `check` was answered otherwise'
    """
    blocks = _blocks(scales, response)
    asked = mapping("instructed", instructed or {}, '{"check": 2}')
    checks = [(item, number("instructed", answer)) for item, answer in asked.items()]
    items = [item for block, _ in blocks for _, keys in block for item, _ in keys] + list(asked)
    table = native(data, *items, said_not_to_use, seconds)
    respondents, notes = _native.screen_answers(table, blocks, checks, said_not_to_use, seconds)
    n_excluded = sum(respondents.values("is_excluded")[1])
    return Screening(rows_like(data, respondents), n_excluded, tuple(notes))


def _blocks(scales: Any, response: Any) -> list[tuple[list[tuple[str, Keys]], tuple[float, float]]]:
    """The blocks of a questionnaire, each with its range."""
    if not isinstance(scales, (list, tuple)):
        return [(keys_of_all(scales), range_of(response))]
    ranges = list(response) if isinstance(response, (list, tuple)) else []
    if len(ranges) != len(scales):
        raise InvalidDefinitionError(
            f"`response` is {response!r} and there are {len(scales)} blocks of scales",
            "invalid_definition",
            "give each block its range, such as [(1, 6), (1, 5)]",
        )
    return [(keys_of_all(block), range_of(of)) for block, of in zip(scales, ranges)]
