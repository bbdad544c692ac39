"""Km-posts under an operation: new labels, and points whose label was agreed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.contrib.gis.geos import Point
from django.db import connection

from sen.domains.network.choices import PostCondition, PostNature
from sen.domains.network.data import LonLat
from sen.domains.network.models import KmPost, Road
from sen.domains.network.services.bulk_roads import post_label

#: Out of the way of all labels while they change places.
_ASIDE_M: Final = 5_000_000
#: Labels nearer than this are one.
SAME_LABEL_M: Final = 0.5

_RELABEL: Final = """
UPDATE network_kmpost p SET measure_m = g.m, label = g.label, title = r.map_label || ' ' || g.label,
  old_measure_m = CASE WHEN p.nature = 'POST' THEN p.measure_m - %(aside)s END, road_id = r.id
FROM unnest(%(ids)s::bigint[], %(m)s::numeric[], %(label)s::text[]) AS g (id, m, label),
  network_road r
WHERE p.id = g.id AND r.id = %(road)s
"""


def posts_of(road: Road) -> list[KmPost]:
    return list(KmPost.objects.filter(road_id=road.pk).order_by("measure_m"))


def relabel(posts: Sequence[tuple[KmPost, float]], road: Road) -> None:
    """Give posts new labels on a road; what a real post said before is kept beside it."""
    if not posts:
        return
    ids = [post.pk for post, _measure in posts]
    measures = [round(measure, 3) for _post, measure in posts]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE network_kmpost SET measure_m = measure_m + %s WHERE id = ANY(%s)",
            [_ASIDE_M, ids],
        )
        cursor.execute(
            _RELABEL,
            {
                "ids": ids,
                "m": measures,
                "label": [post_label(measure) for measure in measures],
                "road": road.pk,
                "aside": _ASIDE_M,
            },
        )


def hand_over(posts: Sequence[KmPost], road: Road) -> None:
    """Posts that belong to another road now, under their own labels."""
    for post in posts:
        post.road = road
        post.title = f"{road.label} {post.label}"
    KmPost.objects.bulk_update(posts, ["road", "title"])


def pin(road: Road, places: Sequence[tuple[float, LonLat]]) -> None:
    """Hold labels at places where no post stands, so that what lies beyond keeps its label."""
    known = {
        round(float(measure), 3): pk
        for pk, measure in KmPost.objects.filter(road_id=road.pk, is_calibrating=True).values_list(
            "pk", "measure_m"
        )
    }
    taken = set(
        KmPost.objects.filter(road_id=road.pk, is_calibrating=False).values_list(
            "measure_m", flat=True
        )
    )
    made: list[KmPost] = []
    for measure, place in places:
        label_m = round(measure, 3)
        if label_m < 0 or any(abs(label_m - other) < SAME_LABEL_M for other in known):
            continue
        while Decimal(str(label_m)) in taken:
            label_m = round(label_m + 0.001, 3)
        known[label_m] = 0
        text = post_label(label_m)
        made.append(
            KmPost(
                road=road,
                owner_org_id=road.owner_org_id,
                area_id=road.area_id,
                data_class=road.data_class,
                is_demo=road.is_demo,
                measure_m=Decimal(str(label_m)),
                label=text,
                title=f"{road.label} {text}",
                condition=PostCondition.GOOD.value,
                nature=PostNature.REFERENCE.value,
                is_calibrating=True,
                geom=Point(*place, srid=4326),
            )
        )
    KmPost.objects.bulk_create(made)
