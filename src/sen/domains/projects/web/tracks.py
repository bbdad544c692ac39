"""Planned and running works as a track of straight-line diagrams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from sen.domains.projects.choices import WorkStatus
from sen.domains.projects.models import Work
from sen.domains.projects.selectors import works_on_road
from sen.kernel.web.tracks import Inquiry, Mark, Track, add_track

_COLORS: Final = {
    WorkStatus.PLANNED.value: "#8aa4b8",
    WorkStatus.BUILDING.value: "#e0972f",
    WorkStatus.ACCEPTED.value: "#2e9e5b",
    WorkStatus.STOPPED.value: "#cf3b3b",
}
#: A work that is known by its place alone is drawn so wide.
_POINT_WIDTH_M: Final = 40.0


def work_marks(inquiry: Inquiry) -> Iterator[Mark]:
    """Works on the roads that are not handed over yet."""
    for road_id in inquiry.road_ids:
        for row in works_on_road(inquiry.actor, road_id=road_id):
            if row.chainage_m is None:
                continue
            start = float(row.chainage_m)
            end = start + _POINT_WIDTH_M if row.to_chainage_m is None else float(row.to_chainage_m)
            yield Mark(
                road_id,
                start,
                end,
                text=row.status,
                side=row.side or "BOTH",
                label=row.name,
                url=f"projects/works/{row.pk}/",
            )


add_track(
    Track(
        name="projects.works",
        title=_("Công trình dự án"),
        shape="band",
        read=work_marks,
        choices=dict(Work.Status.choices),
        colors=_COLORS,
        order=50,
    )
)
