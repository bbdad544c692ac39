"""What became of the rows of a table between two moments, and how they lay at one.

Only rows that the log touched between the two are looked at: an index by table and time leads to
them. The rule of access is that of ``history``: a state is shown to whom may see the row as it was
then **and** as it is now (as it was last, once deleted).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sen.kernel.access.context import as_system
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor, Scope
from sen.kernel.audit.history import Difference, compare, masked_for
from sen.kernel.audit.states import State, decode, fields_of, geometry_from, read
from sen.kernel.audit.triggers import geometry_column, skipped_columns


class Change(StrEnum):
    """What happened to a row; ``MOVED`` may have changed otherwise too."""

    NEW = "NEW"
    GONE = "GONE"
    MOVED = "MOVED"
    CHANGED = "CHANGED"


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL on the model's table under its own name, with its parameters; judged on each state."""

    text: str = "TRUE"
    params: tuple[Any, ...] = ()


EVERY: Final = Condition()


@dataclass(frozen=True, slots=True)
class Pair:
    """One row at both moments, as the actor may see it."""

    row_id: int
    change: Change
    before: State | None
    after: State | None

    @property
    def differences(self) -> list[Difference]:
        """Field by field; none for what came or went as a whole."""
        if self.before is None or self.after is None:
            return []
        return compare(self.before, self.after)


def changes_between(
    model: type[ScopedModel],
    first: datetime,
    second: datetime,
    actor: Actor,
    *,
    where: Condition = EVERY,
) -> list[tuple[int, Change]]:
    """Ids of the rows that differ, with how; in order of the id."""
    sql, params = _pairs_sql(model, actor.scope(model.access), where, touched=_TOUCHED)
    text = f"SELECT row_id, change FROM ({sql}) found WHERE change IS NOT NULL ORDER BY row_id"  # noqa: S608
    with as_system("compare a register at two moments"):
        rows = read(text, {**params, "first": first, "second": second})
    return [(row_id, Change(change)) for row_id, change in rows]


def pairs(
    model: type[ScopedModel],
    first: datetime,
    second: datetime,
    actor: Actor,
    row_ids: Sequence[int],
) -> list[Pair]:
    """The states of some rows at both moments; rows that do not differ are left out."""
    if not row_ids:
        return []
    scope = actor.scope(model.access)
    sql, params = _pairs_sql(model, scope, EVERY, touched="SELECT unnest(%(ids)s::bigint[]) row_id")
    text = f"SELECT * FROM ({sql}) found WHERE change IS NOT NULL ORDER BY row_id"  # noqa: S608
    values = {**params, "first": first, "second": second, "ids": list(row_ids)}
    with as_system("compare a register at two moments"):
        rows = read(text, values)
    found: list[Pair] = []
    for row_id, change, *states in rows:
        before = _state(model, scope, row_id, first, *states[:3])
        after = _state(model, scope, row_id, second, *states[3:])
        found.append(Pair(row_id, Change(change), before, after))
    return found


def _state(
    model: type[ScopedModel],
    scope: Scope,
    row_id: int,
    when: datetime,
    version: int | None,
    image: str | None,
    geom: bytes | None,
) -> State | None:
    if version is None or image is None:
        return None
    state = State(
        model=model,
        row_id=row_id,
        version=version,
        image=decode(image),
        geom=geometry_from(geom),
        since=when,
        until=when,
    )
    return masked_for(scope, state)


#: Whatever began or ended between the moments: a state ends in the log, a present one only began.
_TOUCHED: Final = """
  SELECT row_id FROM kernel_audit_rowversion
  WHERE table_name = %(table)s AND changed_at > %(first)s AND valid_from <= %(second)s
  UNION SELECT id FROM {table} WHERE updated_at > %(first)s AND updated_at <= %(second)s
"""


def _pairs_sql(
    model: type[ScopedModel], scope: Scope, where: Condition, *, touched: str
) -> tuple[str, dict[str, Any]]:
    table, geom = f'"{model._meta.db_table}"', geometry_column(model)
    # Only what a person or a program sets counts: not counters, times and search texts.
    compared = {field.column for field in fields_of(model)} - {geom}
    params: dict[str, Any] = {
        "table": model._meta.db_table,
        "skipped": skipped_columns(model),
        "kept": sorted({f.column for f in model._meta.concrete_fields} - compared),
    }
    before = _seen("a.image", scope, table, where, params, "a")
    after = _seen("b.image", scope, table, where, params, "b")
    shape = f"t.{geom}" if geom else "NULL::geometry"
    sql = f"""
WITH touched AS MATERIALIZED ({touched.format(table=table)})
SELECT x.row_id,
  CASE WHEN a.version IS NULL AND b.version IS NULL THEN NULL
       WHEN a.version IS NULL THEN 'NEW' WHEN b.version IS NULL THEN 'GONE'
       WHEN ST_AsBinary(a.geom) IS DISTINCT FROM ST_AsBinary(b.geom) THEN 'MOVED'
       WHEN a.image - %(kept)s::text[] <> b.image - %(kept)s::text[] THEN 'CHANGED'
  END AS change,
  a.version AS version_a, a.image::text AS image_a, ST_AsEWKB(a.geom) AS geom_a,
  b.version AS version_b, b.image::text AS image_b, ST_AsEWKB(b.geom) AS geom_b
FROM touched x
LEFT JOIN LATERAL ({_at("first", table, shape)}) a ON {before}
LEFT JOIN LATERAL ({_at("second", table, shape)}) b ON {after}
WHERE {_seen_last(scope, table, params)}
"""  # noqa: S608  names of our own models; values are parameters
    return sql, params


