"""Where records of a kind leave a road uncovered, and where they say two things of one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sen.domains.network.choices import EVENT_KINDS, Coverage
from sen.domains.network.selectors.sql import rows

Span = tuple[float, float]

# Each side for itself: a record of one side leaves the other uncovered. Roads of which nothing is
# recorded are one gap, so that what was never surveyed is found too.
_REACHES: Final = """
WITH given AS (
  SELECT k.kind, k.tolerance FROM unnest(%(kinds)s::text[], %(tolerances)s::numeric[])
    AS k (kind, tolerance)),
road AS (
  SELECT v.road_id, v.start_m::numeric AS a, v.end_m::numeric AS b
  FROM network_routeversion v
  WHERE v.valid_to IS NULL AND (%(roads)s::bigint[] IS NULL OR v.road_id = ANY(%(roads)s))),
side AS (SELECT unnest(ARRAY['LEFT', 'RIGHT']) AS side),
held AS (
  SELECT e.road_id, e.kind, s.side,
    range_agg(numrange(greatest(e.from_m, r.a), least(e.to_m, r.b))) AS whole,
    range_agg(numrange(greatest(e.from_m, r.a), least(e.to_m, r.b) + g.tolerance)) AS closed,
    sum(least(e.to_m, r.b) - greatest(e.from_m, r.a)) AS summed
  FROM network_routeevent e
  JOIN given g ON g.kind = e.kind
  JOIN road r ON r.road_id = e.road_id AND e.from_m < r.b AND e.to_m > r.a
  JOIN side s ON e.side IN ('BOTH', s.side)
  WHERE e.valid_from <= %(on)s AND coalesce(e.valid_to > %(on)s, true)
  GROUP BY 1, 2, 3)
SELECT r.road_id, g.kind, s.side, r.a::float8, r.b::float8,
  (SELECT coalesce(sum(upper(x) - lower(x)), 0)::float8 FROM unnest(h.whole) x),
  ARRAY(SELECT ARRAY[lower(x), upper(x)]::float8[] FROM unnest(
    nummultirange(numrange(r.a, r.b)) - coalesce(h.closed, '{}')) x
    WHERE upper(x) - lower(x) > g.tolerance)
FROM road r CROSS JOIN given g CROSS JOIN side s
LEFT JOIN held h ON h.road_id = r.road_id AND h.kind = g.kind AND h.side = s.side
WHERE h.road_id IS NOT NULL OR %(unheld)s
ORDER BY r.road_id, g.kind, s.side
"""
_CLASHES: Final = """
SELECT one.road_id, one.kind, greatest(one.from_m, two.from_m)::float8,
  least(one.to_m, two.to_m)::float8, one.id, two.id
FROM network_routeevent one
JOIN network_routeevent two ON two.road_id = one.road_id AND two.kind = one.kind
  AND two.id > one.id AND two.from_m < one.to_m AND one.from_m < two.to_m
WHERE one.kind = ANY(%(kinds)s)
  AND (%(roads)s::bigint[] IS NULL OR one.road_id = ANY(%(roads)s))
  AND (one.side = two.side OR 'BOTH' IN (one.side, two.side))
  AND (one.lane = two.lane OR 0 IN (one.lane, two.lane))
  AND one.valid_from <= %(on)s AND coalesce(one.valid_to > %(on)s, true)
  AND two.valid_from <= %(on)s AND coalesce(two.valid_to > %(on)s, true)
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the records of a kind reach over a road on a day.

    Units:
        Labels and lengths of labels in metres; ``covered_m`` is the mean of both sides.
    """

    road_id: int
    kind: str
    start_m: float
    end_m: float
    covered_m: float
    gaps: tuple[Span, ...]
    overlaps: tuple[Span, ...]

    @property
    def share(self) -> float:
        """Part of the road that is covered, 0 to 1."""
        return self.covered_m / (self.end_m - self.start_m) if self.end_m > self.start_m else 0.0


def gaps_and_overlaps(
    *,
    on: date,
    road_ids: Sequence[int] | None = None,
    kinds: Iterable[str] = (),
    unheld: bool = True,
) -> list[Reach]:
    """By road and kind, what is uncovered and what is said twice.

    Without ``kinds`` all that are expected to cover. ``unheld`` lists roads of which nothing is
    recorded too.
    """
    asked = [EVENT_KINDS[code] for code in kinds] or [
        kind for kind in EVENT_KINDS.values() if kind.coverage is not Coverage.NONE
    ]
    values = {
        "kinds": [kind.code for kind in asked],
        "tolerances": [kind.precision_m for kind in asked],
        "roads": None if road_ids is None else list(road_ids),
        "on": on,
        "unheld": unheld,
    }
    twice: dict[tuple[int, str], set[Span]] = {}
    for road, kind, start, end, _one, _two in rows(_CLASHES, values):
        twice.setdefault((road, kind), set()).add((start, end))
    sides: dict[tuple[int, str], list[tuple[float, float, float, tuple[Span, ...]]]] = {}
    for road, kind, _side, start, end, covered, gaps in rows(_REACHES, values):
        spans = tuple((float(a), float(b)) for a, b in gaps)
        sides.setdefault((road, kind), []).append((start, end, covered or 0.0, spans))
    return [
        Reach(
            road,
            kind,
            found[0][0],
            found[0][1],
            sum(covered for _a, _b, covered, _gaps in found) / 2,
            _merged(span for _a, _b, _c, gaps in found for span in gaps),
            tuple(sorted(twice.get((road, kind), set()))),
        )
        for (road, kind), found in sides.items()
    ]


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Gaps of either side, as one list."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)
