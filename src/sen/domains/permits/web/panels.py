"""The course of a permit, its route, and permits on the pages of roads, works and communes."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.permits.choices import Act, Result
from sen.domains.permits.models import Permit, PermitAct
from sen.domains.permits.rules import may
from sen.domains.permits.selectors import acts_of, legs_of, permits_at_asset, permits_on_road
from sen.domains.permits.services.course import route_check_of
from sen.domains.permits.web.resources import RESULT_TONES, STATUS_TONES
from sen.domains.permits.web.texts import check_context, leg_text
from sen.kernel.web.register.links import WORK, base_of
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel

SHOWN: Final = 30


@panel("permits.permit", title=_("Giải quyết"), order=-10, wide=True)
def course(page: PanelContext) -> PanelBody | None:
    """Where the permit stands, and what may be done with it."""
    row = page.row
    if not isinstance(row, Permit) or base_of(page.request) != WORK:
        return None
    actor, today = page.actor, timezone.localdate()
    issues = actor.scope(Permit.access, "issue").allows(row)
    changes = actor.scope(Permit.access, "change").allows(row)
    inspects = actor.may("permits.act.add")
    has_site = row.type.site or row.type.is_route
    offered = {
        "issue": issues and may(Act.ISSUED, row.status),
        "refuse": issues and may(Act.REFUSED, row.status),
        "extend": issues and may(Act.EXTENDED, row.status),
        "revoke": issues and may(Act.REVOKED, row.status),
        "inspect": inspects and has_site and may(Act.INSPECTED, row.status),
        "hand_back": changes and may(Act.HANDED_BACK, row.status),
    }
    context: dict[str, Any] = {
        "row": row,
        "tone": STATUS_TONES[row.status],
        "url": f"/ql/permits/giay-phep/{row.pk}/",
        "may": offered,
        "today": today,
        "is_late": row.status == "RECEIVED" and row.due_at is not None and row.due_at < today,
        "days_left": None if row.valid_to is None else (row.valid_to - today).days,
        "results": PermitAct.Result.choices,
        "good": Result.GOOD.value,
        "printable": row.status not in ("RECEIVED", "REFUSED"),
    }
    return PanelBody("permits/course.html", context)


@panel("permits.oversize", title=_("Lộ trình và công trình trên lộ trình"), order=-5, wide=True)
def route(page: PanelContext) -> PanelBody | None:
    """The route, and every structure on it that the vehicle may not pass as it is posted."""
    row = page.row
    if not isinstance(row, Permit):
        return None
    found = route_check_of(row, timezone.localdate())
    context = {
        "legs": [leg_text(leg) for leg in legs_of(row)],
        "measures": row.measures,
        **check_context(found, base_of(page.request)),
    }
    return PanelBody("permits/route.html", context)


@panel("permits.permit", title=_("Diễn biến"), order=10, wide=True)
def acts(page: PanelContext) -> PanelBody | None:
    """What was done with the permit, newest first."""
    row = page.row
    if not isinstance(row, Permit) or not page.actor.may("permits.act.view"):
        return None
    found = [
        {"row": item, "tone": RESULT_TONES.get(item.result, "")}
        for item in acts_of(page.actor, row)[:SHOWN]
    ]
    return PanelBody("permits/acts.html", {"rows": found}) if found else None


def _on_road(page: PanelContext) -> QuerySet[Permit]:
    return permits_on_road(page.actor, page.row.pk, timezone.localdate())


@panel(
    "network.roads",
    title=_("Giấy phép đang có hiệu lực"),
    order=55,
    permission="permits.permit.view",
    asks={"permits": _on_road},
)
def on_road(page: PanelContext) -> PanelBody | None:
    """Permits in force on a road."""
    return _listed(_on_road(page)) if page.has("permits") else None


def _at_asset(page: PanelContext) -> QuerySet[Permit]:
    return permits_at_asset(page.actor, page.row, timezone.localdate())


@panel(
    "assets.asset",
    title=_("Giấy phép đang có hiệu lực"),
    order=55,
    permission="permits.permit.view",
    asks={"permits": _at_asset},
)
def at_asset(page: PanelContext) -> PanelBody | None:
    """Permits in force at a work, or whose route leads over it."""
    return _listed(_at_asset(page)) if page.has("permits") else None


def _listed(rows: QuerySet[Permit]) -> PanelBody | None:
    found = list(rows.defer("geom", "search")[: SHOWN + 1])
    if not found:
        return None
    shown = [{"row": row, "url": f"{WORK}permits/{row.type.slug}/{row.pk}/"} for row in found]
    return PanelBody("permits/listed.html", {"rows": shown[:SHOWN], "has_more": len(found) > SHOWN})
