"""What a record says against what is known: pure comparison of fields.

Values are flat: ``condition``, ``name``, ``attributes__length_m``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ATTRIBUTE = "attributes__"


@dataclass(frozen=True, slots=True)
class Said:
    """What one record says of an asset."""

    key: str
    base: Mapping[str, Any]
    values: Mapping[str, Any]

    def changes(self) -> dict[str, Any]:
        """The fields whose value differs from what the writer was shown."""
        return {
            name: value
            for name, value in self.values.items()
            if not same(value, self.base.get(name))
        }


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """One field side by side; ``differs`` when the sides do not agree on it."""

    name: str
    base: Any
    now: Any
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        sides = [self.now, *self.said.values()]
        return any(not same(sides[0], other) for other in sides[1:])


def same(one: Any, other: Any) -> bool:
    """Whether two values mean the same: a phone sends 12 for 12.0 and nothing for an empty text."""
    if one in (None, "", []) and other in (None, "", []):
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(float(one) - float(other)) < 1e-9
    return bool(one == other)


def side_by_side(now: Mapping[str, Any], records: Sequence[Said]) -> list[FieldConflict]:
    """Every field that a record changed or that changed since, with what each side says."""
    names: dict[str, None] = {}
    for said in records:
        names |= dict.fromkeys(said.changes())
        names |= {name: None for name, shown in said.base.items() if not same(shown, now.get(name))}
    return [
        FieldConflict(
            name,
            next((said.base[name] for said in records if name in said.base), None),
            now.get(name),
            {
                said.key: said.values.get(name, said.base.get(name, now.get(name)))
                for said in records
            },
        )
        for name in names
    ]


def split(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Plain fields, and attributes by their own names."""
    plain = {name: value for name, value in values.items() if not name.startswith(ATTRIBUTE)}
    attributes = {
        name.removeprefix(ATTRIBUTE): value
        for name, value in values.items()
        if name.startswith(ATTRIBUTE)
    }
    return plain, attributes
