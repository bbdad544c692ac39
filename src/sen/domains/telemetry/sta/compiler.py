"""From the tree of an expression to a condition in SQL, with every value a parameter."""
# ruff: noqa: S608  tables, columns and aliases are of the house; values are parameters

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sen.domains.telemetry.models import Datastream
from sen.domains.telemetry.sta.intervals import (
    SIGNS,
    interval_comparison,
    lasting_comparison,
    lasting_relation,
    may_last,
)
from sen.domains.telemetry.sta.odata.faults import SyntaxFault
from sen.domains.telemetry.sta.odata.functions import FUNCTIONS, INTERVAL_FUNCTIONS
from sen.domains.telemetry.sta.odata.lexer import instant, interval
from sen.domains.telemetry.sta.odata.nodes import (
    Among,
    Binary,
    Call,
    Kind,
    Literal,
    Logic,
    Node,
    Path,
    Quantified,
    Unary,
)
from sen.domains.telemetry.sta.odata.parser import COMPARISONS
from sen.domains.telemetry.sta.schema import ENTITIES, STREAM, Entity, Field, Navigation
from sen.domains.telemetry.sta.values import Parameters, Value, literal_value
from sen.kernel.access.scope import Actor
from sen.lib.errors import gettext_noop

_ARITHMETIC: Final = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_ORDERED: Final = frozenset(
    {Kind.NUMBER, Kind.TEXT, Kind.INSTANT, Kind.DATE, Kind.TIME, Kind.DURATION}
)
_MEANT: Final = {
    ("add", Kind.INSTANT, Kind.DURATION): Kind.INSTANT,
    ("sub", Kind.INSTANT, Kind.DURATION): Kind.INSTANT,
    ("add", Kind.DURATION, Kind.INSTANT): Kind.INSTANT,
    ("sub", Kind.INSTANT, Kind.INSTANT): Kind.DURATION,
    ("add", Kind.DURATION, Kind.DURATION): Kind.DURATION,
    ("sub", Kind.DURATION, Kind.DURATION): Kind.DURATION,
    ("mul", Kind.DURATION, Kind.NUMBER): Kind.DURATION,
    ("div", Kind.DURATION, Kind.NUMBER): Kind.DURATION,
}


@dataclass(frozen=True, slots=True)
class Joined:
    """An entity that a path of one condition leads to."""

    entity: Entity
    alias: str
    condition: str


