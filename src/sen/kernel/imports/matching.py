"""Finding rows of a file again in the database by name or place, where they carry no common code.

What is found becomes the key of the row, so that the importer's own rule by key does the rest. A
row that fits several stored ones, and two rows that fit the same one, are told and decided by a
person; nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import orjson
import shapely
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import Importer, ImportRow, MatchOn, Outcome
from sen.lib.text import fold

if TYPE_CHECKING:
    from sen.kernel.imports.plan import Request

#: Candidates of one row that are looked at.
MOST: Final = 5
#: So many conflicts are shown with their candidates.
SHOWN: Final = 200
DEGREE_M: Final = 111_320.0


class Rule(StrEnum):
    NAME = "name"
    PLACE = "place"


RULES: Final = {
    "": gettext_lazy("Theo quy tắc của loại dữ liệu (mã, lý trình)"),
    Rule.NAME.value: gettext_lazy("Theo tên và xã, phường"),
    Rule.PLACE.value: gettext_lazy("Theo vị trí và loại"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored row that a row of the file may mean; ``distance_m`` where both have a place."""

    key: str
    label: str
    area: str
    distance_m: float | None


def candidates(
    match_on: MatchOn, actor: Actor, rows: Sequence[ImportRow], rule: Rule, within_m: float
) -> dict[int, list[Candidate]]:
    """Row number → the stored rows that fit it, nearest first, of those that the actor may see."""
    given = [_given(row, match_on) for row in rows]
    wanted = [one for one in given if one["name" if rule is Rule.NAME else "lon"] is not None]
    if not wanted:
        return {}
    sql, params = _sql(match_on, actor, rule)
    params |= {"rows": orjson.dumps(wanted).decode(), "within": within_m, "most": MOST}
    params["degrees"] = within_m / DEGREE_M * 1.1
    found: defaultdict[int, list[Candidate]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for number, key, label, area, distance in cursor.fetchall():
            gap = None if distance is None else round(float(distance), 1)
            found[number].append(Candidate(key, label, area, gap))
    return dict(found)


def _given(row: ImportRow, match_on: MatchOn) -> dict[str, Any]:
    name = row.values.get(match_on.name)
    area = row.values.get(match_on.area)
    at = None
    if row.shape is not None:
        shape = shapely.from_wkb(row.shape)
        middle = shapely.point_on_surface(shape) if shapely.get_dimensions(shape) else shape
        at = shapely.get_coordinates(middle)[0]
    return {
        "n": row.number,
        "name": fold(str(name)) if name else None,
        "area": fold(str(area)) if area else None,
        "lon": None if at is None else float(at[0]),
        "lat": None if at is None else float(at[1]),
    }


def _sql(match_on: MatchOn, actor: Actor, rule: Rule) -> tuple[str, dict[str, Any]]:
    model: type[ScopedModel] = match_on.model
    scope, values = actor.scope(model.access).sql("t")
    names = [f"s{number}" for number in range(len(values))]
    parts = scope.split("%s")
    scope = "".join(f"{part}%({name})s" for part, name in zip(parts, names, strict=False))
    scope += parts[-1]
    params: dict[str, Any] = dict(zip(names, values, strict=True))
    where = []
    for name, value in match_on.where.items():
        column = _column(model, name)
        where.append(f't."{column}" = %(w_{name})s')
        params[f"w_{name}"] = value
    name_column = _column(model, match_on.name)
    key_column = _column(model, match_on.key)
    near = "ST_Distance(t.geom::geography, ST_SetSRID(ST_Point(g.lon, g.lat), 4326)::geography)"
    fits = (
        f'sen_fold(t."{name_column}") = g.name'
        " AND (g.area IS NULL OR g.area IN (sen_fold(a.code), sen_fold(a.name)))"
        if rule is Rule.NAME
        else "t.geom && ST_Expand(ST_SetSRID(ST_Point(g.lon, g.lat), 4326), %(degrees)s)"
        f" AND {near} <= %(within)s"
    )
    return (
        f"""
        SELECT n, key, label, area, distance FROM (
          SELECT g.n, t."{key_column}" AS key, t."{name_column}" AS label, a.name AS area,
            {near} AS distance,
            row_number() OVER (PARTITION BY g.n ORDER BY {near} NULLS LAST, t.id) AS place
          FROM jsonb_to_recordset(%(rows)s::jsonb)
            AS g (n int, name text, area text, lon float8, lat float8)
          CROSS JOIN "{model._meta.db_table}" t
          JOIN kernel_access_area a ON a.id = t.area_id
          WHERE {" AND ".join([fits, scope, *where])}
        ) found WHERE place <= %(most)s ORDER BY n, place
        """,  # noqa: S608  names of our own models; values are parameters
        params,
    )


def _column(model: type[ScopedModel], name: str) -> str:
    return next(str(f.column) for f in model._meta.concrete_fields if f.name == name)


def resolve(
    importer: Importer,
    actor: Actor,
    rows: Sequence[ImportRow],
    request: Request,
    outcome: Outcome,
) -> list[ImportRow]:
    """The rows with the keys of what they mean; what is not clear becomes a fault of its row."""
    match_on = importer.match_on
    if match_on is None or request.match not in list(Rule):
        return list(rows)
    found = candidates(match_on, actor, rows, Rule(request.match), request.within_m)
    made: list[ImportRow] = []
    bound: dict[str, int] = {}
    matched = 0
    for row in rows:
        key, problem = _key_for(row, found.get(row.number, []), request.decisions)
        if key and key in bound:
            problem = _("Dòng %(row)s cũng khớp với “%(key)s”; hãy chọn lại.") % {
                "row": bound[key],
                "key": key,
            }
        if problem:
            outcome.fault(row, CONFLICT, problem, row.values.get(match_on.name))
        if key:
            bound.setdefault(key, row.number)
            matched += 1
            made.append(replace(row, values={**row.values, match_on.key: key}))
        else:
            made.append(row)
    outcome.notes.append(
        _("%(n)s dòng khớp với bản ghi đã có theo quy tắc đã chọn.") % {"n": matched}
    )
    return made


#: The field under which conflicts stand in a report.
CONFLICT: Final = "match"


def _key_for(
    row: ImportRow, found: Sequence[Candidate], decisions: Mapping[int, str]
) -> tuple[str, str]:
    """The key that a row gets, or why it is not clear."""
    if row.number in decisions:
        return decisions[row.number], ""
    if len(found) > 1:
        names = "; ".join(describe(one) for one in found)
        return "", _("Khớp với nhiều bản ghi: %(names)s. Hãy chọn ở bước Khớp.") % {"names": names}
    return (found[0].key, "") if found else ("", "")


def describe(one: Candidate) -> str:
    """A candidate in a line."""
    gap = "" if one.distance_m is None else f", {one.distance_m:g} m"
    return f"{one.label or one.key} ({one.key}, {one.area}{gap})"
