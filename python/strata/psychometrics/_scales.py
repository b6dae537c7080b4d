"""What users say of scales, as the half in Rust takes it: items with their keys, 1 or −1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _native
from .._columns import Data, native
from ..errors import InvalidDefinitionError

Scale = Sequence[str] | Mapping[str, Sequence[str]]
"""A scale: ``["q1", "-q2"]``, or ``{"items": ["q1"], "reversed": ["q2"]}``."""

Keys = list[tuple[str, int]]

_EXAMPLE = '["q1", "q2", "-q3"] or {"items": ["q1", "q2"], "reversed": ["q3"]}'


def keys_of(place: str, scale: Scale) -> Keys:
    """The items of a scale with their keys, in order. An item that is both in ``items`` and in ``reversed`` is reversed."""
    if isinstance(scale, Mapping):
        unknown = [str(name) for name in scale if name not in ("items", "reversed")]
        if unknown:
            raise InvalidDefinitionError(
                f"{place} has an entry `{unknown[0]}`", "invalid_definition", f"its entries are `items` and `reversed`: {_EXAMPLE}"
            )
        items, turned = (names(place, scale.get(name, ()), _EXAMPLE) for name in ("items", "reversed"))
        keys = [(name, -1 if name in turned else 1) for name in items]
        return keys + [(name, -1) for name in turned if name not in items]
    return [(name[1:], -1) if name.startswith("-") else (name, 1) for name in names(place, scale, _EXAMPLE)]


def keys_of_all(scales: Any) -> list[tuple[str, Keys]]:
    """The scales of a block with their items."""
    named = mapping("scales", scales, '{"price": ["q1", "q2", "-q3"]}')
    return [(name, keys_of(f"scale `{name}`", scale)) for name, scale in named.items()]


def range_of(response: Any) -> tuple[float, float]:
    """The least and the greatest answer."""
    try:
        least, greatest = response
        return float(least), float(greatest)
    except (TypeError, ValueError) as cause:
        raise InvalidDefinitionError(
            f"`response` is {response!r}", "invalid_definition", "give the least and the greatest answer, such as (1, 5)"
        ) from cause


def one_scale(data: Data, items: Scale | None) -> tuple[_native.Table, Keys]:
    """A table with the items of one scale: all columns, where none are named."""
    if items is None:
        table = native(data)
        return table, [(name, 1) for name in table.column_names()]
    keys = keys_of("`items`", items)
    return native(data, *(name for name, _ in keys)), keys


def mapping(option: str, value: Any, example: str) -> dict[str, Any]:
    """An option that is a dict, by text."""
    if not isinstance(value, Mapping):
        raise InvalidDefinitionError(f"`{option}` is {value!r}", "invalid_definition", f"give {example}")
    return {str(name): of for name, of in value.items()}


def names(place: str, value: Any, example: str) -> list[str]:
    """A list of names; a single text would be one of letters."""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        raise InvalidDefinitionError(f"{place} is {value!r}", "invalid_definition", f"give {example}")
    return [str(name) for name in value]
