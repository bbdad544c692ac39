"""Parameters of a statement, and values as SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sen.domains.telemetry.sta.odata.nodes import Kind, Literal
from sen.kernel.access.scope import AccessRule, Actor

_CASTS: Final = {
    Kind.TEXT: "text",
    Kind.INSTANT: "timestamptz",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.DURATION: "interval",
    Kind.BOOL: "boolean",
}


class Parameters:
    """Named parameters of one statement; equal values share a name."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._names: dict[tuple[str, Any], str] = {}
        self._aliases = 0

    def add(self, value: Any, cast: str) -> str:
        """The placeholder of a value, with its type."""
        key = (cast, tuple(value) if isinstance(value, list) else value)
        name = self._names.get(key)
        if name is None:
            name = f"p{len(self.values)}"
            self._names[key] = name
            self.values[name] = value
        return f"%({name})s::{cast}"

    def alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"

    def scope(self, actor: Actor, rule: AccessRule | None, alias: str) -> str:
        """The condition under which ``actor`` sees a row; nothing for what all may see."""
        if rule is None:
            return ""
        text, values = actor.scope(rule).sql(alias)
        parts = text.split("%s")
        out = parts[0]
        for value, rest in zip(values, parts[1:], strict=True):
            name = self.add(value, "bigint[]" if isinstance(value, list) else "bigint")
            cast = "::bigint[]" if rest.startswith("::bigint[]") else ""
            out += name + rest.removeprefix(cast)
        return out


@dataclass(frozen=True, slots=True)
class Value:
    """A value in SQL; an interval has a second end, a JSON value is read as other kinds."""

    kind: Kind
    sql: str
    end: str = ""
    variants: dict[Kind, str] = field(default_factory=dict)
    literal: Literal | None = None


def number_sql(parameters: Parameters, value: float) -> str:
    # As text, so that the database sees one type of parameter whatever the number.
    cast = "bigint" if isinstance(value, int) else "float8"
    return parameters.add(str(value), cast)


def literal_value(parameters: Parameters, node: Literal) -> Value:
    """A literal as parameters."""
    kind, value = node.kind, node.value
    if kind is Kind.NULL:
        return Value(kind, "NULL", literal=node)
    if kind is Kind.NUMBER:
        return Value(kind, number_sql(parameters, value), literal=node)
    if kind is Kind.GEOMETRY:
        wkt = value.strip()
        if wkt[:5].upper() == "SRID=":
            wkt = wkt.partition(";")[2]
        return Value(kind, f"ST_GeomFromText({parameters.add(wkt, 'text')}, 4326)", literal=node)
    if kind is Kind.INTERVAL:
        begin, end = (_end(parameters, part) for part in value)
        if isinstance(value[0], str):
            begin = f"({end} - {begin})"
        if isinstance(value[1], str):
            end = f"({begin} + {end})"
        return Value(kind, begin, end, literal=node)
    return Value(kind, parameters.add(value, _CASTS[kind]), literal=node)


def _end(parameters: Parameters, end: datetime | str) -> str:
    return parameters.add(end, "interval" if isinstance(end, str) else "timestamptz")
