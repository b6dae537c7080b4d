"""Between matrices as users have them and points, and back: tables by their columns, arrays and lists of rows by pieces, so that a large
one is copied once. NumPy is used where it is installed and needed nowhere."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import _native
from .._columns import library, native
from ..errors import InvalidInputError, StrataError
from ..table import Table

_PIECE = 1 << 17
"""Numbers of a piece: a megabyte, which stays in a processor's cache on its way."""


def numpy_if_there() -> Any | None:
    """NumPy, where it is installed."""
    try:
        import numpy
    except ImportError:
        return None
    return numpy


def is_frame(X: object) -> bool:
    """Whether something is a frame of pandas."""
    return library(X) == "pandas" and hasattr(X, "columns")


def is_table(X: object) -> bool:
    """Whether something is a table of any library but pandas: it has named columns."""
    if isinstance(X, (Table, Mapping)) or (library(X) == "polars" and (hasattr(X, "collect") or hasattr(X, "columns"))):
        return True
    return library(X) not in ("pandas", "polars", "numpy") and (
        hasattr(X, "__arrow_c_stream__") or hasattr(X, "__arrow_c_array__")
    )


def points(X: Any) -> tuple[_native.Points, int, list[str] | None]:
    """Points, the number of their columns, and the names of these where they have names."""
    if hasattr(X, "toarray"):
        # Before tables: some sparse matrices are dicts.
        raise InvalidInputError(
            "this matrix is sparse, and sparse data are not supported", "invalid_input", "give X.toarray()"
        )
    if is_table(X):
        table = native(X)
        names = table.column_names()
        return _native.Points.from_table(table, names), len(names), names
    if is_frame(X):
        named = list(X.columns)
        names = [str(name) for name in named]
        given = names if named and all(isinstance(name, str) for name in named) else None
        n_rows, n_columns = X.shape
        pieces = (bytes(X.iloc[at].to_numpy("float64", na_value=math.nan).tobytes()) for at in _parts(n_rows, n_columns))
        return _checked(n_rows, n_columns, names, pieces), n_columns, given
    numpy = numpy_if_there()
    rows = _of_lists(X) if numpy is None else _of_array(numpy, X)
    return _checked(rows[0], rows[1], [], rows[2]), rows[1], None


def mixed_table(X: Any, wanted: Sequence[str] = ()) -> _native.Table:
    """A table of any columns; those of an array or of a list of rows are called by their places."""
    if is_frame(X) or is_table(X):
        return native(X, *wanted)
    rows = X.tolist() if hasattr(X, "tolist") else X
    if not (isinstance(rows, Sequence) and all(isinstance(row, Sequence) and not isinstance(row, str) for row in rows)):
        raise InvalidInputError(
            f"a {type(X).__name__} is no table", "invalid_input", "give a frame, a dict of columns, or a list of rows"
        )
    if len({len(row) for row in rows}) > 1:
        raise InvalidInputError("rows differ in length", "invalid_input", "give each row a value in each column")
    columns = {str(place): list(column) for place, column in enumerate(zip(*rows))}
    return native(columns, *wanted)


def _checked(n_rows: int, n_columns: int, names: list[str], pieces: Iterator[bytes]) -> _native.Points:
    # In the words of scikit-learn, whose users know them.
    shape = f"(shape=({n_rows}, {n_columns})) while a minimum of 1 is required."
    if n_columns == 0:
        raise InvalidInputError(f"0 feature(s) {shape}", "invalid_input", "give the columns to cluster by")
    if n_rows == 0:
        raise InvalidInputError(f"0 sample(s) {shape}", "invalid_input", "give the rows to cluster")
    try:
        return _native.Points(n_rows, n_columns, names, pieces)
    except StrataError:
        raise
    except ValueError as cause:
        raise _no_number(cause) from cause


def _no_number(cause: ValueError) -> InvalidInputError:
    return InvalidInputError(
        str(cause), "invalid_input", "leave out what is no number, or use KPrototypes or LatentClass for categories"
    )


