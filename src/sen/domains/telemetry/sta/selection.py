"""Entities as JSON, made by the database: one statement for a page with all that is expanded."""
# ruff: noqa: S608  tables, columns and aliases are of the house; values are parameters

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from sen.domains.telemetry.sta.compiler import Compiler, reached
from sen.domains.telemetry.sta.odata.faults import SyntaxFault
from sen.domains.telemetry.sta.odata.nodes import Kind, Path
from sen.domains.telemetry.sta.odata.options import Options, is_newest, pairs_of
from sen.domains.telemetry.sta.schema import (
    ENTITIES,
    LAST,
    OBSERVATION,
    STREAM,
    Entity,
    Field,
    Navigation,
)
from sen.domains.telemetry.sta.values import Parameters
from sen.kernel.access.scope import Actor
from sen.lib.errors import gettext_noop

#: Entities of a page, and of a list inside an entity, where the client names no number.
PAGE: Final = 100
#: Arguments of one concat(): PostgreSQL takes 100.
_PIECES: Final = 90
_DEEPEST: Final = 6
_LITERAL: Final = re.compile("'(?:[^']|'')*'")


class Selection:
    """Writes the JSON of entities as SQL; ``base`` is the address of the service."""

    def __init__(self, parameters: Parameters, actor: Actor, base: str) -> None:
        self.parameters = parameters
        self.actor = actor
        self.base = parameters.add(base, "text")
        #: Rows whose id and address their table brings along as ``iot_id`` and ``iot_link``.
        self._named: set[str] = set()

    def named(self, entity: Entity, alias: str) -> str:
        """Columns for a table of rows, of what is costly to write or look up: once for each row."""
        self._named.add(alias)
        link = f", concat({', '.join(self._pieces(entity, alias))}) AS iot_link"
        if entity.table == STREAM:
            return f"{link}, {LAST.format(a=alias)} AS iot_last"
        return f"{link}, {entity.id.sql.format(a=alias)} AS iot_id" if entity.textual else link

    def entity(self, entity: Entity, alias: str, options: Options, depth: int = 0) -> str:
        """The JSON text of one row.

        Raises:
            SyntaxFault: an option names what the entity does not have.
        """
        if depth > _DEEPEST:
            raise SyntaxFault(
                gettext_noop("$expand lồng nhau quá %(most)d lớp."),
                {"most": _DEEPEST},
                option="$expand",
            )
        self._check(entity, options)
        members = [
            *self._own(entity, alias, options),
            *self._links(entity, alias, options),
            *self._expanded(entity, alias, options, depth),
        ]
        pieces: list[str] = []
        for number, (head, values) in enumerate(members):
            pieces += [_constant(("," if number else "{") + head), *values]
        return _concat([*pieces, "'}'"] if pieces else ["'{}'"])

    @staticmethod
    def _check(entity: Entity, options: Options) -> None:
        known = {*entity.fields, *entity.navigation, "id", "@iot.id", "@iot.selfLink"}
        for name in options.select:
            if name.partition("/")[0] not in known:
                raise SyntaxFault(
                    gettext_noop("%(entity)s không có thuộc tính “%(name)s”."),
                    {"entity": entity.name, "name": name},
                    option="$select",
                )
        for name in options.expand:
            if name not in entity.navigation:
                raise SyntaxFault(
                    gettext_noop("%(entity)s không có quan hệ “%(name)s”."),
                    {"entity": entity.name, "name": name},
                    option="$expand",
                )

    def _own(self, entity: Entity, alias: str, options: Options) -> list[tuple[str, list[str]]]:
        wanted = {name.partition("/")[0] for name in options.select}
        members: list[tuple[str, list[str]]] = []
        if not wanted or "@iot.selfLink" in wanted:
            members.append(('"@iot.selfLink":"', [*self._address(entity, alias), "'\"'"]))
        if not wanted or wanted & {"id", "@iot.id"}:
            members.append(('"@iot.id":', self._id(entity, alias)))
        for name, field in entity.fields.items():
            if field.optional and not wanted:
                # Left out of the answer where it has no value: concat() passes over NULL.
                members[-1][1].append(f"(',\"{name}\":' || {field.optional.format(a=alias)})")
            elif not wanted or name in wanted:
                members.append((f'"{name}":', [self._member(field, alias)]))
        return members

    def _member(self, field: Field, alias: str) -> str:
        """JSON of a property; when the stream was heard last may be there already."""
        json = field.json.format(a=alias)
        return json.replace(LAST.format(a=alias), self._last(alias))

    def _last(self, alias: str) -> str:
        return f"{alias}.iot_last" if alias in self._named else LAST.format(a=alias)

    def _id(self, entity: Entity, alias: str) -> list[str]:
        if entity.textual and alias in self._named:
            return ["'\"'", f"{alias}.iot_id", "'\"'"]
        return [entity.id.json.format(a=alias)]

    def _links(self, entity: Entity, alias: str, options: Options) -> list[tuple[str, list[str]]]:
        return [
            (
                f'"{name}@iot.navigationLink":"',
                [*self._address(entity, alias), _constant(f'/{name}"')],
            )
            for name in entity.navigation
            if name not in options.expand and (not options.select or name in options.select)
        ]

    def _address(self, entity: Entity, alias: str) -> list[str]:
        """Pieces of the address of a row, without quotes."""
        if alias in self._named:
            return [f"{alias}.iot_link"]
        return self._pieces(entity, alias)

    def _pieces(self, entity: Entity, alias: str) -> list[str]:
        key = entity.id.sql.format(a=alias)
        mark = "''" if entity.textual else ""
        return [self.base, f"'{entity.set}({mark}'", key, f"'{mark})'"]

    # --- expanded ------------------------------------------------------------------------------

    def _expanded(
        self, entity: Entity, alias: str, options: Options, depth: int
    ) -> list[tuple[str, list[str]]]:
        members = []
        for name, nested in options.expand.items():
            navigation = entity.navigation[name]
            if navigation.many:
                value = self._list(entity, alias, name, navigation, nested, depth)
                members.append(("", [value]))
            else:
                members.append((f'"{name}":', [self._one(navigation, alias, nested, depth)]))
        return members

    def _one(self, navigation: Navigation, parent: str, nested: Options, depth: int) -> str:
        target, alias = ENTITIES[navigation.target], self.parameters.alias()
        condition = reached(self.parameters, self.actor, navigation, alias, parent)
        json = self.entity(target, alias, nested, depth + 1)
        return f"coalesce((SELECT {json} FROM {target.table} {alias} WHERE {condition}), 'null')"

    def _list(
        self,
        entity: Entity,
        parent: str,
        name: str,
        navigation: Navigation,
        nested: Options,
        depth: int,
    ) -> str:
        """``"Datastreams":[…]`` with its count and the link to the rest."""
        of_stream = navigation.column == "datastream_id"
        if of_stream and is_newest(nested):
            return self._newest(parent, name, navigation, nested, depth)
        target, alias = ENTITIES[navigation.target], self.parameters.alias()
        top = PAGE if nested.top is None else nested.top
        conditions = [reached(self.parameters, self.actor, navigation, alias, parent)]
        compiler = Compiler(target, alias, self.parameters, self.actor)
        if nested.filter is not None:
            conditions.append(compiler.condition(nested.filter))
        columns = self.named(target, alias)
        json = self.entity(target, alias, nested, depth + 1)
        keys = order_keys(compiler, target, alias, nested, of_stream=of_stream)
        order = order_sql(keys)
        where = " AND ".join(conditions)
        rest = replace(nested, top=top)
        link = "?" + quote(_query(rest, nested.skip + top), safe="?&=,;$()/':@")
        more = [_constant(f',"{name}@iot.nextLink":"'), *self._address(entity, parent)]
        more.append(_constant(f'/{name}{link}"'))
        count = ""
        if nested.count:
            count = (
                f", ',\"{name}@iot.count\":', (SELECT count(*) FROM {target.table} {alias} "
                f"WHERE {where})"
            )
        row = self.parameters.alias()
        inner = (
            f"(SELECT {alias}.*{columns} FROM {target.table} {alias} WHERE {where} "
            f"ORDER BY {order} LIMIT 1 + {self._number(top)} OFFSET {self._number(nested.skip)}) "
            f"{alias}"
        )
        return (
            f"(SELECT concat('\"{name}\":[', string_agg({row}.j, ',') FILTER "
            f"(WHERE {row}.n <= {self._number(top)}), ']', CASE WHEN count(*) > "
            f"{self._number(top)} THEN {_concat(more)} END{count}) "
            f"FROM (SELECT {json} AS j, row_number() OVER () AS n FROM {inner}) {row})"
        )

    def _newest(
        self, parent: str, name: str, navigation: Navigation, nested: Options, depth: int
    ) -> str:
        """The list of the newest observation of a stream; nothing is left that a link leads to."""
        target, alias = ENTITIES[navigation.target], self.parameters.alias()
        columns = self.named(target, alias)
        json = self.entity(target, alias, nested, depth + 1)
        table = newest_of(f"{parent}.id", self._last(parent))
        row = f"(SELECT {alias}.*{columns} FROM {table} {alias} OFFSET 0) {alias}"
        return f"concat('\"{name}\":[', (SELECT {json} FROM {row}), ']')"

    def _number(self, value: int) -> str:
        return self.parameters.add(str(value), "bigint")


