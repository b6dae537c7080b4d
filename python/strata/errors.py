"""What can go wrong: one class for each code of Strata's closed list, all of them a ``StrataError``."""

from __future__ import annotations


class StrataError(Exception):
    """An operation that failed.

    ``code`` is the stable name of the kind of failure, the same as in the JSON of the command line; ``hint`` says what to do
    about it, where something can be said.

    >>> try:
    ...     raise NotFoundError("there is no segment `vips`", "not_found", "did you mean `vip`?")
    ... except StrataError as error:
    ...     print(error.code, error.hint, sep=": ")
    not_found: did you mean `vip`?
    """

    def __init__(self, message: str, code: str, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}\nhint: {hint}")
        self.message = message
        self.code = code
        self.hint = hint

    def __reduce__(self) -> tuple[type[StrataError], tuple[str, str, str | None]]:
        # An exception crosses to another process with what it was made of.
        return type(self), (self.message, self.code, self.hint)


class InvalidDefinitionError(StrataError, ValueError):
    """A definition, a manifest, a query or an argument is wrong."""


class InvalidInputError(StrataError, ValueError):
    """Data cannot be used; the message names the column and the row."""


class NotFoundError(StrataError, LookupError):
    """Something named does not exist."""


class ConflictError(StrataError):
    """Another run holds the project, or its state forbids the operation."""


class StorageFullError(StrataError):
    """The disk or the quota is full."""


class StorageError(StrataError):
    """Files or tables cannot be read or written."""


class ResourceLimitError(StrataError):
    """A resource limit was reached."""


class CancelledError(StrataError):
    """The operation was stopped."""


class CheckFailedError(StrataError):
    """Checks ran and found problems."""


class InternalError(StrataError):
    """A defect in Strata."""


class MissingPackageError(NotFoundError, ImportError):
    """What was asked for needs a package that is not installed."""


class FitWarning(UserWarning):
    """A model was fitted, and its parameters should not be taken at face value; the message says why."""


def missing(package: str, purpose: str, cause: ImportError) -> MissingPackageError:
    """The error for a package that has to be there for a purpose."""
    error = MissingPackageError(
        f"{purpose} needs {package}, which is not installed", "not_found", f"pip install {package}"
    )
    error.__cause__ = cause
    return error
