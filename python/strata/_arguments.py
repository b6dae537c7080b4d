"""Arguments that are numbers: taken in whatever form they come, and refused by name."""

from __future__ import annotations

import operator
import secrets
from typing import Any

from .errors import InvalidDefinitionError, StrataError


def whole(name: str, value: Any, least: int = 1) -> int:
    """A parameter that is a whole number."""
    try:
        number = operator.index(value)
    except TypeError as cause:
        raise _out_of_range(name, value, f"give a whole number from {least}") from cause
    if number < least or number >= 2**63:
        raise _out_of_range(name, value, f"give a whole number from {least}")
    return number


def number(name: str, value: Any) -> float:
    """A parameter that is a number."""
    try:
        return float(value)
    except (TypeError, ValueError) as cause:
        raise _out_of_range(name, value, "give a number") from cause


def seed(random_state: Any) -> int:
    """Where chance comes from: a whole number, a generator of NumPy's, or ``None`` for the system."""
    if random_state is None:
        return secrets.randbits(64)
    if hasattr(random_state, "integers"):
        return int(random_state.integers(2**63))
    if hasattr(random_state, "randint"):
        return int(random_state.randint(2**31 - 1))
    return whole("random_state", random_state, least=0)


def _out_of_range(name: str, value: Any, hint: str) -> StrataError:
    return InvalidDefinitionError(f"`{name}` is {value!r}", "invalid_definition", hint)