class Compiler:
    """Compiles expressions about one row; ``variables`` are those of ``any`` and ``all``."""

    def __init__(
        self,
        entity: Entity,
        alias: str,
        parameters: Parameters,
        actor: Actor,
        variables: dict[str, tuple[Entity, str]] | None = None,
    ) -> None:
        self.entity = entity
        self.alias = alias
        self.parameters = parameters
        self.actor = actor
        self.variables = variables or {}
        self._joins: dict[tuple[str, ...], Joined] = {}

    # --- conditions ----------------------------------------------------------------------------

    def condition(self, node: Node) -> str:
        """The condition; paths that lead to other entities hold for one of them.

        Raises:
            SyntaxFault: it is no condition, or compares what cannot be compared.
        """
        if isinstance(node, Logic):
            joint = " AND " if node.operator == "and" else " OR "
            return "(" + joint.join(map(self.condition, node.parts)) + ")"
        if isinstance(node, Unary) and node.operator == "not":
            return f"({self.condition(node.operand)} IS NOT TRUE)"
        outer, self._joins = self._joins, {}
        try:
            value = self.as_kind(self.value(node), Kind.BOOL, node)
            return self._exists(value.sql)
        finally:
            self._joins = outer

    def _exists(self, condition: str) -> str:
        if not self._joins:
            return condition
        joins = list(self._joins.values())
        tables = ", ".join(f"{j.entity.table} {j.alias}" for j in joins)
        conditions = " AND ".join([*(j.condition for j in joins), condition])
        return f"EXISTS (SELECT 1 FROM {tables} WHERE {conditions})"

    # --- values --------------------------------------------------------------------------------

    def value(self, node: Node) -> Value:
        """Any expression as a value.

        Raises:
            SyntaxFault: names something that is not there or mixes kinds.
        """
        if isinstance(node, Literal):
            return literal_value(self.parameters, node)
        if isinstance(node, Path):
            return self._path(node)
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Binary):
            compare = self._comparison if node.operator in COMPARISONS else self._arithmetic
            return compare(node)
        if isinstance(node, Quantified):
            return Value(Kind.BOOL, self._quantified(node))
        if isinstance(node, Among):
            return self._among(node)
        if isinstance(node, Unary) and node.operator == "-":
            operand = self.as_kind(self.value(node.operand), Kind.NUMBER, node.operand)
            return Value(Kind.NUMBER, f"(- {operand.sql})")
        return Value(Kind.BOOL, self.condition(node))

    def _among(self, node: Among) -> Value:
        parts = [self._comparison(Binary("eq", node.operand, v, node.at)) for v in node.values]
        return Value(Kind.BOOL, "(" + (" OR ".join(p.sql for p in parts) or "FALSE") + ")")

    def sort_key(self, node: Node) -> tuple[str, Kind]:
        """What rows are sorted by: a value of the row, or of the one row a path leads to.

        Raises:
            SyntaxFault: it has no order, or a path leads to many.
        """
        outer, self._joins = self._joins, {}
        try:
            value = self.value(node)
            if value.kind is Kind.JSON:
                kind = Kind.NUMBER if _is_result(node) else Kind.TEXT
                value = Value(kind, value.variants.get(kind, f"({value.sql} #>> '{{}}')"))
            if value.kind is Kind.INTERVAL:
                value = Value(Kind.INSTANT, value.sql)
            if value.kind not in _ORDERED and value.kind is not Kind.BOOL:
                raise SyntaxFault(
                    gettext_noop("Không sắp xếp được theo %(found)s."),
                    {"found": value.kind.value},
                    at=getattr(node, "at", 0),
                )
            return self._single(value.sql), value.kind
        finally:
            self._joins = outer

    def _single(self, sql: str) -> str:
        if not self._joins:
            return sql
        joins = list(self._joins.values())
        tables = ", ".join(f"{j.entity.table} {j.alias}" for j in joins)
        conditions = " AND ".join(j.condition for j in joins)
        return f"(SELECT min({sql}) FROM {tables} WHERE {conditions})"

    # --- paths ---------------------------------------------------------------------------------

    def _path(self, node: Path) -> Value:
        entity, alias = self.entity, self.alias
        segments = list(node.segments)
        if segments[0] in self.variables:
            entity, alias = self.variables[segments.pop(0)]
        elif segments[0] == "$it":
            segments.pop(0)
        walked: tuple[str, ...] = (alias,)
        while segments and segments[0] in entity.navigation:
            name = segments.pop(0)
            walked = (*walked, name)
            entity, alias = self._join(walked, entity.navigation[name], alias)
        if not segments:
            raise SyntaxFault(
                gettext_noop("“%(path)s” là đối tượng, hãy nêu một thuộc tính của nó."),
                {"path": "/".join(node.segments)},
                at=node.at,
            )
        return self._property(entity, alias, segments, node)

    def _join(
        self, walked: tuple[str, ...], navigation: Navigation, parent: str
    ) -> tuple[Entity, str]:
        known = self._joins.get(walked)
        if known is None:
            entity = ENTITIES[navigation.target]
            alias = self.parameters.alias()
            known = Joined(
                entity, alias, reached(self.parameters, self.actor, navigation, alias, parent)
            )
            self._joins[walked] = known
        return known.entity, known.alias

    def _property(self, entity: Entity, alias: str, segments: list[str], node: Path) -> Value:
        name, rest = segments[0], segments[1:]
        found = entity.id if name in ("id", "@iot.id") else entity.fields.get(name)
        if found is None or (rest and found.kind is not Kind.JSON):
            raise SyntaxFault(
                gettext_noop("%(entity)s không có thuộc tính “%(name)s”."),
                {"entity": entity.name, "name": "/".join(segments)},
                at=node.at,
            )
        if rest:
            return _inside(found.sql.format(a=alias), rest)
        return _field(found, alias)

    def _quantified(self, node: Quantified) -> str:
        outer, self._joins = self._joins, {}
        try:
            entity, alias = self._end_of(node.path)
            joins, self._joins = self._joins, {}
            inner = "TRUE"
            if node.condition is not None:
                variables = {**self.variables, node.variable: (entity, alias)}
                below = Compiler(self.entity, self.alias, self.parameters, self.actor, variables)
                inner = below.condition(node.condition)
            self._joins = joins
            if node.quantifier == "all":
                return f"NOT {self._exists(f'({inner} IS NOT TRUE)')}"
            return self._exists(inner)
        finally:
            self._joins = outer

    def _end_of(self, path: Path) -> tuple[Entity, str]:
        entity, alias = self.entity, self.alias
        segments = list(path.segments)
        if segments[0] in self.variables:
            entity, alias = self.variables[segments.pop(0)]
        walked: tuple[str, ...] = (alias,)
        for name in segments:
            if name not in entity.navigation:
                raise SyntaxFault(
                    gettext_noop("%(entity)s không có quan hệ “%(name)s”."),
                    {"entity": entity.name, "name": name},
                    at=path.at,
                )
            walked = (*walked, name)
            entity, alias = self._join(walked, entity.navigation[name], alias)
        return entity, alias

    # --- operators -----------------------------------------------------------------------------

    def _comparison(self, node: Binary) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if Kind.NULL in (left.kind, right.kind):
            return Value(Kind.BOOL, self._with_null(node, left, right))
        left, right = self._matched(left, right, node)
        if may_last(left) or may_last(right):
            return Value(Kind.BOOL, lasting_comparison(node.operator, left, right))
        if left.kind is Kind.INTERVAL or right.kind is Kind.INTERVAL:
            return Value(Kind.BOOL, interval_comparison(node.operator, left, right))
        if left.kind not in _ORDERED and not (
            left.kind in (Kind.BOOL, Kind.JSON) and node.operator in ("eq", "ne")
        ):
            raise self._mixed(node, left, right)
        return Value(Kind.BOOL, f"({left.sql} {SIGNS[node.operator]} {right.sql})")

    def _with_null(self, node: Binary, left: Value, right: Value) -> str:
        if node.operator not in ("eq", "ne"):
            return "FALSE"
        other = right if left.kind is Kind.NULL else left
        sql = other.variants.get(Kind.NULL, other.sql)
        return f"({sql} IS {'NOT ' if node.operator == 'ne' else ''}NULL)"

    def _matched(self, left: Value, right: Value, node: Binary) -> tuple[Value, Value]:
        """Both values as one kind, or a moment beside an interval."""
        if left.kind is Kind.JSON and right.kind is Kind.JSON:
            return left, right
        for this, other, place in ((left, right, node.left), (right, left, node.right)):
            if this.kind is Kind.JSON or _meant_as(this, other):
                meant = self.as_kind(this, other.kind, place)
                return (meant, other) if place is node.left else (other, meant)
        pair = {left.kind, right.kind}
        if len(pair) > 1 and pair != {Kind.INSTANT, Kind.INTERVAL}:
            raise self._mixed(node, left, right)
        return left, right

    def _mixed(self, node: Binary, left: Value, right: Value) -> SyntaxFault:
        return SyntaxFault(
            gettext_noop("“%(operator)s” không dùng được giữa %(left)s và %(right)s."),
            {"operator": node.operator, "left": left.kind.value, "right": right.kind.value},
            at=node.at,
        )

    def _arithmetic(self, node: Binary) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        meant = _MEANT.get((node.operator, left.kind, right.kind))
        if meant is not None:
            return Value(meant, f"({left.sql} {_ARITHMETIC[node.operator]} {right.sql})")
        if {left.kind, right.kind} - {Kind.NUMBER, Kind.JSON}:
            raise self._mixed(node, left, right)
        left = self.as_kind(left, Kind.NUMBER, node.left)
        right = self.as_kind(right, Kind.NUMBER, node.right)
        if node.operator == "mod":
            return Value(Kind.NUMBER, f"mod({left.sql}::numeric, {right.sql}::numeric)")
        return Value(Kind.NUMBER, f"({left.sql} {_ARITHMETIC[node.operator]} {right.sql})")

    # --- functions -----------------------------------------------------------------------------

    def _call(self, node: Call) -> Value:
        function = FUNCTIONS[node.name]
        arguments = [
            self.as_kind(self.value(argument), kind, argument)
            for argument, kind in zip(node.arguments, function.takes, strict=False)
        ]
        if node.name in INTERVAL_FUNCTIONS:
            return Value(Kind.BOOL, lasting_relation(node.name, *arguments))
        template = function.sql[len(arguments)]
        return Value(function.gives, template.format(*(value.sql for value in arguments)))

    def as_kind(self, value: Value, kind: Kind, node: Node) -> Value:
        """The value as another kind, where it can be meant so.

        Raises:
            SyntaxFault: it cannot.
        """
        if value.kind is kind or (value.kind is Kind.INSTANT and kind is Kind.INTERVAL):
            return value
        if value.kind is Kind.NULL:
            return Value(kind, "NULL")
        if value.kind is Kind.JSON and kind in value.variants:
            return Value(kind, value.variants[kind])
        converted = self._converted(value, kind, node)
        if converted is None:
            raise SyntaxFault(
                gettext_noop("Ở đây cần %(need)s, không phải %(found)s."),
                {"need": kind.value, "found": value.kind.value},
                at=getattr(node, "at", 0),
            )
        return converted

    def _converted(self, value: Value, kind: Kind, node: Node) -> Value | None:
        literal = value.literal
        if value.kind is Kind.INTERVAL and kind is Kind.INSTANT:
            return Value(kind, value.sql)
        if value.kind is Kind.NUMBER and kind is Kind.TEXT:
            return Value(kind, f"({value.sql})::text")
        if value.kind is Kind.DATE and kind in (Kind.INSTANT, Kind.INTERVAL):
            return Value(Kind.INSTANT, f"({value.sql}::timestamp AT TIME ZONE 'UTC')")
        if literal is not None and literal.kind is Kind.TEXT:
            meant = _meant(str(literal.value), kind, literal.at)
            return literal_value(self.parameters, meant) if meant is not None else None
        return None


