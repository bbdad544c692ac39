"""SQL text of a layer: its values with masks, its conditions with the access rule.

Rows never pass through Python objects here. Conditions come from ``Q`` through Django's compiler;
values are written by hand as scalar subqueries, so that a hidden or missing related row makes an
empty value and never makes the row itself disappear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import EmptyResultSet, FieldDoesNotExist, FullResultSet
from django.db import models
from django.db.models import Q

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass, Scope
from sen.kernel.geo.layers import Layer, LayerAccess

Scopes = Mapping[AccessRule, Scope]


@dataclass(slots=True)
class Sql:
    """A piece of SQL with its parameters."""

    text: str = ""
    params: list[Any] = field(default_factory=list)

    def __and__(self, other: Sql) -> Sql:
        return Sql(f"{self.text} AND {other.text}", [*self.params, *other.params])


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def condition(model: type[models.Model], q: Q) -> Sql:
    """``q`` as an SQL condition on the model's table under its own name."""
    rows = model._base_manager.filter(q)
    compiler = rows.query.get_compiler("default")
    try:
        compiler.pre_sql_setup()
        if len([a for a in rows.query.alias_map if rows.query.alias_refcount[a]]) == 1:
            text, params = compiler.compile(rows.query.where)
            return Sql(f"({text})", list(params))
        text, params = rows.order_by().values("pk").query.get_compiler("default").as_sql()
    except EmptyResultSet:
        return Sql("FALSE")
    except FullResultSet:
        return Sql("TRUE")
    return Sql(f'{quote(model._meta.db_table)}."id" IN ({text})', list(params))


def scope_condition(scope: Scope, alias: str, *, at_least: int = 0) -> Sql:
    text, params = scope.sql(alias, at_least=at_least)
    return Sql(text, params)


def row_condition(access: LayerAccess) -> Sql:
    """Rows of the layer that the actor may see: the scope, the fixed filter, the masked place."""
    layer = access.layer
    alias = quote(layer.table)
    found = scope_condition(access.scope, alias)
    if (needed := layer.rule.masks.get("geom")) is not None:
        found &= scope_condition(access.scope, alias, at_least=needed)
    if layer.where is not None:
        found &= condition(layer.model, layer.where)
    return found


def value(
    model: type[models.Model], path: str, scopes: Scopes, alias: str = "", depth: int = 0
) -> Sql:
    """The value at the end of an ORM path, NULL where a mask or a hidden row covers it.

    A path may go through foreign keys and end in keys of a JSON field.
    """
    alias = alias or quote(model._meta.db_table)
    name, _, rest = path.partition("__")
    item = field_of(model, name)
    column = f"{alias}.{quote(str(item.column))}"
    if not rest:
        found = Sql(column)
    elif isinstance(item, models.JSONField):
        keys = ",".join(quote(key) for key in rest.split("__"))
        found = Sql(f"({column} #> {literal('{' + keys + '}')})")
    else:
        found = _related(item, rest, scopes, column, depth + 1)
    return _masked(model, name, path, scopes, alias, found)


def _related(item: Any, rest: str, scopes: Scopes, column: str, depth: int) -> Sql:
    """A scalar subquery over the row that a foreign key points to."""
    target: type[models.Model] = item.related_model
    alias = f"r{depth}"
    inner = value(target, rest, scopes, alias, depth)
    key = f"{alias}.{quote(item.target_field.column)} = {column}"
    where = Sql(key)
    if issubclass(target, ScopedModel):
        where &= scope_condition(scopes[target.access], alias)
    table = quote(target._meta.db_table)
    return Sql(
        f"(SELECT {inner.text} FROM {table} {alias} WHERE {where.text})",  # noqa: S608  own names
        [*inner.params, *where.params],
    )


def _masked(
    model: type[models.Model], name: str, path: str, scopes: Scopes, alias: str, found: Sql
) -> Sql:
    if not issubclass(model, ScopedModel):
        return found
    masks = model.access.masks
    needed = max(masks.get(name, DataClass.PUBLIC), masks.get(path, DataClass.PUBLIC))
    if needed == DataClass.PUBLIC:
        return found
    when = scope_condition(scopes[model.access], alias, at_least=needed)
    return Sql(f"(CASE WHEN {when.text} THEN {found.text} END)", [*when.params, *found.params])


def field_of(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    """A column of a model.

    Raises:
        FieldDoesNotExist: the model has no such column.
    """
    item = model._meta.get_field(name)
    if not isinstance(item, models.Field) or not item.column:
        raise FieldDoesNotExist(f"{model._meta.label} has no column {name!r}")
    return item


def last_field(model: type[models.Model], path: str) -> models.Field[Any, Any] | None:
    """The field whose value a path ends in; None for a key of a JSON field."""
    name, _, rest = path.partition("__")
    item = field_of(model, name)
    if not rest:
        return item
    if isinstance(item, models.JSONField):
        return None
    target: Any = item.related_model  # what a foreign key points to
    return last_field(target, rest)


#: MVT knows texts, numbers and truth values.
_TILE_CASTS: Final[tuple[tuple[type[models.Field[Any, Any]], str], ...]] = (
    (models.DecimalField, "float8"),
    (models.DateField, "text"),
    (models.TimeField, "text"),
    (models.DurationField, "text"),
    (models.UUIDField, "text"),
    (models.JSONField, "text"),
)


def tile_value(layer: Layer, path: str, scopes: Scopes) -> Sql:
    """A value in a type that a vector tile can carry."""
    found = value(layer.model, path, scopes)
    item = last_field(layer.model, path)
    if item is None:
        return Sql(f"({found.text} #>> '{{}}')", found.params)
    for kind, cast in _TILE_CASTS:
        if isinstance(item, kind):
            return Sql(f"({found.text})::{cast}", found.params)
    return found