def _parts(n_rows: int, n_columns: int) -> Iterator[slice]:
    size = max(1, _PIECE // max(1, n_columns))
    return (slice(start, start + size) for start in range(0, n_rows, size))


def _of_array(numpy: Any, X: Any) -> tuple[int, int, Iterator[bytes]]:
    values = numpy.asarray(X)
    if values.dtype.kind == "c":
        raise InvalidInputError("Complex data not supported", "invalid_input", "give real numbers")
    if values.ndim != 2:
        raise InvalidInputError(
            f"Expected 2D array, got {values.ndim}D array instead. Reshape your data",
            "invalid_input",
            "X.reshape(-1, 1) makes one column of a list, X.reshape(1, -1) one row",
        )
    if values.dtype.kind not in "fiub":
        try:
            values = values.astype("float64")
        except ValueError as cause:
            raise _no_number(cause) from cause
    n_rows, n_columns = values.shape
    return n_rows, n_columns, (
        numpy.ascontiguousarray(values[at], dtype="float64").tobytes() for at in _parts(n_rows, n_columns)
    )


def _of_lists(X: Any) -> tuple[int, int, Iterator[bytes]]:
    try:
        rows = [array("d", row) for row in X]
    except TypeError as cause:
        raise InvalidInputError(
            f"a {type(X).__name__} is no table of numbers. Reshape your data",
            "invalid_input",
            "give a list of rows, each a list of numbers",
        ) from cause
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise InvalidInputError("rows differ in length", "invalid_input", "give each row a number in each column")
    return len(rows), max(widths, default=0), (row.tobytes() for row in rows)


def flat(matrix: Any, width: int) -> bytes:
    """A matrix that was learned or given, such as centres, as bytes; refuses rows of another width."""
    numbers = array("d")
    for row in matrix:
        own = [float(value) for value in row] if hasattr(row, "__iter__") else [float(row)]
        if len(own) != width:
            raise InvalidInputError(
                f"a row of {len(own)} numbers where there are {width} columns", "invalid_input", "give one number a column"
            )
        numbers.extend(own)
    return numbers.tobytes()


def vector(values: bytes) -> Any:
    """Floats: an array of NumPy where it is installed, otherwise an ``array``."""
    numpy = numpy_if_there()
    return array("d", values) if numpy is None else numpy.frombuffer(values, "float64").copy()


def matrix(values: bytes, *shape: int) -> Any:
    """Rows of floats: an array of NumPy where it is installed, otherwise lists. The first of the shape is −1, for what there is."""
    numpy = numpy_if_there()
    if numpy is not None:
        return numpy.frombuffer(values, "float64").reshape(shape).copy()
    rows: list[Any] = array("d", values).tolist()
    for width in reversed(shape[1:]):
        rows = [rows[start : start + width] for start in range(0, len(rows), width)]
    return rows


def labels_like(X: Any, values: bytes) -> Any:
    """Labels, a whole number a row: as the library of ``X`` has columns, otherwise as :func:`vector`."""
    return _column_like(X, "label", "i", values)


def floats_like(X: Any, name: str, values: bytes) -> Any:
    """Floats, one a row, likewise."""
    return _column_like(X, name, "d", values)


def _column_like(X: Any, name: str, code: str, values: bytes) -> Any:
    numpy = numpy_if_there()
    kind = {"i": "int32", "d": "float64"}[code]
    if is_frame(X):
        import pandas

        assert numpy is not None, "pandas needs NumPy"
        return pandas.Series(numpy.frombuffer(values, kind).copy(), index=X.index, name=name)
    match library(X):
        case "polars":
            import polars

            return polars.Series(name, array(code, values), dtype={"i": polars.Int32, "d": polars.Float64}[code])
        case "pyarrow":
            import pyarrow

            of = {"i": pyarrow.int32(), "d": pyarrow.float64()}[code]
            return pyarrow.Array.from_buffers(of, len(values) // array(code).itemsize, [None, pyarrow.py_buffer(values)])
        case _:
            return array(code, values) if numpy is None else numpy.frombuffer(values, kind).copy()
