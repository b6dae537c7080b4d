"""Whether a model's predictions held: beside what happened, and beside rules of thumb."""

from __future__ import annotations

from .. import _native
from .._columns import Data, native
from ..table import Table
from .timing import TimingModel

VERDICTS = {
    "better": "better than both rules of thumb",
    "no_worse": "no worse than the rules of thumb, and not better than both by more than chance",
    "worse": "worse than a rule of thumb: do not use it",
}


class Validation:
    """How predictions of purchases did.

    ================== ==============================================================================================
    ``verdict``        ``"better"``, ``"no_worse"`` or ``"worse"`` than rules of thumb, by more than chance, where it
                       counts: how far off (root mean squared error) and whom it ranks first (Gini)
    ``measures``       a :class:`strata.Table` of each measure: the model's figure and those of the rules of thumb
    ``comparisons``    the model's advantage over each rule of thumb in each measure, with a 95 % bootstrap interval
    ``by_frequency``   by the number of purchases before: how many were foretold, on average, and how many came
    ================== ==============================================================================================

    The rules of thumb are ``rate_so_far`` (as fast as until now) and ``mean_of_all`` (as everybody).
    """

    def __init__(self, validation: _native.Validation) -> None:
        self.verdict = validation.verdict
        names = ["model", "rate_so_far", "mean_of_all"]
        self.measures = Table.from_columns(
            {
                "measure": [name for name, _ in validation.measures],
                **{of: [row[place] for _, row in validation.measures] for place, of in enumerate(names)},
            }
        )
        compared = list(zip(*validation.comparisons))
        self.comparisons = Table.from_columns(
            {
                "measure": list(compared[0]),
                "rule": list(compared[1]),
                "advantage": list(compared[2]),
                "low": [None if interval is None else interval[0] for interval in compared[3]],
                "high": [None if interval is None else interval[1] for interval in compared[3]],
                "winner": list(compared[4]),
            }
        )
        groups = list(zip(*validation.by_frequency))
        self.by_frequency = Table.from_columns(
            dict(zip(["frequency", "and_more", "customers", "expected", "actual"], map(list, groups)))
        )

    def __repr__(self) -> str:
        return f"<strata.Validation {VERDICTS[self.verdict]}>"


def validate_purchases(
    model: TimingModel, data: Data, *, test_t: float | None = None, resamples: int = 400, seed: int = 0
) -> Validation:
    """Holds what ``model`` foretells against what happened.

    ``data`` is a table of :func:`strata.rfm_train_test_split`; fit the model to it first. ``test_t`` is how long the test is, in the unit
    of the data; the column ``test_T`` says it where none is given. Intervals are of a bootstrap over customers.

    >>> from strata import BetaGeoModel, validate_purchases
    >>> model = BetaGeoModel.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> seen = {
    ...     "frequency": [0, 1, 2, 5], "recency": [0.0, 3.0, 20.0, 35.0], "T": [39.0, 30.0, 38.0, 39.0],
    ...     "test_frequency": [0, 0, 1, 6],
    ... }
    >>> validate_purchases(model, seen, test_t=39).by_frequency.to_pydict()["actual"]
    [0.0, 0.0, 1.0, 6.0]
    """
    held = native(data, "test_frequency", None if test_t is not None else "test_T")
    validation = _native.validate_purchases(
        model._native(), model._customers(data), held, test_t, resamples, seed
    )
    return Validation(validation)