def newest_of(stream: str, last: str) -> str:
    """The newest observation of a stream as a table; SQL of its id and of its kept newest time.

    The kept newest value may trail by a moment, so it only says where to begin to look: days before
    it are not touched.
    """
    return (
        f"(SELECT * FROM {OBSERVATION} WHERE datastream_id = {stream} "
        f"AND at >= coalesce({last}, '-infinity') ORDER BY at DESC LIMIT 1)"
    )


def order_keys(
    compiler: Compiler, entity: Entity, alias: str, options: Options, *, of_stream: bool = False
) -> list[tuple[str, Kind, bool]]:
    """What rows are sorted by, with a last key that tells all rows apart.

    ``of_stream``: all rows are of one stream, so only their time tells them apart, and a page that
    begins after a moment leaves out the days before.
    """
    keys: list[tuple[str, Kind, bool]] = []
    for order in options.orderby:
        if isinstance(order.by, Path) and order.by.segments in (("id",), ("@iot.id",)):
            ids = entity.order
            keys += [(sql.format(a=alias), kind, order.descending) for sql, kind, _down in ids]
            continue
        keys.append((*compiler.sort_key(order.by), order.descending))
    down = keys[0][2] if keys else None
    taken = {sql for sql, _kind, _down in keys}
    for sql, kind, descending in entity.order:
        text = sql.format(a=alias)
        if text not in taken:
            keys.append((text, kind, descending if down is None else down))
    return [key for key in keys if not (of_stream and key[0] == f"{alias}.datastream_id")]


def order_sql(keys: list[tuple[str, Kind, bool]]) -> str:
    return ", ".join(f"{sql} {'DESC' if down else 'ASC'}" for sql, _kind, down in keys)


def _query(options: Options, skip: int) -> str:
    pairs = [*pairs_of(options), ("$skip", str(skip))]
    return "&".join(f"{name}={value}" for name, value in pairs)


def _constant(text: str) -> str:
    """Text as an SQL constant inside a statement with parameters."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def _concat(pieces: list[str]) -> str:
    return _joined(_merged(pieces))


def _merged(pieces: list[str]) -> list[str]:
    """The pieces with constants beside each other as one: each argument of concat() takes time."""
    found: list[str] = []
    for piece in pieces:
        if found and _LITERAL.fullmatch(found[-1]) and _LITERAL.fullmatch(piece):
            found[-1] = found[-1][:-1] + piece[1:]
        else:
            found.append(piece)
    return found


def _joined(pieces: list[str]) -> str:
    if len(pieces) <= _PIECES:
        return f"concat({', '.join(pieces)})"
    parts = [pieces[n : n + _PIECES] for n in range(0, len(pieces), _PIECES)]
    return f"concat({', '.join(map(_joined, parts))})"
