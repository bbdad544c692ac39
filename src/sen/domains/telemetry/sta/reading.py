"""Statements of reading: what an address and its options mean for one actor."""
# ruff: noqa: S608  tables, columns and aliases are of the house; values are parameters

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from sen.domains.telemetry.sta.columns import columns_sql, is_plain
from sen.domains.telemetry.sta.compiler import Compiler, reached, seen
from sen.domains.telemetry.sta.keys import observation_key
from sen.domains.telemetry.sta.odata.addresses import Address, Step
from sen.domains.telemetry.sta.odata.faults import SyntaxFault
from sen.domains.telemetry.sta.odata.nodes import Kind
from sen.domains.telemetry.sta.odata.options import Options, is_newest
from sen.domains.telemetry.sta.schema import ENTITIES, LATEST, Entity, Navigation
from sen.domains.telemetry.sta.selection import PAGE, Selection, newest_of, order_keys, order_sql
from sen.domains.telemetry.sta.values import Parameters
from sen.kernel.access.scope import Actor
from sen.lib.errors import gettext_noop

_KEY_CASTS: Final = {
    Kind.NUMBER: "numeric",
    Kind.TEXT: "text",
    Kind.INSTANT: "timestamptz",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.DURATION: "interval",
    Kind.BOOL: "boolean",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What an address leads to; ``prop`` is a property of one entity."""

    entity: Entity
    many: bool
    alias: str
    conditions: tuple[str, ...]
    prop: str = ""
    #: SQL of the id of the stream, when the rows are its observations; and the id.
    stream: str = ""
    stream_id: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with its parameters, and what is needed to make an answer of its row."""

    sql: str
    parameters: dict[str, Any]
    place: Place
    options: Options
    count_sql: str = ""
    #: Whether the entity above a list is there: asked only when the list is empty.
    parent_sql: str = ""
    #: The same page as columns, where it is one of plain observations.
    columns_sql: str = ""

    @property
    def top(self) -> int:
        """How many rows the page holds at most."""
        return PAGE if self.options.top is None else self.options.top


def statement_of(address: Address, options: Options, actor: Actor, base: str) -> Statement:
    """The statement that answers a GET.

    Raises:
        SyntaxFault: the address or an option names what is not there.
    """
    parameters = Parameters()
    walk = _Walk(parameters, actor, address)
    place = walk.place()
    selection = Selection(parameters, actor, base)
    if not place.many:
        options = replace(options, select=_only(place, options))
        json = selection.entity(place.entity, place.alias, options)
        sql = _select(json, place)
        return Statement(sql, parameters.values, place, options)
    if options.result_format and place.entity.set != "Observations":
        raise SyntaxFault(
            gettext_noop("Chỉ Observations có định dạng dataArray."), option="$resultFormat"
        )
    return _Page(parameters, actor, selection, place, options).statement(walk.parent)


def _only(place: Place, options: Options) -> tuple[str, ...]:
    return (place.prop,) if place.prop else options.select


def _select(json: str, place: Place) -> str:
    where = " AND ".join(place.conditions) or "TRUE"
    return f"SELECT {json} FROM {place.entity.table} {place.alias} WHERE {where}"


class _Walk:
    """Follows an address from the root."""

    def __init__(self, parameters: Parameters, actor: Actor, address: Address) -> None:
        self.parameters = parameters
        self.actor = actor
        self.address = address
        self.parent = ""

    def place(self) -> Place:
        first, *rest = self.address.steps
        entity = ENTITIES.get(first.name)
        if entity is None:
            raise missing(gettext_noop("Không có tập đối tượng “%(name)s”."), first)
        alias = self.parameters.alias()
        conditions = [
            *self._keyed(entity, alias, first),
            *seen(self.parameters, self.actor, entity, alias),
        ]
        place = Place(entity, first.key is None, alias, tuple(conditions))
        known = first.key
        for step in rest:
            place, known = self._follow(place, known, step)
        return place

    def _follow(self, place: Place, known: str | None, step: Step) -> tuple[Place, str | None]:
        if place.prop:
            raise missing(gettext_noop("Không có gì ở “%(name)s”."), step)
        if place.many:
            raise missing(gettext_noop("Thiếu mã đối tượng trước “%(name)s”."), step)
        if step.name in place.entity.fields and step.key is None:
            return replace(place, prop=step.name), None
        navigation = place.entity.navigation.get(step.name)
        if navigation is None or (step.key is not None and not navigation.many):
            raise missing(gettext_noop("Không có “%(name)s” ở địa chỉ này."), step)
        alias = self.parameters.alias()
        target = ENTITIES[navigation.target]
        conditions = self._tied(place, known, navigation, alias)
        conditions += self._keyed(target, alias, step)
        of_stream = navigation.column == "datastream_id" and known is not None
        stream = self.parameters.add(known, "bigint") if of_stream else ""
        many = navigation.many and step.key is None
        if many:
            self.parent = _exists(place)
        stream_id = int(known or 0) if of_stream else 0
        return Place(target, many, alias, tuple(conditions), "", stream, stream_id), step.key

    def _tied(
        self, place: Place, known: str | None, navigation: Navigation, alias: str
    ) -> list[str]:
        above = " AND ".join(place.conditions) or "TRUE"
        table = f"{place.entity.table} {place.alias}"
        if navigation.column and known is not None:
            key = self.parameters.add(known, "bigint")
            target = ENTITIES[navigation.target]
            own = (
                []
                if navigation.column == "datastream_id"
                else seen(self.parameters, self.actor, target, alias)
            )
            return [
                f"{alias}.{navigation.column} = {key}",
                f"EXISTS (SELECT 1 FROM {table} WHERE {above})",
                *own,
            ]
        tie = reached(self.parameters, self.actor, navigation, alias, place.alias)
        return [f"EXISTS (SELECT 1 FROM {table} WHERE {above} AND {tie})"]

    def _keyed(self, entity: Entity, alias: str, step: Step) -> list[str]:
        if step.key is None:
            return []
        if entity.set == "Observations":
            stream, at = observation_key(step.key) or (0, None)
            if at is None:
                raise missing(gettext_noop("Không có đối tượng “%(name)s”."), step)
            return [
                f"{alias}.datastream_id = {self.parameters.add(str(stream), 'int')}",
                f"{alias}.at = {self.parameters.add(at, 'timestamptz')}",
            ]
        if not step.key.lstrip("-").isdigit():
            raise missing(gettext_noop("Không có đối tượng “%(name)s”."), step)
        return [f"{alias}.id = {self.parameters.add(step.key, 'bigint')}"]


def _exists(place: Place) -> str:
    where = " AND ".join(place.conditions) or "TRUE"
    return f"SELECT 1 FROM {place.entity.table} {place.alias} WHERE {where}"


class MissingError(SyntaxFault):
    """An address that leads nowhere."""


def missing(template: str, step: Step) -> MissingError:
    name = step.name if step.key is None else f"{step.name}({step.key})"
    return MissingError(template, {"name": name}, at=step.at, option="path")


class _Page:
    """The statement of one page of a list."""

    def __init__(
        self,
        parameters: Parameters,
        actor: Actor,
        selection: Selection,
        place: Place,
        options: Options,
    ) -> None:
        self.parameters = parameters
        self.selection = selection
        self.place = place
        self.options = options
        self.compiler = Compiler(place.entity, place.alias, parameters, actor)
        self.keys = order_keys(
            self.compiler, place.entity, place.alias, options, of_stream=bool(place.stream)
        )

    def statement(self, parent: str) -> Statement:
        place, options = self.place, self.options
        conditions = list(place.conditions)
        if options.filter is not None:
            try:
                conditions.append(self.compiler.condition(options.filter))
            except SyntaxFault as fault:
                fault.option = fault.option or "$filter"
                raise
        counted = " AND ".join(conditions) or "TRUE"
        table = f"{place.entity.table} {place.alias}"
        count = f"SELECT count(*) FROM {table} WHERE {counted}" if options.count else ""
        if options.skiptoken:
            conditions.append(self._after(options.skiptoken))
        where = " AND ".join(conditions) or "TRUE"
        page = self._page(where)
        columns = columns_sql(self._rows(where)) if self._is_plain() else ""
        return Statement(page, self.parameters.values, place, options, count, parent, columns)

    def _is_plain(self) -> bool:
        return bool(self.place.stream) and is_plain(self.options) and not self._is_newest()

    def _is_newest(self) -> bool:
        options = self.options
        return bool(self.place.stream) and is_newest(options) and not options.skiptoken

    def _rows(self, where: str, keys: str = "", columns: str = "") -> str:
        """The rows of the page, and one more by which is seen whether there are others."""
        place, options = self.place, self.options
        last = f"(SELECT l.at FROM {LATEST} l WHERE l.datastream_id = {place.stream})"
        table = newest_of(place.stream, last) if self._is_newest() else place.entity.table
        return (
            f"SELECT {place.alias}.*{keys}{columns} FROM {table} {place.alias} WHERE {where} "
            f"ORDER BY {order_sql(self.keys)} LIMIT {self._limit()} + 1 "
            f"OFFSET {self.parameters.add(str(options.skip), 'bigint')}"
        )

    def _limit(self) -> str:
        top = PAGE if self.options.top is None else self.options.top
        return self.parameters.add(str(top), "bigint")

    def _page(self, where: str) -> str:
        place, options = self.place, self.options
        limit = self._limit()
        columns = "" if options.result_format else self.selection.named(place.entity, place.alias)
        json = self.json()
        names = [f"k{number}" for number in range(len(self.keys))]
        keys = "".join(f", {key[0]} AS {name}" for key, name in zip(self.keys, names, strict=True))
        group = f"{place.alias}.datastream_id AS g" if options.result_format else "0 AS g"
        inner = self._rows(where, keys, columns)
        last = ", ".join(f"max(q.{name}::text) FILTER (WHERE q.n = {limit})" for name in names)
        rows = (
            f"SELECT {json} AS j, {group}, row_number() OVER () AS n, "
            + ", ".join(f"{place.alias}.{name}" for name in names)
            + f" FROM ({inner}) {place.alias}"
        )
        grouped = " GROUP BY q.g ORDER BY min(q.n)" if options.result_format else ""
        return (
            f"SELECT q.g, string_agg(q.j, ',') FILTER (WHERE q.n <= {limit}), "
            f"count(*) FILTER (WHERE q.n <= {limit}), max(q.n), ARRAY[{last}] "
            f"FROM ({rows}) q{grouped}"
            if options.result_format
            else f"SELECT q.g, string_agg(q.j, ',') FILTER (WHERE q.n <= {limit}), "
            f"count(*) FILTER (WHERE q.n <= {limit}), max(q.n), ARRAY[{last}] "
            f"FROM ({rows}) q GROUP BY q.g"
        )

    def json(self) -> str:
        """A row as an object, or as the array of a data array."""
        place, options = self.place, self.options
        if not options.result_format:
            return self.selection.entity(place.entity, place.alias, options)
        fields = [self._member(name) for name in components_of(options)]
        return "concat('[', " + ", ',', ".join(fields) + ", ']')"

    def _member(self, name: str) -> str:
        entity, alias = self.place.entity, self.place.alias
        field = entity.id if name in ("id", "@iot.id") else entity.fields.get(name)
        if field is None:
            raise SyntaxFault(
                gettext_noop("%(entity)s không có thuộc tính “%(name)s”."),
                {"entity": entity.name, "name": name},
                option="$select",
            )
        return field.json.format(a=alias)

    def _after(self, token: str) -> str:
        """The condition of the rows after the one that a token names."""
        values = read_token(token)
        if values is None or len(values) != len(self.keys):
            raise SyntaxFault(gettext_noop("$skiptoken không hợp lệ."), option="$skiptoken")
        marks = [
            self._bound(sql, kind, value)
            for (sql, kind, _down), value in zip(self.keys, values, strict=True)
        ]
        downs = {down for _sql, _kind, down in self.keys}
        if None not in values and len(downs) == 1:
            sign = "<" if downs.pop() else ">"
            left = ", ".join(sql for sql, _kind, _down in self.keys)
            return f"({left}) {sign} ({', '.join(marks)})" + self._nulls(sign)
        return self._stepwise(values, marks)

    def _bound(self, sql: str, kind: Kind, value: str | None) -> str:
        cast = "int" if sql.endswith(".datastream_id") else _KEY_CASTS[kind]
        if kind is Kind.NUMBER and sql.endswith(".id"):
            cast = "bigint"
        if kind is Kind.NUMBER and sql.endswith(".result"):
            cast = "float8"
        return self.parameters.add(value, cast)

    def _nulls(self, sign: str) -> str:
        """Rows without the first key, which come last when rising; the others have one."""
        first, kind, _down = self.keys[0]
        always = len(self.keys) <= 2 and kind in (Kind.NUMBER, Kind.INSTANT)
        if sign == "<" or (always and first.endswith((".at", ".datastream_id", ".id"))):
            return ""
        return f" OR {first} IS NULL"

    def _stepwise(self, values: list[str | None], marks: list[str]) -> str:
        """Key by key, where directions differ or values are missing."""
        parts: list[str] = []
        equal: list[str] = []
        for (sql, _kind, down), value, mark in zip(self.keys, values, marks, strict=True):
            beyond = _beyond(sql, mark, down=down, known=value is not None)
            if beyond:
                parts.append(" AND ".join([*equal, beyond]))
            equal.append(f"{sql} IS NOT DISTINCT FROM {mark}")
        return "(" + " OR ".join(f"({part})" for part in parts) + ")"


def _beyond(sql: str, mark: str, *, down: bool, known: bool) -> str:
    """Where a key is past a mark; NULL sorts as the largest."""
    if down:
        return f"{sql} < {mark}" if known else f"{sql} IS NOT NULL"
    return f"({sql} > {mark} OR {sql} IS NULL)" if known else ""


def components_of(options: Options) -> tuple[str, ...]:
    """The columns of a data array."""
    chosen = tuple("id" if n == "@iot.id" else n for n in options.select)
    return chosen or ("id", "phenomenonTime", "result", "resultTime")


def token_of(values: list[str | None]) -> str:
    raw = msgspec.json.encode(values)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_token(token: str) -> list[str | None] | None:
    """The key of the row a token names; None when it is no token."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return msgspec.json.decode(raw, type=list[str | None])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None
