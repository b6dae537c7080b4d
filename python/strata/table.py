"""Tables as Strata gives them: Arrow inside, and whatever library you use outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _native
from .errors import missing

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class Table:
    """Rows in columns, held as Arrow.

    Every library that knows the Arrow PyCapsule interface takes one as it is (``polars.DataFrame(table)``,
    ``pyarrow.table(table)``, ``duckdb.sql("from table")``); the methods below save the import. None of these libraries has
    to be installed for a table to exist.

    >>> table = Table.from_columns({"customer": ["ann", "bob"], "n_orders": [3, 1]})
    >>> table
    <strata.Table 2 rows: customer, n_orders>
    >>> table.to_pydict()
    {'customer': ['ann', 'bob'], 'n_orders': [3, 1]}
    """

    __slots__ = ("_native",)

    def __init__(self, data: object) -> None:
        """Takes the table that ``data`` holds: an object of the PyCapsule interface, a pandas frame, or a dict of columns."""
        from ._columns import native

        self._native: _native.Table = native(data)

    @classmethod
    def from_columns(cls, columns: dict[str, Any]) -> Table:
        """Makes a table of columns by name: lists, NumPy arrays, or series."""
        return cls(columns)

    @classmethod
    def _of(cls, table: _native.Table) -> Table:
        made = cls.__new__(cls)
        made._native = table
        return made

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
        return self._native.column_names()

    def __len__(self) -> int:
        return len(self._native)

    def __repr__(self) -> str:
        rows = "1 row" if len(self) == 1 else f"{len(self):,} rows"
        return f"<strata.Table {rows}: {', '.join(self.column_names)}>"

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The table as an Arrow stream, for other libraries."""
        return self._native.__arrow_c_stream__(requested_schema)

    def to_pydict(self) -> dict[str, list[Any]]:
        """The columns as lists of Python's own values. Times with a zone are in UTC."""
        from ._columns import as_list

        return {name: as_list(*self._native.values(name)) for name in self.column_names}

    def to_pandas(self) -> pandas.DataFrame:
        """The table as a pandas frame; pyarrow is not needed. Whole numbers with gaps become floats with NaN, as is pandas' way.

        Raises ``MissingPackageError`` when pandas is not installed.
        """
        try:
            import pandas
        except ImportError as cause:
            raise missing("pandas", "to_pandas()", cause) from cause
        from ._columns import as_array

        return pandas.DataFrame({name: as_array(*self._native.values(name)) for name in self.column_names})

    def to_polars(self) -> polars.DataFrame:
        """The table as a Polars frame, without a copy where Polars allows it.

        Raises ``MissingPackageError`` when Polars is not installed.
        """
        try:
            import polars
        except ImportError as cause:
            raise missing("polars", "to_polars()", cause) from cause
        return polars.DataFrame(self)

    def to_pyarrow(self) -> pyarrow.Table:
        """The table as a pyarrow table, without a copy.

        Raises ``MissingPackageError`` when pyarrow is not installed.
        """
        try:
            import pyarrow
        except ImportError as cause:
            raise missing("pyarrow", "to_pyarrow()", cause) from cause
        return pyarrow.table(self)
