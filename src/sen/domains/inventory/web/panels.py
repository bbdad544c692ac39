"""Panels: a campaign's course and progress, what a record says, campaigns on pages of assets."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from sen.domains.inventory.choices import CampaignStatus, RecordState, VisitState
from sen.domains.inventory.labels import field_label, value_text
from sen.domains.inventory.models import Campaign, Record, Team, Visit
from sen.domains.inventory.selectors import progress, records_of, said_by, visits_of_asset
from sen.kernel.web.register.links import WORK, base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import resources

SHOWN: Final = 10


@panel("inventory.campaigns", title=_("Tiến độ"), order=-10, wide=True)
def course(page: PanelContext) -> PanelBody | None:
    """Where the campaign stands, what is left by team and commune, what may be done."""
    row = page.row
    if not isinstance(row, Campaign):
        return None
    lines = progress(page.actor, row)
    waiting = records_of(page.actor, row).order_by()
    context = {
        "row": row,
        "lines": lines,
        "total": sum(line.total for line in lines),
        "done": sum(line.done for line in lines),
        "conflicts": waiting.filter(state=RecordState.CONFLICT.value).count(),
        "pending": waiting.filter(state=RecordState.PENDING.value).count(),
        "teams": list(Team.objects.visible_to(page.actor).filter(campaign=row).order_by("name")),
        "may": page.actor.may(Campaign.access.permission("change")),
        "is_draft": row.status == CampaignStatus.DRAFT,
        "is_running": row.status == CampaignStatus.RUNNING,
    }
    return PanelBody("inventory/course.html", context)


@panel("inventory.records", title=_("Giá trị ghi nhận"), order=10, wide=True)
def values(page: PanelContext) -> PanelBody | None:
    """What the writer was shown and what the writer found."""
    row = page.row
    if not isinstance(row, Record):
        return None
    changes = said_by(row).changes()
    rows = [
        {
            "label": field_label(row.asset_type, name),
            "before": value_text(row.asset_type, name, row.shown.get(name)),
            "after": value_text(row.asset_type, name, value),
        }
        for name, value in changes.items()
    ]
    compare = ""
    if row.visit_id and row.state == RecordState.CONFLICT:
        compare = f"/ql/inventory/visits/{row.visit_id}/doi-chieu/"
    context = {
        "row": row,
        "rows": rows,
        "compare": compare,
        "may": row.state == RecordState.PENDING
        and page.actor.may(Record.access.permission("change")),
    }
    return PanelBody("inventory/values.html", context)


@panel("inventory.visits", title=_("Các bản ghi"), order=10, wide=True)
def of_visit(page: PanelContext) -> PanelBody | None:
    """Who recorded what of an asset."""
    row = page.row
    if not isinstance(row, Visit):
        return None
    records = list(
        Record.objects.visible_to(page.actor).filter(visit=row).order_by("-recorded_at")[:SHOWN]
    )
    conflict = row.state == VisitState.CONFLICT
    return PanelBody(
        "inventory/records.html",
        {
            "rows": [_line(item) for item in records],
            "compare": f"/ql/inventory/visits/{row.pk}/doi-chieu/" if conflict else "",
        },
    )


@panel(
    "assets.asset",
    title=_("Kiểm kê"),
    order=55,
    permission="inventory.record.view",
    asks={"records": lambda page: visits_of_asset(page.actor, page.row.pk)},
)
def of_asset(page: PanelContext) -> PanelBody | None:
    """What campaigns found of an asset."""
    if base_of(page.request) != WORK or not page.has("records"):
        return None
    rows = list(visits_of_asset(page.actor, page.row.pk)[:SHOWN])
    if not rows:
        return None
    return PanelBody("inventory/records.html", {"rows": [_line(row) for row in rows]})


def _line(row: Record) -> dict[str, object]:
    return {"row": row, "url": detail_url(resources["inventory.records"], row.pk)}
