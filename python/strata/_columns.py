"""Between what users have (frames, dicts, arrays, lists) and tables: which kind a column is, and what it is handed over as.

A column goes in as an array where it is numbers or times, and as a list otherwise; it comes back as bytes in the machine's order,
eight a value, or as a list. NumPy, pandas, Polars and pyarrow are recognised by what their objects can do and are never imported on the way in.
"""

from __future__ import annotations

import datetime as dt
import math
from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from . import _native
from .errors import InvalidInputError
from .table import Table

if TYPE_CHECKING:
    import numpy

NOT_A_TIME = -(2**63)
_EPOCH = dt.datetime(1970, 1, 1)
_MICROSECOND = dt.timedelta(microseconds=1)


class ArrowStream(Protocol):
    """An object that hands out a table by the Arrow PyCapsule interface: a Polars frame, a pyarrow table, a DuckDB relation."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


Data = Table | ArrowStream | Mapping[str, Any]
"""What functions of Strata take: a table of any library of the Arrow PyCapsule interface, a pandas frame, a dict of columns."""


def library(data: object) -> str:
    """The package that made an object: ``"pandas"``, ``"polars"``, …"""
    return type(data).__module__.partition(".")[0]


def native(data: object, *wanted: str | None, known: _native.Table | None = None) -> _native.Table:
    """Takes a table from whatever holds one. Where columns are ``wanted``, others are left where they are, and one that is not there
    is an error. Where the table is ``known`` to the last number, it is that one."""
    asked = [name for name in wanted if name is not None]
    columns = _columns_of(data)
    if columns is not None:
        _native.Table.require([str(name) for name in columns], asked)
        taken = {str(name): columns[name] for name in columns if not asked or str(name) in asked}
        handed_over = [(name, *_handed_over(name, taken[name])) for name in taken]
        if known is not None and known.holds(handed_over):
            return known
        return _native.Table.from_columns(handed_over)
    table = _of_arrow(data)
    _native.Table.require(table.column_names(), asked)
    return table


def has_column(data: object, name: str) -> bool:
    """Whether a table has a column."""
    columns = _columns_of(data)
    return name in (_of_arrow(data).column_names() if columns is None else columns)


def like(data: object, table: _native.Table) -> Any:
    """A table as the library that ``data`` is from has them."""
    match library(data):
        case "pandas":
            return Table._of(table).to_pandas()
        case "polars":
            return Table._of(table).to_polars()
        case "pyarrow":
            return Table._of(table).to_pyarrow()
        case _:
            return Table._of(table)


def rows_like(data: object, table: _native.Table) -> Any:
    """A table with a row for each row of ``data``, as its library has them: in pandas with its index."""
    made = like(data, table)
    if library(data) == "pandas":
        made.index = cast(Any, data).index
    return made


def column_like(data: object, name: str, values: bytearray) -> Any:
    """Floats, one for each row of ``data``, as its library has columns; an ``array`` where it has none of its own."""
    if library(data) == "pandas":
        import numpy
        import pandas

        return pandas.Series(numpy.frombuffer(values, "float64"), index=cast(Any, data).index, name=name)
    floats = array("d", bytes(values))
    match library(data):
        case "polars":
            import polars

            return polars.Series(name, floats, dtype=polars.Float64)
        case "pyarrow":
            import pyarrow

            return pyarrow.array(floats, pyarrow.float64())
        case _:
            return floats


def micros(at: dt.datetime | dt.date | str) -> int:
    """Microseconds from 1970 to an instant; a date is its midnight, and what has no zone is UTC's."""
    if isinstance(at, str):
        try:
            at = dt.datetime.fromisoformat(at)
        except ValueError as cause:
            raise InvalidInputError(
                f"`{at}` is neither a date nor a time", "invalid_input", "write 2026-03-31 or 2026-03-31T14:00:00"
            ) from cause
    if not isinstance(at, dt.datetime):
        at = dt.datetime(at.year, at.month, at.day)
    if at.tzinfo is not None:
        at = at.astimezone(dt.timezone.utc).replace(tzinfo=None)
    return (at - _EPOCH) // _MICROSECOND


def as_list(kind: str, values: Any) -> list[Any]:
    """A column of a table as a list."""
    match kind:
        case "whole":
            return array("q", values).tolist()
        case "number":
            return array("d", values).tolist()
        case "instant":
            return [_instant(at, dt.timezone.utc) for at in array("q", values)]
        case "local":
            return [_instant(at, None) for at in array("q", values)]
        case "day":
            return [
                None if day == NOT_A_TIME else (_EPOCH + dt.timedelta(days=day)).date() for day in array("q", values)
            ]
        case _:
            return cast("list[Any]", values)


