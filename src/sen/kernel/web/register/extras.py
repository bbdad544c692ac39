"""Columns that a file has beside those of its register, when somebody asks for them.

They are computed for many rows at once, and by a domain that knows what the register does not:
the former chainage of whatever lies on a road, for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store
from sen.kernel.web.register.listing import Row
from sen.kernel.web.register.resource import Column, Label, Resource

#: In the address of a file: ``xuat.csv?kem=former-chainage``.
PARAMETER: Final = "kem"
_AT_ONCE: Final = 2000


@dataclass(frozen=True, slots=True)
class Extra:
    """Further columns; ``fill`` gives the values of each row by the names of the columns."""

    title: Label
    columns: tuple[Column, ...]
    fill: Callable[[Actor, Sequence[Row]], Sequence[Mapping[str, Any]]]


#: By the word of the address: what a register can have more, or None.
extras: Final[Store[Callable[[Resource[Any]], Extra | None]]] = Store("extra columns of files")


def extras_of(resource: Resource[Any]) -> dict[str, Extra]:
    """What files of a register can have more, by the word of the address."""
    found = ((name, extras[name](resource)) for name in extras.names())
    return {name: extra for name, extra in found if extra is not None}


def with_extras(
    actor: Actor, rows: Iterable[tuple[Row, Any]], wanted: Sequence[Extra]
) -> Iterator[tuple[Row, Any]]:
    """The rows with the values of further columns; what stands beside each row stays there."""
    source = iter(rows)
    while wanted and (some := list(islice(source, _AT_ONCE))):
        more: list[dict[str, Any]] = [{} for _row in some]
        for extra in wanted:
            filled = extra.fill(actor, [row for row, _beside in some])
            for values, found in zip(more, filled, strict=True):
                values.update(found)
        for (row, beside), values in zip(some, more, strict=True):
            yield replace(row, values={**row.values, **values}), beside
    yield from source
