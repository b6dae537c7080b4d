"""How well the items of a scale agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import _native
from .._arguments import seed
from .._columns import Data
from ._scales import Scale, one_scale, range_of


@dataclass(frozen=True)
class Alpha:
    """Cronbach's α of a scale, and what each item does in it."""

    alpha: float
    """:math:`k / (k − 1) · (1 − tr S / 1ᵀS1)` of the covariances S of k items."""
    std_alpha: float
    """:math:`k r̄ / (1 + (k − 1) r̄)`: α of standardised items."""
    average_r: float
    """The mean correlation of two items, :math:`r̄`."""
    standard_error: float
    """The asymptotic standard error of α by Duhachek and Iacobucci."""
    spearman_brown: float | None
    """Of two items :math:`2r / (1 + r)`, which is to be preferred there; ``None`` of more."""
    ordinal_alpha: float | None
    """α of polychoric correlations, where it was asked for."""
    is_ordinal_due: bool
    """Whether the ordinal α says more: an item has at most four categories, or a skewness beyond 1."""
    n: int
    """How many respondents count: those with all answers, pairwise those with any."""
    item_rest: dict[str, float]
    """Each item's correlation with the sum of the others. Below 0 its key is probably wrong, below .20 it hardly belongs."""
    alpha_if_deleted: dict[str, float | None]
    """α of the other items; ``None`` where fewer than two are left."""
    notes: tuple[str, ...]
    """What a reader must know, in sentences."""


@dataclass(frozen=True)
class Omega:
    """McDonald's ω of a scale: reliability where items do not share alike in what they measure."""

    total: float | None
    """:math:`(Σλ)² / ((Σλ)² + Σθ)` of one factor in units of the answers: of the sum as it is scored. ``None`` of a Heywood case."""
    std_total: float | None
    """The same of standardised items, as ``psych::omega(nfactors = 1)`` prints it."""
    hierarchical: float | None
    """The share of the sum's variance that a general factor above three groups explains, :math:`(Σg)² / 1ᵀR1`; ``None`` of fewer than nine
    items, and where ``notes`` says so."""
    hierarchical_total: float | None
    """The share that the general factor and the groups explain together, :math:`1 − Σu² / 1ᵀR1`; ``None`` as above."""
    n: int
    """How many respondents count: those with all answers, pairwise those with any."""
    loadings: dict[str, float]
    """The standardised loadings on one factor, λ."""
    general: dict[str, float] | None
    """The loadings on the general factor, g."""
    groups: dict[str, list[float]] | None
    """The loadings on what the general factor leaves of each group."""
    notes: tuple[str, ...]
    """What a reader must know, in sentences."""


@dataclass(frozen=True)
class Verdict:
    """What a scale may be used for."""

    use: str
    """``"usable"``; ``"segment_means_only"``, where means of segments stand but scores of persons do not; or ``"dropped"``."""
    reasons: tuple[str, ...]
    """Why, gate by gate, in sentences."""

    def __str__(self) -> str:
        return "\n".join([self.use, *(f"- {reason}" for reason in self.reasons)])


