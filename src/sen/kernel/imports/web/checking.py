"""The check step: topology of a file on a picture, with repairs accepted by kind or singly."""

from __future__ import annotations

from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports import drafts, pictures, shapes, topology
from sen.kernel.imports.plan import make_plan
from sen.kernel.imports.topology import MOST_SNAP_M, SNAP_M, Kind
from sen.kernel.imports.web.pages import Here

#: Issues shown with a close-up, and shapes drawn in the picture of all.
SHOWN: Final = 30
DRAWN: Final = 3000
#: Half the width of a close-up.
CLOSE_M: Final = 60.0
#: Files with more rows than this are not looked at as a whole.
MOST_ROWS: Final = 200_000


def issues_of(at: Here) -> dict[str, Any]:
    """What topology finds in the file, after the repairs that were accepted so far."""
    if not at.importer.shapes:
        return {}
    asked = drafts.request_of(at.draft)
    plan = make_plan(at.importer, asked)
    table = plan.table
    if not table.shapes or len(table.rows) > MOST_ROWS:
        return {}
    given = shapes.to_wgs84(table.shapes, plan.srid or 4326, swapped=asked.swapped)
    placed, left_out = topology.repair(given, table.numbers, asked.repairs, at.importer.shapes)
    before = topology.find(given, at.importer.shapes, snap_m=asked.repairs.snap_m)
    looked_at = [None if i in left_out else shape for i, shape in enumerate(placed)]
    after = topology.find(looked_at, at.importer.shapes, snap_m=asked.repairs.snap_m)
    kinds = [
        _group(kind, before.get(kind, []), after.get(kind, []), at, table.numbers, given)
        for kind in Kind
        if before.get(kind) or after.get(kind)
    ]
    every = [(issue.lon, issue.lat) for issues in after.values() for issue in issues]
    drawn = [shape for shape in looked_at if shape is not None][:DRAWN]
    return {
        "topology": kinds,
        "topology_left": sum(len(issues) for issues in after.values()),
        "topology_picture": pictures.picture_of_issues(
            drawn, every[: topology.KEPT], _("Hình của tệp, khoanh tròn ở chỗ cần xem")
        )
        if kinds
        else "",
        "snap_m": asked.repairs.snap_m,
    }


def _group(
    kind: Kind,
    before: list[topology.Issue],
    after: list[topology.Issue],
    at: Here,
    numbers: list[int],
    given: topology.Shapes,
) -> dict[str, Any]:
    accepted = drafts.request_of(at.draft).repairs
    repair = topology.REPAIR_OF.get(kind)
    shown = []
    for issue in before[:SHOWN]:
        key = f"{kind.value}:{numbers[issue.row]}"
        around = [
            shape
            for place in (issue.row, issue.other)
            if place is not None and (shape := given[place]) is not None
        ]
        shown.append(
            {
                "issue": issue,
                "key": key,
                "row": numbers[issue.row],
                "other": None if issue.other is None else numbers[issue.other],
                "is_accepted": key in accepted.single,
                "picture": pictures.close_up(around, (issue.lon, issue.lat), CLOSE_M),
            }
        )
    return {
        "kind": kind.value,
        "title": topology.KIND_LABELS[kind],
        "count": len(before),
        "left": len(after),
        "repair": topology.REPAIR_LABELS[repair] if repair else "",
        "is_accepted": kind.value in accepted.kinds,
        "issues": shown,
        "more": max(0, len(before) - SHOWN),
    }


def take_repairs(at: Here, post: QueryDict) -> None:
    """Keep which repairs were accepted.

    Raises:
        InvalidInputError: the distance of snapping is no sensible number.
    """
    text = str(post.get("snap_m", "")).replace(",", ".")
    try:
        snap_m = float(text or SNAP_M)
    except ValueError:
        snap_m = 0.0
    if not 0 < snap_m <= MOST_SNAP_M:
        raise InvalidInputError(
            {"snap_m": _("Khoảng cách phải từ 0 đến %(max)s m.") % {"max": int(MOST_SNAP_M)}}
        )
    known = {kind.value for kind in Kind}
    drafts.change(
        at.draft,
        repairs={
            "kinds": [kind for kind in post.getlist("kind") if kind in known],
            "single": [key for key in post.getlist("one") if key.partition(":")[0] in known],
            "snap_m": snap_m,
        },
    )
