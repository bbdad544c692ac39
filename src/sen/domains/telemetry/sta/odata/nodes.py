"""The tree of an expression, and how it is written down again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final


class Kind(StrEnum):
    """What a value is."""

    NULL = "null"
    BOOL = "boolean"
    NUMBER = "number"
    TEXT = "string"
    INSTANT = "instant"
    INTERVAL = "interval"
    DATE = "date"
    TIME = "time of day"
    DURATION = "duration"
    GEOMETRY = "geometry"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value; an interval holds its two ends, a duration its text, a geometry its WKT."""

    kind: Kind
    value: Any
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Path:
    """A property, perhaps over navigation: ``Datastream/Thing/properties/owner``."""

    segments: tuple[str, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """``not`` or ``-``."""

    operator: str
    operand: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison or an arithmetic operation."""

    operator: str
    left: Node
    right: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """Two or more conditions joined by the same ``and`` or ``or``."""

    operator: str
    parts: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Among:
    """``x in (a, b)``."""

    operand: Node
    values: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Quantified:
    """``Datastreams/any(d: d/name eq 'x')``; ``any()`` has no condition."""

    quantifier: str
    path: Path
    variable: str
    condition: Node | None
    at: int = field(default=0, compare=False)


Node = Literal | Path | Call | Unary | Binary | Logic | Among | Quantified
_ATOMS: Final = (Literal, Path, Call, Quantified)


def written(node: Node) -> str:
    """The expression as text; reading it gives the same tree."""
    writer = _WRITERS[type(node)]
    return str(writer(node))


def _unary(node: Unary) -> str:
    mark = "-" if node.operator == "-" else "not "
    return mark + _operand(node.operand)


def _call(node: Call) -> str:
    return f"{node.name}({','.join(map(written, node.arguments))})"


def _binary(node: Binary) -> str:
    return f"{_operand(node.left)} {node.operator} {_operand(node.right)}"


def _logic(node: Logic) -> str:
    return f" {node.operator} ".join(map(_operand, node.parts))


def _among(node: Among) -> str:
    return f"{_operand(node.operand)} in ({','.join(map(written, node.values))})"


def _operand(node: Node) -> str:
    text = written(node)
    negative = isinstance(node, Literal) and node.kind is Kind.NUMBER and text.startswith("-")
    return text if isinstance(node, _ATOMS) and not negative else f"({text})"


def _quantified(node: Quantified) -> str:
    inner = "" if node.condition is None else f"{node.variable}:{written(node.condition)}"
    return f"{written(node.path)}/{node.quantifier}({inner})"


def _literal(node: Literal) -> str:
    return str(_LITERALS[node.kind](node.value))


def _truth(value: object) -> str:
    return "true" if value else "false"


def _interval(ends: tuple[datetime | str, datetime | str]) -> str:
    return "/".join(instant_text(end) if isinstance(end, datetime) else end for end in ends)


def _number(value: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"
    return repr(value)


def instant_text(moment: datetime) -> str:
    """A moment in UTC as SensorThings writes it."""
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _day(value: date | time) -> str:
    return value.isoformat()


_LITERALS: Final[dict[Kind, Callable[[Any], str]]] = {
    Kind.NULL: lambda _value: "null",
    Kind.BOOL: _truth,
    Kind.NUMBER: _number,
    Kind.TEXT: _quoted,
    Kind.INSTANT: instant_text,
    Kind.INTERVAL: _interval,
    Kind.DATE: _day,
    Kind.TIME: _day,
    Kind.DURATION: lambda value: f"duration'{value}'",
    Kind.GEOMETRY: lambda value: f"geography'{value}'",
}
_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    Literal: _literal,
    Path: lambda node: "/".join(node.segments),
    Call: _call,
    Unary: _unary,
    Binary: _binary,
    Logic: _logic,
    Among: _among,
    Quantified: _quantified,
}
