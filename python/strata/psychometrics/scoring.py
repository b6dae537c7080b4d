"""From answers to scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import _native
from .._arguments import number
from .._columns import Data, native, rows_like
from ._scales import Scale, keys_of_all, range_of


def score(
    data: Data,
    scales: Mapping[str, Scale],
    *,
    response: tuple[float, float],
    min_answered: float = 0.75,
    ipsatised: bool = False,
) -> Any:
    """The score of each respondent on each scale: the mean of the items that were answered, reversed ones turned.

    With the least and the greatest answer :math:`a` and :math:`b` of ``response``, :math:`x′ = a + b − x` of a reversed item and x of any
    other, and a score is the mean of x′ over the answered items of the scale. There is none where less than the share
    ``min_answered`` of them is answered. Nothing is filled in.

    ``ipsatised=True`` takes from each score the respondent's mean of x′ over all items, which are then one block such as Schwartz's
    values: what is left says what matters more to a person than the rest. The column ``person_mean`` is that mean. No one has scores
    who answered less than 70 % of the block.

    The result has a column for each scale, in the rows of ``data`` and of its kind (a :class:`strata.Table` for a dict); a score that is
    missing is a null, NaN in pandas. An answer outside of ``response`` is refused with its place.

    Source: Schwartz (1992), Universals in the content and structure of values, Advances in Experimental Social Psychology 25, 1–65, for
    ipsatised scores.

    >>> answers = {"q1": [5, 1, 4], "q2": [4, 2, None], "q3": [1, 5, None]}
    >>> score(answers, {"price": ["q1", "q2", "-q3"]}, response=(1, 5)).to_pydict()
    {'price': [4.666666666666667, 1.3333333333333333, nan]}
    >>> score(answers, {"price": {"items": ["q1", "q2"], "reversed": ["q3"]}}, response=(1, 5), min_answered=0.3).to_pydict()
    {'price': [4.666666666666667, 1.3333333333333333, 4.0]}
    """
    keyed = keys_of_all(scales)
    table = native(data, *(item for _, keys in keyed for item, _ in keys))
    share = number("min_answered", min_answered)
    return rows_like(data, _native.score_scales(table, keyed, range_of(response), share, bool(ipsatised)))