def _is_result(node: Node) -> bool:
    return isinstance(node, Path) and node.segments[-1] == "result"


def _meant_as(this: Value, other: Value) -> bool:
    """Whether a text or a date is written where a moment, an interval or a number is compared."""
    if this.kind is Kind.DATE:
        return other.kind in (Kind.INSTANT, Kind.INTERVAL)
    return (
        this.kind is Kind.TEXT
        and this.literal is not None
        and other.kind in (Kind.INSTANT, Kind.INTERVAL, Kind.NUMBER, Kind.DATE)
    )


def _meant(text: str, kind: Kind, at: int) -> Literal | None:
    """A quoted moment, interval or number, as some clients send them."""
    try:
        if kind is Kind.NUMBER:
            return Literal(kind, int(text) if text.isdigit() else float(text), at)
        if kind in (Kind.INSTANT, Kind.INTERVAL) and "/" in text:
            return Literal(Kind.INTERVAL, interval(text), at)
        if kind in (Kind.INSTANT, Kind.INTERVAL, Kind.DATE):
            return Literal(Kind.INSTANT, instant(text), at)
    except (ValueError, OverflowError):
        return None
    return None


def _field(found: Field, alias: str) -> Value:
    variants = {kind: sql.format(a=alias) for kind, sql in found.variants.items()}
    sql = found.sql.format(a=alias)
    if found.kind is Kind.JSON and not variants:
        variants = {Kind.NULL: f"nullif({sql}, 'null'::jsonb)"}
    return Value(found.kind, sql, found.end.format(a=alias), variants)


