"""Projects: a folder with ``strata.toml``, brought up to date and asked from Python."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import _native
from .errors import MissingPackageError
from .table import Table

Instant = dt.datetime | dt.date | str

Progress = Callable[[str, str, float | None], object]
"""Who is told how far a run is: ``("stage", name, None)`` when a stage begins, ``("reading", file, share)`` while a file is read,
``("done", name, None)`` when a stage has ended. What it raises stops the run."""


@dataclass(frozen=True)
class Run:
    """A complete run."""

    run_id: str
    """The hash of everything that decided the outcome."""
    as_of: dt.datetime
    """The instant at which everything was evaluated."""
    tables: dict[str, int]
    """The version of each table."""
    stages: dict[str, dict[str, Any]]
    """What each stage did: its ``facts`` and its ``warnings``."""


@dataclass(frozen=True)
class Clause:
    """A clause of a condition: whatever ``and`` joins."""

    condition: str
    sentence: str
    n_alone: int
    """How many subjects it holds for, taken alone."""
    n_undecided: int
    """How many it is undecided for, for want of data."""
    n_left: int
    """How many are left with this clause and all before it."""
    n_removed: int
    """How many it removes of those whom the clauses before it left."""


@dataclass(frozen=True)
class Preview:
    """Whom a condition holds for."""

    subject: str
    as_of: dt.datetime
    condition: str
    """The condition in its normal form."""
    sentence: str
    """The condition in plain English."""
    n_subjects: int
    n_members: int
    n_undecided: int
    """How many it is undecided for, for want of data. They are no members."""
    clauses: list[Clause]
    sample: list[dict[str, Any]]
    """A few members, with what the condition speaks of."""
    scanned: list[str]
    """The canonical tables that had to be read, since no run has stored what was asked of them."""


class Project:
    """A project: customer data, definitions, and the lake of tables that runs have written.

    ::

        project = strata.Project.open("shop")
        project.run()
        project.sql("select country, count(*) as n from profile group by 1").to_pandas()
        project.preview("count(orders) >= 5 and country = 'DE'").n_members

    Other Python threads go on while a method waits for the engine, and Ctrl-C stops it. Nothing is held open between calls: each
    answers from the last complete run, as the files of the project say at that time.
    """

    def __init__(self, root: _native.Project, path: Path) -> None:
        self._native = root
        self.path = path

    @classmethod
    def open(
        cls, path: str | os.PathLike[str] = ".", *, memory_mib: int | None = None, partitions: int | None = None
    ) -> Project:
        """Opens the project in a folder and checks its definitions.

        ``memory_mib`` limits memory before plans spill to disk (six tenths of the machine's by default), ``partitions`` is into how
        many parts a plan is divided.

        Raises ``NotFoundError`` where there is no project, ``InvalidDefinitionError`` with every fault of its definitions.
        """
        if not _native.ENGINE:
            raise MissingPackageError(
                "this build of strata has no engine: it holds the models alone",
                "not_found",
                "build it with its default features: pip install . (docs/python.md)",
            )
        path = Path(path)
        return cls(_native.Project(path, memory_mib, partitions), path)

    def __repr__(self) -> str:
        return f"<strata.Project {self.path}>"

    def run(
        self, as_of: Instant | None = None, *, rewind: bool = False, progress: Progress | None = None
    ) -> Run:
        """Reads what is new, and brings profiles, scores, segments and memberships up to date.

        ``as_of`` is the date (midnight in the project's time zone) or the time with its zone at which everything is evaluated; the
        manifest's where none is given, else now. ``rewind`` allows one before the last run's, whose later memberships are then
        forgotten. ``progress`` is told how far the run is, see :data:`Progress`.
        """
        now = dt.datetime.now(dt.timezone.utc).isoformat()
        outcome = json.loads(self._native.run(_text(as_of), now, rewind, progress))
        return Run(**{**outcome, "as_of": dt.datetime.fromisoformat(outcome["as_of"])})

    def sql(self, query: str) -> Table:
        """The answer to a query in SQL over the tables of the last complete run."""
        return Table._of(self._native.sql(query))

    def members(self, name: str, at: Instant | None = None) -> Table:
        """The members of a segment, or of a class written ``segmentation/class``, with their profiles; at an instant, or at the
        last run."""
        return Table._of(self._native.members(name, _text(at)))

    def preview(self, condition: str, *, subject: str = "customers", as_of: Instant | None = None) -> Preview:
        """Whom a condition would hold for, clause by clause. Nothing is saved.

        ``subject`` is ``"customers"`` or ``"companies"``; ``as_of`` an earlier date or time than the last run's.
        """
        said = json.loads(self._native.preview(condition, subject, _text(as_of)))
        said["as_of"] = dt.datetime.fromisoformat(said["as_of"])
        said["clauses"] = [Clause(**clause) for clause in said["clauses"]]
        return Preview(**said)


def _text(at: Instant | None) -> str | None:
    return at if at is None or isinstance(at, str) else at.isoformat()
