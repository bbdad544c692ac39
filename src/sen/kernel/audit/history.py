"""What rows were, shown to actors: versions, a list as on a date, comparison.

A past state may be seen by an actor who may see the row **as it was then and as it is now** (as
it was last, once deleted): declassifying a row does not open its secret past, and classifying it
closes the past along with the present. Masks are those of the state itself. Restoring is a use
case (``sen.kernel.restoring``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from django.contrib.gis.geos import Polygon
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.access.context import as_system
from sen.kernel.access.models import ScopedModel, User
from sen.kernel.access.scope import AccessRule, Actor, Scope
from sen.kernel.access.tracking import geometry_text
from sen.kernel.audit.models import AuditEntry
from sen.kernel.audit.states import (
    State,
    decode,
    fields_of,
    geometry_from,
    read,
    same_geometry,
    states_of,
)
from sen.kernel.audit.triggers import geometry_column, skipped_columns
from sen.kernel.errors import Meanwhile, NotFoundError

MOST_ROWS: Final = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of two states, as a person reads it; ``masked``: the values are withheld."""

    field: str
    label: str
    before: Any
    after: Any
    masked: bool = False


def versions(row: ScopedModel, actor: Actor) -> list[State]:
    """The states of a row that ``actor`` may see, the present one first."""
    return versions_of(type(row), row.pk, actor)


def versions_of(model: type[ScopedModel], row_id: int, actor: Actor) -> list[State]:
    """The states of a row by its id, also of a deleted one; the latest first."""
    states = states_of(model, row_id)
    scope = actor.scope(model.access)
    if not states or not states[-1].visible_in(scope):
        return []
    return [masked_for(scope, state) for state in reversed(states) if state.visible_in(scope)]


def masked_for(scope: Scope, state: State) -> State:
    """The state without the values that the scope withholds."""
    hidden = scope.masked(state.image)
    if not hidden:
        return state
    columns = {f.column for f in state.model._meta.concrete_fields if f.name in hidden}
    image = {
        key: without_keys(key, value, hidden)
        for key, value in state.image.items()
        if key not in columns
    }
    geom = None if geometry_column(state.model) in columns else state.geom
    return replace(state, image=image, geom=geom, masked=hidden)


def without_keys(name: str, value: Any, hidden: frozenset[str]) -> Any:
    """A JSON object without the keys that a mask on ``<field>__<key>`` withholds."""
    if not isinstance(value, dict):
        return value
    return {key: item for key, item in value.items() if f"{name}__{key}" not in hidden}


def state_at(row: ScopedModel, version: int, actor: Actor) -> State:
    """One version of a row.

    Raises:
        NotFoundError: there is no such version, or none that the actor may see.
    """
    for state in versions(row, actor):
        if state.version == version:
            return state
    raise NotFoundError(_("phiên bản"), version)


def row_as_of(model: type[ScopedModel], row_id: int, when: datetime, actor: Actor) -> State | None:
    """A row as it was at a moment; None when it did not exist or may not be seen."""
    for state in versions_of(model, row_id, actor):
        if state.since <= when and (state.until is None or when < state.until):
            return state
    return None


def as_of(
    model: type[ScopedModel],
    when: datetime,
    actor: Actor,
    *,
    after_id: int = 0,
    limit: int = MOST_ROWS,
    box: Polygon | None = None,
) -> list[State]:
    """The rows of a register as they were at a moment, by id, a page at a time.

    ``after_id`` is the last id of the page before; ``box`` (WGS 84) keeps what lay in it then.
    """
    scope = actor.scope(model.access)
    sql, params = _as_of_sql(model, scope, box)
    with as_system("read a register as on a date"):
        found = read(sql, {**params, "when": when, "after": after_id, "limit": limit})
    return [
        masked_for(
            scope,
            State(
                model=model,
                row_id=row_id,
                version=version,
                image=decode(image),
                geom=geometry_from(geom),
                since=since,
                until=until,
            ),
        )
        for row_id, version, image, geom, since, until in found
    ]


def _as_of_sql(
    model: type[ScopedModel], scope: Scope, box: Polygon | None
) -> tuple[str, dict[str, Any]]:
    """States that were in force then, within the scope then and now.

    Both halves are read in order of the id and end at the limit: no image is made for nothing.
    """
    table, geom = model._meta.db_table, geometry_column(model)
    then, params = _named(scope, "s", "t")
    now, more = _named(scope, "t", "n")
    last, most = _named(scope, "d", "d")
    params |= more | most | {"table": table, "skipped": skipped_columns(model)}
    in_box = ""
    if box is not None and geom:
        in_box = "AND {0}.geom && ST_GeomFromEWKB(%(box)s)"
        params["box"] = bytes(box.ewkb)
    axes = _axes(scope.rule)
    sql = f"""
    (SELECT t.id AS row_id, t.version, (to_jsonb(t) - %(skipped)s::text[])::text,
       {f"ST_AsEWKB(t.{geom})" if geom else "NULL::bytea"}, t.updated_at, NULL::timestamptz
     FROM "{table}" t
     WHERE t.updated_at <= %(when)s AND t.id > %(after)s AND {now} {in_box.format("t")}
     ORDER BY t.id LIMIT %(limit)s)
    UNION ALL
    (SELECT s.row_id, s.version, s.image::text, ST_AsEWKB(s.geom), s.valid_from, s.changed_at
     FROM (
       SELECT row_id, version, image, geom, valid_from, changed_at, {axes}
       FROM kernel_audit_rowversion
       WHERE table_name = %(table)s AND row_id > %(after)s
         AND valid_from <= %(when)s AND changed_at > %(when)s
     ) s
     WHERE {then} {in_box.format("s")} AND (
       EXISTS (SELECT FROM "{table}" t WHERE t.id = s.row_id AND {now})
       OR EXISTS (
         SELECT FROM (
           SELECT {axes} FROM kernel_audit_rowversion
           WHERE table_name = %(table)s AND row_id = s.row_id AND op = 'D'
         ) d WHERE {last}
       )
     )
     ORDER BY s.row_id LIMIT %(limit)s)
    ORDER BY row_id LIMIT %(limit)s
    """  # noqa: S608  names of our own models; values are parameters
    return sql, params