def as_array(kind: str, values: Any) -> Any:
    """A column of a table as pandas takes it. Where this is called, NumPy is there, since pandas is."""
    import numpy
    import pandas

    match kind:
        case "whole":
            return numpy.frombuffer(values, "int64").copy()
        case "number":
            return numpy.frombuffer(values, "float64").copy()
        case "instant":
            return pandas.Series(_times(values, "us")).dt.tz_localize("UTC")
        case "local":
            return _times(values, "us")
        case "day":
            return _times(values, "D").astype("datetime64[s]")
        case "truth" if None not in values:
            return numpy.array(values, dtype="bool")
        case _:
            return pandas.Series(values, dtype="object") if kind == "object" else pandas.Series(values)


def _times(values: bytes, unit: str) -> numpy.ndarray[Any, Any]:
    import numpy

    # NumPy's missing time is the same number as ours.
    return numpy.frombuffer(values, "int64").astype(f"datetime64[{unit}]")


def _instant(at: int, zone: dt.timezone | None) -> dt.datetime | None:
    return None if at == NOT_A_TIME else (_EPOCH + at * _MICROSECOND).replace(tzinfo=zone)


def _columns_of(data: object) -> Any | None:
    """The columns by name where a table is taken column by column: a dict; and a pandas frame, whose own way to Arrow needs pyarrow."""
    return data if isinstance(data, Mapping) or (library(data) == "pandas" and hasattr(data, "columns")) else None


def _of_arrow(data: object) -> _native.Table:
    if isinstance(data, Table):
        return data._native
    if library(data) == "polars" and hasattr(data, "collect"):
        data = data.collect()
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        return _native.Table.from_arrow(data)
    raise InvalidInputError(
        f"a {type(data).__name__} is no table",
        "invalid_input",
        "give a frame of pandas or Polars, a pyarrow table, or a dict of columns",
    )


def _handed_over(name: str, column: Any) -> tuple[str, Any]:
    """What a column is made of, and its array or its list."""
    if library(column) == "polars":
        column = column.to_list()
    elif hasattr(column, "to_numpy") and library(column) == "pandas":
        column = _of_pandas(column)
    elif hasattr(column, "to_pylist"):
        column = column.to_pylist()
    kind = getattr(getattr(column, "dtype", None), "kind", None)
    if kind is not None and getattr(column, "ndim", 1) != 1:
        raise InvalidInputError(f"column `{name}` has {column.ndim} dimensions", "invalid_input", "give one value a row")
    match kind:
        case "f":
            return "number", column.astype("float64", copy=False)
        case "i" | "u" if column.dtype.str[1:] != "u8":
            return "whole", column.astype("int64", copy=False)
        case "M":
            return "instant", column.astype("datetime64[us]").astype("int64")
    if isinstance(column, array):
        return ("number", array("d", column)) if column.typecode in "fd" else ("whole", array("q", column))
    if hasattr(column, "tolist"):
        column = column.tolist()
    if isinstance(column, (str, bytes)) or not isinstance(column, Sequence):
        raise InvalidInputError(
            f"column `{name}` is a {type(column).__name__}", "invalid_input", "give a list or an array of values"
        )
    return _of_values(name, column)


def _of_pandas(series: Any) -> Any:
    """A pandas column as NumPy's: times in UTC, numbers of pandas' own nullable types as floats."""
    kind = series.dtype
    if getattr(kind, "tz", None) is not None:
        return series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    # NumPy's own numbers have no gaps but NaN; looking for them would cost as much as handing the column over.
    if library(kind) != "numpy" and getattr(kind, "kind", None) in ("i", "u", "f") and series.isna().any():
        return series.to_numpy(dtype="float64", na_value=math.nan)
    return series.to_numpy()


def _of_values(name: str, values: Sequence[Any]) -> tuple[str, Any]:
    """A list of Python's own values: all of one kind, with ``None`` (and among texts and times NaN and NaT) for what is missing."""
    present = [None if _is_gap(value) else value for value in values]
    kinds = {type(value) for value in present if value is not None}
    if not kinds:
        # NaN alone makes a column of numbers; nothing at all makes one of texts, whose kind no function asks for.
        return ("number", list(values)) if any(isinstance(value, float) for value in values) else ("text", present)
    if kinds == {bool}:
        return "truth", present
    if all(issubclass(kind, int) and kind is not bool for kind in kinds):
        return "whole", present
    if all(issubclass(kind, str) for kind in kinds):
        return "text", present
    if all(issubclass(kind, dt.date) for kind in kinds):
        return "instant", [None if value is None else micros(value) for value in present]
    try:
        return "number", [None if value is None else float(value) for value in values]
    except (TypeError, ValueError) as cause:
        found = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise InvalidInputError(
            f"column `{name}` holds values of several kinds, or of one that is not known: {found}",
            "invalid_input",
            "give numbers, texts, or dates and times",
        ) from cause


def _is_gap(value: Any) -> bool:
    """Whether a value is how a library marks a missing one: NaN, NaT and ``pandas.NA`` are not equal to themselves."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:
        return True
