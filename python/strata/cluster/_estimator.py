"""What all estimators have in common: scikit-learn's conventions, without scikit-learn."""

from __future__ import annotations

import abc
import inspect
import sys
import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

from .. import _native
from ..errors import FitWarning, InvalidDefinitionError, InvalidInputError, StrataError
from ._matrix import numpy_if_there, points


class Estimator:
    """An estimator as scikit-learn has them: the constructor stores its parameters as they are, ``fit`` checks them, learns and returns
    the estimator, and what it learned ends in an underscore. :func:`sklearn.base.clone`, pipelines and searches take it.

    ======================= ==========================================================================
    ``n_features_in_``      how many columns it was fitted to
    ``feature_names_in_``   their names, where they have names
    ======================= ==========================================================================

    What goes in is an array of NumPy, a list of rows, a frame of pandas or Polars, a pyarrow table, or a dict of columns. What comes
    out a row, such as labels, is a series of pandas or Polars or a pyarrow array where such a table went in, otherwise an array of
    NumPy; matrices are arrays of NumPy. Where NumPy is not installed, an ``array.array`` and lists take their places.
    """

    _estimator_type: ClassVar[str | None] = "clusterer"

    n_features_in_: int
    feature_names_in_: Any

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters of the constructor, by name. ``deep`` is there for scikit-learn: no parameter is an estimator."""
        return {name: getattr(self, name) for name in self._parameters()}

    def set_params(self, **params: Any) -> Any:
        """Sets parameters of the constructor, by name, and returns the estimator."""
        for name, value in params.items():
            if name not in self._parameters():
                raise InvalidDefinitionError(
                    f"{type(self).__name__} has no parameter `{name}`",
                    "invalid_definition",
                    f"its parameters are {', '.join(self._parameters())}",
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = self._parameters()
        given = {name: value for name, value in self.get_params().items() if value is not defaults[name].default}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in given.items())})"

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=self._estimator_type,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags() if hasattr(self, "transform") else None,
            input_tags=InputTags(),
        )

    @classmethod
    def _parameters(cls) -> dict[str, inspect.Parameter]:
        parameters = inspect.signature(cls.__init__).parameters
        return {name: of for name, of in parameters.items() if name != "self"}

    def _points(self, X: Any, least: int, because: str) -> _native.Points:
        """The points to fit to, at least so many."""
        taken, n_columns, names = points(X)
        if len(taken) < least:
            raise InvalidInputError(
                f"n_samples={len(taken)} where {least} or more are needed for {because}",
                "invalid_input",
                "give more rows, or ask for fewer clusters",
            )
        self._remember(n_columns, names)
        return taken

    def _remember(self, n_columns: int, names: Sequence[str] | None) -> None:
        self.n_features_in_ = n_columns
        if names is not None:
            numpy = numpy_if_there()
            self.feature_names_in_ = list(names) if numpy is None else numpy.array(names, dtype="object")
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _known(self, X: Any) -> _native.Points:
        """The points to speak of, of the columns of the fit."""
        self._check_fitted()
        taken, n_columns, names = points(X)
        self._check_names(names)
        if n_columns != self.n_features_in_:
            raise InvalidInputError(
                f"X has {n_columns} features, but {type(self).__name__} is expecting {self.n_features_in_} features as input",
                "invalid_input",
                "give the columns of the fit, in their order",
            )
        return taken

    def _check_fitted(self) -> None:
        if not hasattr(self, "n_features_in_"):
            raise _not_fitted(type(self).__name__)

    def _check_names(self, names: list[str] | None) -> None:
        """Warns and refuses in the words of scikit-learn, so that filters for them hold."""
        own = list(self.feature_names_in_) if hasattr(self, "feature_names_in_") else None
        name = type(self).__name__
        if own is None or names is None:
            if names is not None:
                warnings.warn(f"X has feature names, but {name} was fitted without feature names", stacklevel=4)
            if own is not None:
                warnings.warn(
                    f"X does not have valid feature names, but {name} was fitted with feature names", stacklevel=4
                )
            return
        if names == own:
            return
        unseen, gone = sorted(set(names) - set(own)), sorted(set(own) - set(names))
        message = "The feature names should match those that were passed during fit.\n"
        message += _listed("Feature names unseen at fit time:\n", unseen)
        message += _listed("Feature names seen at fit time, yet now missing:\n", gone)
        if not unseen and not gone:
            message += "Feature names must be in the same order as they were in fit.\n"
        raise InvalidInputError(message, "invalid_input", "give the columns of the fit, in their order")

    def _warn(self, what: str, depth: int = 1) -> None:
        """Warns whoever called the method that is so many calls above."""
        warnings.warn(f"{type(self).__name__}: {what}", FitWarning, stacklevel=depth + 2)


class Clusterer(Estimator, abc.ABC):
    """An estimator with a label for each row of the fit."""

    labels_: Any

    @abc.abstractmethod
    def fit(self, X: Any, y: Any = None) -> Any:
        """Learns from rows and returns the estimator."""

    def fit_predict(self, X: Any, y: Any = None) -> Any:
        """Fits, and gives the label of each row. ``y`` is there for scikit-learn."""
        return self.fit(X).labels_


def _listed(title: str, names: list[str]) -> str:
    if not names:
        return ""
    return title + "".join(f"- {name}\n" for name in names[:5]) + ("- ...\n" if len(names) > 5 else "")


def _not_fitted(name: str) -> StrataError:
    message = (f"this {name} is not fitted", "invalid_definition", "call fit(X) first")
    loaded = sys.modules.get("sklearn.exceptions")
    if loaded is None:
        return InvalidDefinitionError(*message)

    class NotFittedError(InvalidDefinitionError, loaded.NotFittedError):  # type: ignore[name-defined, misc]
        """What scikit-learn looks for, where it is there."""

        def __reduce__(self) -> tuple[type[StrataError], tuple[str, str, str | None]]:
            return InvalidDefinitionError, (self.message, self.code, self.hint)

    return NotFittedError(*message)
