"""Reading km-posts: surveyed points, or labels along a road."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.network import api
from sen.domains.network.columns import CHAINAGE_COLUMN, ROAD_COLUMN
from sen.domains.network.data import PostInput
from sen.domains.network.imports.common import Roads, number_value, take_faults
from sen.domains.network.models import KmPost, Road
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import (
    FieldKind,
    Importer,
    ImportField,
    ImportRow,
    Outcome,
    register,
)


@register
class KmPostImporter(Importer):
    kind = "km-posts"
    title = gettext_lazy("Cọc Km")
    permission = "network.kmpost.import"
    fields = (
        replace(ROAD_COLUMN, required=True),
        replace(
            CHAINAGE_COLUMN,
            name="measure_m",
            required=True,
            aliases=(*CHAINAGE_COLUMN.aliases, "coc", "label"),
        ),
        ImportField("old_measure_m", gettext_lazy("Lý trình cũ"), FieldKind.KM, aliases=("km_cu",)),
        ImportField(
            "condition",
            gettext_lazy("Tình trạng"),
            FieldKind.CHOICE,
            choices=dict(KmPost.Condition.choices),
        ),
    )
    shapes = frozenset({"point"})
    shape_required = False
    help = gettext_lazy(
        "Mỗi dòng một cọc, khớp theo tuyến (mã hoặc số hiệu) và lý trình. Dòng không có tọa độ "
        "được đặt theo lý trình hiện có của tuyến. Tuyến được hiệu chỉnh lại theo các cọc."
    )

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        outcome = Outcome()
        known = Roads(actor, [row.values["road"] for row in rows])
        found: list[Road | None] = []
        for row in rows:
            road, text = known.find(row.values["road"])
            if road is None:
                outcome.fault(row, str(_("Tuyến")), text, row.values["road"])
            found.append(road)
        stored = _stored([road.pk for road in found if road])
        posts = [
            post
            for row, road in zip(rows, found, strict=True)
            if road and (post := _post(row, road, stored, outcome))
        ]
        if outcome.faults:
            return outcome
        try:
            api.bulk_put_roads(actor=actor, posts=posts)
        except api.RowFaultsError as error:
            take_faults(error, outcome, {post.row: post.road for post in posts})
            return outcome
        _count(posts, stored, outcome)
        return outcome


def _stored(road_ids: Sequence[int]) -> dict[tuple[str, float], Any]:
    """What is known of the posts of some roads, by road and label."""
    posts = KmPost.objects.unscoped("match km-posts of roads that the actor sees")
    rows = posts.filter(road__in=road_ids).values_list(
        "road__code", "measure_m", "geom", "condition", "old_measure_m"
    )
    return {
        (code, float(measure)): ((geom.x, geom.y), condition, number_value(old))
        for code, measure, geom, condition, old in rows
    }


def _post(
    row: ImportRow, road: Road, stored: Mapping[tuple[str, float], Any], outcome: Outcome
) -> PostInput | None:
    measure = row.values["measure_m"]
    before = stored.get((road.code, round(measure, 3)))
    if row.shape is not None:
        shape = shapely.from_wkb(row.shape)
        at = shapely.get_coordinates(shape)[0]
        lon, lat = float(at[0]), float(at[1])
    elif before is not None:
        lon, lat = before[0]
    else:
        try:
            point = api.point_at(road=road, chainage_m=measure)
        except api.NotOnRouteError as error:
            outcome.fault(row, str(_("Lý trình")), str(error), measure)
            return None
        lon, lat = point.x, point.y
    condition = row.values.get("condition")
    return PostInput(
        road=road.code,
        measure_m=measure,
        lon=lon,
        lat=lat,
        old_measure_m=row.values.get("old_measure_m"),
        condition=condition or (before[1] if before else KmPost.Condition.GOOD.value),
        row=row.number,
    )


def _count(
    posts: Sequence[PostInput], stored: Mapping[tuple[str, float], Any], outcome: Outcome
) -> None:
    for post in posts:
        before = stored.get((post.road, round(post.measure_m, 3)))
        if before is None:
            outcome.created += 1
            continue
        old = before[2] if post.old_measure_m is None else post.old_measure_m
        if ((post.lon, post.lat), post.condition, old) == before:
            outcome.unchanged += 1
        else:
            outcome.updated += 1