def _axes(rule: AccessRule) -> str:
    """The columns of an access rule out of an image."""
    columns = [(rule.class_field, "integer"), (rule.org_field, "bigint")]
    columns += [(rule.area_field, "bigint")]
    if rule.subject_field:
        columns.append((rule.subject_field, "bigint"))
    return ", ".join(f"(image ->> '{name}')::{kind} AS {name}" for name, kind in columns)


def _named(scope: Scope, alias: str, prefix: str) -> tuple[str, dict[str, Any]]:
    """``Scope.sql`` with named parameters, so that it can stand in a larger statement."""
    sql, values = scope.sql(alias)
    names = [f"{prefix}{number}" for number in range(len(values))]
    parts = sql.split("%s")
    text = "".join(f"{part}%({name})s" for part, name in zip(parts, names, strict=False))
    return text + parts[-1], dict(zip(names, values, strict=True))


def compare(old: State, new: State) -> list[Difference]:
    """Field by field what differs, with labels; what either state masks stays masked."""
    hidden = old.masked | new.masked
    return [
        Difference(d.field, d.label, None, None, masked=True) if d.field in hidden else d
        for d in differences(old, new, hidden=hidden)
    ]


def differences(
    old: State, new: State, *, hidden: frozenset[str] = frozenset()
) -> list[Difference]:
    """What differs; a hidden field counts as different, for its values are not at hand."""
    geom = geometry_column(old.model)
    found: list[Difference] = []
    for field in fields_of(old.model):
        before, after = old.image.get(field.attname), new.image.get(field.attname)
        if field.column == geom:
            if same_geometry(old.geom, new.geom) and field.name not in hidden:
                continue
            before = geometry_text(old.geom) if old.geom else None
            after = geometry_text(new.geom) if new.geom else None
        elif before == after and field.name not in hidden:
            continue
        elif isinstance(before, dict) and isinstance(after, dict):
            found += _differing_keys(field, old, new)
            continue
        found.append(
            Difference(
                field.name,
                str(field.verbose_name),
                shown_value(field, before),
                shown_value(field, after),
            )
        )
    return found


def _differing_keys(field: models.Field[Any, Any], old: State, new: State) -> list[Difference]:
    """The keys of a JSON object that differ, each under its own name."""
    before, after = old.image[field.attname], new.image[field.attname]
    found: list[Difference] = []
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            label, was = old.model.say_key(old.image, field.name, key, before.get(key))
            label, now = new.model.say_key(new.image, field.name, key, after.get(key))
            found.append(Difference(f"{field.name}__{key}", label, was, now))
    return found


def shown_value(field: models.Field[Any, Any], value: Any) -> Any:
    """A value as a person reads it: the label of a choice, the name behind a key."""
    if value is None:
        return None
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    related = field.related_model
    if field.is_relation and isinstance(related, type) and issubclass(related, models.Model):
        target = related._base_manager.filter(pk=value).first()
        return str(target) if target is not None else f"#{value}"
    return _written(field, value)


def _written(field: models.Field[Any, Any], value: Any) -> Any:
    """JSON holds dates as text."""
    if isinstance(field, models.DateField) and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if isinstance(field, models.DateTimeField):
            return timezone.localtime(moment).strftime("%H:%M %d/%m/%Y")
        return moment.strftime("%d/%m/%Y")
    return value


def changes_since(row: ScopedModel, version: int) -> tuple[Meanwhile, ...]:
    """Who changed ``row`` after ``version``, oldest first; names of fields, never values."""
    states = states_of(type(row), row.pk, version)
    people = people_of(states)
    return tuple(
        Meanwhile(
            version=new.version,
            at=new.since,
            who=people.get(new.by_id or 0) or new.by,
            fields=tuple(d.label for d in differences(old, new)),
        )
        for old, new in pairwise(states)
    )


def people_of(states: Sequence[State]) -> dict[int, str]:
    """Full names of those who made the states, by account."""
    made_by = {state.by_id for state in states if state.by_id}
    return dict(User.objects.filter(pk__in=made_by).values_list("pk", "full_name"))


def entries(row: ScopedModel, actor: Actor, *, limit: int = 100) -> Sequence[AuditEntry]:
    """What was done to a row, the latest first; nothing for a row that the actor may not see.

    Values of changes are kept only where the actor may see the states before and after them, and
    never of masked fields.
    """
    states = {state.version: state for state in versions(row, actor)}
    if not states:
        return []
    found = list(
        AuditEntry.objects.filter(resource=row.access.resource, object_id=str(row.pk)).order_by(
            "-id"
        )[:limit]
    )
    for entry in found:
        withhold(entry, states)
    return found


def withhold(entry: AuditEntry, states: Mapping[int, State]) -> None:
    """Take out of an entry the values that the actor may not see."""
    changes = entry.detail.get("changes")
    if not isinstance(changes, dict):
        return
    made = 1 if entry.detail.get("created") else int(entry.detail.get("version", 0))
    around = [number for number in (made - 1, made) if number >= 1]
    visible = bool(around) and all(number in states for number in around)
    hidden = frozenset().union(*(states[n].masked for n in around if n in states))
    for name in changes:
        if not visible or name in hidden:
            changes[name] = [None, None]
        else:
            changes[name] = [without_keys(name, value, hidden) for value in changes[name]]