def alpha(
    data: Data,
    items: Scale | None = None,
    *,
    response: tuple[float, float] | None = None,
    missing: str = "pairwise",
    ordinal: bool = False,
) -> Alpha:
    """Cronbach's α of a scale, the correlation of each item with the rest, and α without each item.

    :math:`α = k / (k − 1) · (1 − tr S / 1ᵀS1)` of the covariances S of k items, reversed ones turned. ``items`` are all columns where
    they are not named. A ``response`` range, the least and the greatest answer, refuses others; α is the same without it.

    ``missing="pairwise"`` takes each covariance over all who answered both items, as ``psych::alpha`` and ``pingouin.cronbach_alpha`` do
    unless told otherwise; ``"listwise"`` takes those alone who answered every item. ``ordinal=True`` gives the ordinal α besides, for
    answers in few categories.

    Source: Cronbach (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16, 297–334; Duhachek and Iacobucci
    (2004), Alpha's standard error, Journal of Applied Psychology 89, 792–808; Eisinga, te Grotenhuis and Pelzer (2013), The reliability
    of a two-item scale, International Journal of Public Health 58, 637–642; Zumbo, Gadermann and Zeisser (2007), Ordinal versions of
    coefficients alpha and theta for Likert rating scales, Journal of Modern Applied Statistical Methods 6, 21–29.

    >>> found = alpha({"q1": [1, 2, 3, 4], "q2": [1, 3, 2, 4], "q3": [4, 3, 2, 1]}, ["q1", "q2", "-q3"])
    >>> round(found.alpha, 4)
    0.9512
    >>> {item: round(r, 4) for item, r in found.item_rest.items()}
    {'q1': 0.9487, 'q2': 0.8, 'q3': 0.9487}
    """
    table, keys = one_scale(data, items)
    limits = None if response is None else range_of(response)
    found: _native.Alpha = _native.scale_alpha(table, keys, limits, missing, bool(ordinal))
    return Alpha(
        alpha=found.alpha,
        std_alpha=found.std_alpha,
        average_r=found.average_r,
        standard_error=found.standard_error,
        spearman_brown=found.spearman_brown,
        ordinal_alpha=found.ordinal_alpha,
        is_ordinal_due=found.is_ordinal_due,
        n=found.n,
        item_rest=dict(zip(found.items, found.item_rest)),
        alpha_if_deleted=dict(zip(found.items, found.alpha_if_deleted)),
        notes=tuple(found.notes),
    )


def omega(
    data: Data,
    items: Scale | None = None,
    *,
    response: tuple[float, float] | None = None,
    method: str = "minres",
    missing: str = "pairwise",
) -> Omega:
    """McDonald's ω of a scale of three items or more: total of one factor, and from nine items on hierarchical besides.

    With loadings λ and own variances θ of one factor, :math:`ω = (Σλ)² / ((Σλ)² + Σθ)`. Hierarchical ω is the general factor's share by
    Schmid and Leiman's transformation of three oblique factors (least squares, oblimin).

    ``items``, ``response`` and ``missing`` are those of :func:`alpha`. ``method`` is how one factor is found: ``"minres"``, the least
    squares of what correlations leave, or ``"ml"``, the greatest likelihood. With ``"ml"`` and ``missing="listwise"`` ``total`` is what
    :func:`judge` and projects go by.

    Source: McDonald (1999), Test Theory: A Unified Treatment; Zinbarg, Revelle, Yovel and Li (2005), Cronbach's α, Revelle's β, and
    McDonald's ωH, Psychometrika 70, 123–133; Schmid and Leiman (1957), The development of hierarchical factor solutions, Psychometrika
    22, 53–61.

    >>> found = omega({"q1": [1, 2, 3, 4, 5], "q2": [1, 3, 2, 5, 4], "q3": [5, 3, 4, 1, 2]}, ["q1", "q2", "-q3"])
    >>> found.loadings.keys()
    dict_keys(['q1', 'q2', 'q3'])
    >>> found.hierarchical is None
    True
    """
    table, keys = one_scale(data, items)
    limits = None if response is None else range_of(response)
    found: _native.Omega = _native.scale_omega(table, keys, limits, method, missing)
    return Omega(
        total=found.total,
        std_total=found.std_total,
        hierarchical=found.hierarchical,
        hierarchical_total=found.hierarchical_total,
        n=found.n,
        loadings=dict(zip(found.items, found.loadings)),
        general=None if found.general is None else dict(zip(found.items, found.general)),
        groups=None if found.groups is None else dict(zip(found.items, found.groups)),
        notes=tuple(found.notes),
    )


def judge(
    data: Data, items: Scale | None = None, *, response: tuple[float, float] | None = None, random_state: Any = 0
) -> Verdict:
    """What a scale may be used for, by the gates that projects hold theirs against.

    Respondents who answered every item count; leave out first whom :func:`careless` excludes. The gates: 200 respondents; ω (greatest
    likelihood) of .70, with .60 for means of segments; an item-rest correlation of .20; a first eigenvalue three times the second, or
    one dimension by parallel analysis; of two items a Spearman-Brown coefficient of .60. What cannot be known does not pass.

    >>> print(judge({"q1": [1, 2, 3, 4], "q2": [1, 3, 2, 4]}).use)
    dropped
    """
    table, keys = one_scale(data, items)
    limits = None if response is None else range_of(response)
    use, reasons = _native.judge_scale(table, keys, limits, seed(random_state))
    return Verdict(use, tuple(reasons))