def _at(moment: str, table: str, shape: str) -> str:
    """The state of row ``x.row_id`` at a moment: out of the log, else the present one."""
    return f"""
  SELECT version, image, geom FROM (
    SELECT v.version, v.image, v.geom, 0 AS rank FROM kernel_audit_rowversion v
    WHERE v.table_name = %(table)s AND v.row_id = x.row_id
      AND v.changed_at > %({moment})s AND v.valid_from <= %({moment})s
    UNION ALL
    SELECT t.version, to_jsonb(t) - %(skipped)s::text[], {shape}, 1 FROM {table} t
    WHERE t.id = x.row_id AND t.updated_at <= %({moment})s
  ) state ORDER BY rank LIMIT 1"""  # noqa: S608  names of our own models


def _seen(
    image: str, scope: Scope, table: str, where: Condition, params: dict[str, Any], prefix: str
) -> str:
    """Whether the scope admits a state, and the condition holds of it."""
    axes, more = _axes_condition(image, scope, prefix)
    params |= more
    if where.text == "TRUE":
        return axes
    text, own = _named(where.text, where.params, f"{prefix}w")
    params |= own
    row = f"jsonb_populate_record(NULL::{table}, {image}) AS {table}"
    return f"{axes} AND EXISTS (SELECT FROM {row} WHERE {text})"


def _seen_last(scope: Scope, table: str, params: dict[str, Any]) -> str:
    """Whether the scope admits a row as it is, or as it was when it was deleted."""
    text, values = scope.sql("t")
    now, more = _named(text, tuple(values), "n")
    params |= more
    last, most = _axes_condition("d.image", scope, "d")
    params |= most
    return f"""(EXISTS (SELECT FROM {table} t WHERE t.id = x.row_id AND {now})
    OR EXISTS (SELECT FROM kernel_audit_rowversion d WHERE d.table_name = %(table)s
      AND d.row_id = x.row_id AND d.op = 'D' AND {last}))"""  # noqa: S608  our own names


def _axes_condition(image: str, scope: Scope, prefix: str) -> tuple[str, dict[str, Any]]:
    """The scope on the few columns of an image that decide."""
    rule = scope.rule
    columns = [(rule.class_field, "integer"), (rule.org_field, "bigint")]
    columns.append((rule.area_field, "bigint"))
    if rule.subject_field:
        columns.append((rule.subject_field, "bigint"))
    said = ", ".join(f"({image} ->> '{name}')::{kind} AS {name}" for name, kind in columns)
    text, values = scope.sql(f"{prefix}x")
    named, params = _named(text, tuple(values), prefix)
    return f"EXISTS (SELECT FROM (SELECT {said}) {prefix}x WHERE {named})", params


def _named(text: str, values: tuple[Any, ...], prefix: str) -> tuple[str, dict[str, Any]]:
    """SQL with named parameters, so that it can stand in a larger statement."""
    parts = text.split("%s")
    names = [f"{prefix}{number}" for number in range(len(values))]
    joined = "".join(f"{part}%({name})s" for part, name in zip(parts, names, strict=False))
    return joined + parts[-1], dict(zip(names, values, strict=True))


def shapes_at(
    model: type[ScopedModel],
    when: datetime,
    actor: Actor,
    *,
    box: tuple[float, float, float, float],
    where: Condition = EVERY,
    limit: int,
) -> list[tuple[int, str]]:
    """How the rows of a layer lay in a box (WGS 84) at a moment: ids and GeoJSON."""
    geom = geometry_column(model)
    scope = actor.scope(model.access)
    # A masked place is not shown, whatever the row's other values are.
    if geom is None or any(name in scope.rule.masks for name in ("geom", geom)):
        return []
    table = f'"{model._meta.db_table}"'
    params: dict[str, Any] = {
        "table": model._meta.db_table,
        "skipped": skipped_columns(model),
        "when": when,
        "limit": limit,
    }
    params |= dict(zip(("west", "south", "east", "north"), box, strict=True))
    seen = _seen("s.image", scope, table, where, params, "s")
    inside = "{0} && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"
    sql = f"""
SELECT x.row_id, ST_AsGeoJSON(x.geom, 7, 0) FROM (
  SELECT s.* FROM (
    SELECT t.id AS row_id, to_jsonb(t) - %(skipped)s::text[] AS image, t.{geom} AS geom
    FROM {table} t WHERE t.updated_at <= %(when)s AND {inside.format(f"t.{geom}")}
  ) s WHERE {seen}
  UNION ALL
  SELECT s.* FROM (
    SELECT v.row_id, v.image, v.geom FROM kernel_audit_rowversion v
    WHERE v.table_name = %(table)s AND v.changed_at > %(when)s AND v.valid_from <= %(when)s
      AND {inside.format("v.geom")}
  ) s WHERE {seen}
) x WHERE {_seen_last(scope, table, params)} LIMIT %(limit)s"""  # noqa: S608  our own names
    with as_system("read a layer as on a date"):
        return [(row_id, shape) for row_id, shape in read(sql, params)]


def counted(marks: Sequence[tuple[int, Change]]) -> Mapping[Change, int]:
    """How many rows changed in each way."""
    found = dict.fromkeys(Change, 0)
    for _row_id, change in marks:
        found[change] += 1
    return found


__all__ = [
    "EVERY",
    "Change",
    "Condition",
    "Pair",
    "changes_between",
    "counted",
    "pairs",
    "shapes_at",
]
