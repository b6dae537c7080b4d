"""The half of the package that is written in Rust. Private: its wrappers say what it does."""

from os import PathLike
from collections.abc import Callable
from typing import Any

VERSION: str
ENGINE: bool

class Table:
    @staticmethod
    def from_arrow(data: object) -> Table: ...
    @staticmethod
    def from_columns(columns: list[tuple[str, str, Any]]) -> Table: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __len__(self) -> int: ...
    def column_names(self) -> list[str]: ...
    def values(self, name: str) -> tuple[str, Any]: ...

class Project:
    def __init__(
        self, root: str | PathLike[str], memory_mib: int | None = None, partitions: int | None = None
    ) -> None: ...
    def run(
        self,
        as_of: str | None,
        now: str,
        rewind: bool,
        progress: Callable[[str, str, float | None], object] | None,
    ) -> str: ...
    def sql(self, query: str) -> Table: ...
    def members(self, name: str, at: str | None) -> Table: ...
    def preview(self, text: str, subject: str, as_of: str | None) -> str: ...

def rfm_summary(
    orders: Table,
    customer_id: str,
    time: str,
    amount: str | None,
    observation_end: int | None,
    freq: str,
    time_scaler: float,
    include_first_transaction: bool,
) -> Table: ...
def rfm_scores(
    orders: Table, customer_id: str, time: str, amount: str, as_of: int | None, tiles: int
) -> Table: ...
