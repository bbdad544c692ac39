"""Counting faults: one statement a register, by place and owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from sen.kernel.geo.sql import Sql, condition, quote
from sen.kernel.plans import planned_for_values
from sen.kernel.quality.checks import Check, checks_of
from sen.kernel.web.register.resource import Resource


@dataclass(frozen=True, slots=True)
class Count:
    """Rows of one place, owner and class to which a check applies, and those at fault."""

    check: str
    area_id: int | None
    owner_id: int | None
    data_class: int
    applicable: int
    faulty: int


def count_faults(resource: Resource[Any]) -> list[Count]:
    """Count all checks of a register over the rows that the current actor sees.

    A table is read once however many checks there are.
    """
    found = checks_of(resource)
    if not found:
        return []
    statement = _statement(resource, found)
    with planned_for_values(), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        rows = cursor.fetchall()
    return [
        Count(check.key, area_id, owner_id, level, *map(int, figures[2 * place : 2 * place + 2]))
        for area_id, owner_id, level, *figures in rows
        for place, check in enumerate(found)
    ]


def _statement(resource: Resource[Any], found: Sequence[Check]) -> Sql:
    model, rule = resource.model, resource.rule
    table = quote(model._meta.db_table)
    axes = (rule.area_field, rule.org_field, rule.class_field)
    columns = [f"{table}.{quote(name)}" for name in axes]
    figures: list[str] = []
    params: list[Any] = []
    for check in found:
        applies = condition(model, check.applies()) if check.applies else Sql("TRUE")
        faulty = condition(model, check.faulty())
        figures.append(f"count(*) FILTER (WHERE {applies.text})")
        figures.append(f"count(*) FILTER (WHERE {applies.text} AND {faulty.text})")
        params += [*applies.params, *applies.params, *faulty.params]
    where = condition(model, resource.where) if resource.where is not None else Sql("TRUE")
    text = (
        f"SELECT {', '.join([*columns, *figures])} FROM {table} "  # noqa: S608  names of models
        f"WHERE {where.text} GROUP BY 1, 2, 3"
    )
    return Sql(text, [*params, *where.params])
