"""Works on the map: points, stretches and areas, coloured by how far they are."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.projects.choices import Shape, WorkStatus
from sen.domains.projects.models import Work
from sen.kernel.geo.layers import (
    By,
    Category,
    GeometryKind,
    Layer,
    Look,
    Style,
    add_layer,
    categories,
)

categories.add("projects", Category("projects", _("Dự án, công trình")))

_LOOKS: Final[dict[str | int, Look]] = {
    WorkStatus.PLANNED.value: Look("#5b7fa6", _("Dự kiến")),
    WorkStatus.BUILDING.value: Look("#d97706", _("Đang thi công")),
    WorkStatus.ACCEPTED.value: Look("#0e9f6e", _("Đã nghiệm thu")),
    WorkStatus.HANDED_OVER.value: Look("#6b7280", _("Đã bàn giao")),
    WorkStatus.STOPPED.value: Look("#c81e1e", _("Tạm dừng")),
}
_KINDS: Final = (
    ("works", Shape.POINT, GeometryKind.POINT, _("Công trình đang đầu tư")),
    ("works-lines", Shape.LINE, GeometryKind.LINE, _("Tuyến đang đầu tư")),
    ("works-areas", Shape.AREA, GeometryKind.POLYGON, _("Khu vực đang đầu tư")),
)

for name, shape, kind, title in _KINDS:
    add_layer(
        Layer(
            name=name,
            title=title,
            category="projects",
            model=Work,
            geometry_kind=kind,
            tile_fields=("name", "status", "action"),
            fields={
                "code": "code",
                "name": "name",
                "project": "project__name",
                "investor": "project__investor__name",
                "action": "action",
                "status": "status",
                "road": "road__number",
                "chainage_m": "chainage_m",
                "to_chainage_m": "to_chainage_m",
                "commune": "area__name",
                "due_at": "project__due_at",
                "actual_pct": "project__actual_pct",
                "pace": "project__pace",
            },
            where=Q(shape=shape.value),
            minzoom=6,
            style=Style(
                color="#d97706",
                width=4.0 if kind is GeometryKind.LINE else 1.5,
                radius=6.0,
                opacity=0.35 if kind is GeometryKind.POLYGON else None,
                label_field="name" if kind is GeometryKind.POINT else "",
                by=By("status", _LOOKS, "#5b7fa6"),
            ),
            order=300,
            detail_url="/ql/projects/works/{id}/",
        )
    )