def _inside(sql: str, keys: list[str]) -> Value:
    """A member of a JSON value, read as the kind it is compared with."""
    path = "".join(f" -> '{key}'" for key in keys[:-1])
    inner = f"(({sql}){path} -> '{keys[-1]}')"
    text = f"({inner} #>> '{{}}')"

    def only(kind: str, cast: str) -> str:
        return f"CASE WHEN jsonb_typeof({inner}) = '{kind}' THEN {text}::{cast} END"

    return Value(
        Kind.JSON,
        inner,
        variants={
            Kind.TEXT: text,
            Kind.NUMBER: only("number", "numeric"),
            Kind.BOOL: only("boolean", "boolean"),
            Kind.NULL: text,
        },
    )


def reached(
    parameters: Parameters, actor: Actor, navigation: Navigation, alias: str, parent: str
) -> str:
    """The condition that ties a row to the one it is reached from, within what is seen."""
    tie = navigation.join.format(a=alias, p=parent)
    if navigation.column == "datastream_id":  # who sees the stream sees its observations
        return tie
    return " AND ".join([tie, *seen(parameters, actor, ENTITIES[navigation.target], alias)])


def seen(parameters: Parameters, actor: Actor, entity: Entity, alias: str) -> list[str]:
    """The conditions under which a row is one of the entity's and the actor sees it."""
    parts = [entity.where.format(a=alias), parameters.scope(actor, entity.rule, alias)]
    if entity.set == "Observations":
        stream = parameters.alias()
        scope = parameters.scope(actor, Datastream.access, stream)
        parts.append(
            f"{alias}.datastream_id = ANY(ARRAY("
            f"SELECT {stream}.id::int FROM {STREAM} {stream} WHERE {scope}))"
        )
    return [part for part in parts if part]
