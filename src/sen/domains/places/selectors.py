"""Where a point lies, and which unit an old or new address means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet

from sen.domains.places.data import Located
from sen.domains.places.models import Alias, Unit
from sen.kernel.access.scope import Actor
from sen.lib.text import fold

#: Over rivers and the sea a point may lie in no boundary; the nearest within this counts.
NEAREST_WITHIN_M = 3000

_LOCATE = """
WITH p AS (SELECT ST_SetSRID(ST_MakePoint(%s, %s), 4326) AS g)
SELECT u.id, u.area_id, u.code, u.kind, u.name,
       CASE WHEN ST_Intersects(u.geom, p.g) THEN 0
            ELSE ST_Distance(u.geom::geography, p.g::geography) END AS distance
FROM places_unit u, p
WHERE u.geom && ST_Expand(p.g, 0.03)
  AND (ST_Intersects(u.geom, p.g) OR ST_DWithin(u.geom::geography, p.g::geography, %s))
ORDER BY distance, u.id LIMIT 1
"""


def unit_at(*, lon: float, lat: float) -> Located | None:
    """The unit of a point in WGS 84, or over water the nearest within 3 km.

    A point on a common border belongs to the unit with the smaller code order of its id, so the
    answer is the same every time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCATE, [lon, lat, NEAREST_WITHIN_M])
        row = cursor.fetchone()
    if row is None:
        return None
    unit_id, area_id, code, kind, name, distance = row
    return Located(unit_id, area_id, code, f"{Unit.Kind(kind).label} {name}", float(distance))


_MANY = """
SELECT p.place, near.*
FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS p (lon, lat, place)
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326) AS g) q
CROSS JOIN LATERAL ({near}) near
"""
_AROUND = """
  SELECT u.id, u.area_id, u.code, u.kind, u.name, 0 AS distance
  FROM places_unit u WHERE ST_Intersects(u.geom, q.g) ORDER BY u.id LIMIT 1"""
_NEAREST = f"""
  SELECT u.id, u.area_id, u.code, u.kind, u.name,
         ST_Distance(u.geom::geography, q.g::geography) AS distance
  FROM places_unit u
  WHERE u.geom && ST_Expand(q.g, 0.03)
    AND ST_DWithin(u.geom::geography, q.g::geography, {NEAREST_WITHIN_M})
  ORDER BY distance, u.id LIMIT 1"""  # noqa: S608  constants only


def units_at(points: Sequence[tuple[float, float]]) -> list[Located | None]:
    """The units of many points (longitude, latitude), in order; see :func:`unit_at`."""
    found: list[Located | None] = [None] * len(points)
    for near in (_AROUND, _NEAREST):
        left = [place for place, unit in enumerate(found) if unit is None]
        if not left:
            break
        with connection.cursor() as cursor:
            cursor.execute(
                _MANY.format(near=near),
                [[points[i][0] for i in left], [points[i][1] for i in left]],
            )
            rows = cursor.fetchall()
        for place, unit_id, area_id, code, kind, name, distance in rows:
            title = f"{Unit.Kind(kind).label} {name}"
            found[left[place - 1]] = Located(unit_id, area_id, code, title, float(distance))
    return found


def units(actor: Actor) -> QuerySet[Unit]:
    """All units that the actor may see, by name."""
    rows: QuerySet[Unit] = Unit.objects.visible_to(actor).order_by("name", "id")
    return rows


def units_named(actor: Actor, text: str) -> list[Unit]:
    """Units meant by a present or former address, best first.

    ``Tân Phú, huyện Châu Thành`` names a commune that was abolished: the last parts narrow the
    first ones. Works without diacritics.
    """
    parts = [fold(_without_kind(part)) for part in text.split(",") if part.strip()]
    if not parts:
        return []
    aliases = Alias.objects.filter(search__contains=parts[0])
    for part in parts[1:]:
        aliases = aliases.filter(search__contains=part)
    former = set(aliases.values_list("unit_id", flat=True)[:200])
    present = Unit.objects.visible_to(actor).filter(search__contains=parts[0])
    found = list(present[:50]) + list(
        Unit.objects.visible_to(actor)
        .filter(pk__in=former)
        .exclude(pk__in=present.values("pk"))[:50]
    )
    return sorted(
        found, key=lambda unit: (fold(unit.name) != parts[0], unit.pk not in former, unit.name)
    )


_KINDS = re.compile(
    r"^\s*(x[ãa]|ph[ưu][ờo]ng|th[ịi] tr[ấa]n|"
    r"huy[ệe]n|th[ịi] x[ãa]|th[àa]nh ph[ốo]|t[ỉi]nh|tp\.?|tx\.?|tt\.?|p\.?)\s+",
    re.IGNORECASE,
)


def _without_kind(text: str) -> str:
    return _KINDS.sub("", text)
