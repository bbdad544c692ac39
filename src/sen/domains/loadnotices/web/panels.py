"""The course of a publication, what differs, and what is published of a work or a road."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.loadnotices.choices import Status, Subject
from sen.domains.loadnotices.models import LimitItem, LoadNotice
from sen.domains.loadnotices.selectors import items_of
from sen.domains.loadnotices.web.resources import CHANGE_TONES, STATUS_TONES
from sen.domains.loadnotices.web.texts import shown
from sen.kernel.web.register.links import WORK, base_of
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel

SHOWN: Final = 100
_STEPS: Final = (Status.DRAFT, Status.CHECKED, Status.APPROVED, Status.PUBLISHED)


@panel("loadnotices.notices", title=_("Các bước"), order=-10, wide=True)
def course(page: PanelContext) -> PanelBody | None:
    """Where the publication stands, and what this person may do next."""
    row = page.row
    if not isinstance(row, LoadNotice):
        return None
    actor, today = page.actor, timezone.localdate()
    works = base_of(page.request) == WORK
    mine = {row.maker_id, row.checker_id} if actor.id is not None else set()

    def may(act: str, status: Status) -> bool:
        return works and row.status == status and actor.scope(LoadNotice.access, act).allows(row)

    context: dict[str, Any] = {
        "row": row,
        "tone": STATUS_TONES[row.status],
        "steps": [LoadNotice.Status(step.value).label for step in _STEPS],
        "step": _STEPS.index(Status(row.status)) + 1,
        "url": f"/ql/loadnotices/cong-bo/{row.pk}/",
        "public_url": f"/tai-trong/{row.code}/",
        "may_check": may("check", Status.DRAFT) and actor.id != row.maker_id,
        "may_approve": may("approve", Status.CHECKED) and actor.id not in mine,
        "may_publish": may("publish", Status.APPROVED),
        "may_return": may("change", Status.CHECKED) or may("change", Status.APPROVED),
        "is_late": row.status != Status.PUBLISHED and row.due_on is not None and row.due_on < today,
        "waits_for_other": row.status == Status.DRAFT and actor.id == row.maker_id,
    }
    return PanelBody("loadnotices/course.html", context)


@panel("loadnotices.notices", title=_("Thay đổi so với công bố trước"), order=10, wide=True)
def differences(page: PanelContext) -> PanelBody | None:
    """New, changed and gone items."""
    row = page.row
    if not isinstance(row, LoadNotice) or row.previous_id is None:
        return None
    rows = items_of(page.actor, row).exclude(change="SAME").defer("geom", "search")
    found = list(rows[: SHOWN + 1])
    context = {
        "rows": shown(found[:SHOWN]),
        "tones": CHANGE_TONES,
        "has_more": len(found) > SHOWN,
        "more_url": f"{base_of(page.request)}loadnotices/items/?notice={row.code}",
    }
    return PanelBody("loadnotices/differences.html", context)


def _items(page: PanelContext, *, is_road: bool) -> QuerySet[LimitItem]:
    rows = LimitItem.objects.visible_to(page.actor).filter(ref_id=page.row.pk)
    road = Subject.ROAD.value
    rows = rows.filter(subject=road) if is_road else rows.exclude(subject=road)
    found: QuerySet[LimitItem] = rows.exclude(is_published=True, is_current=False)
    return found


@panel(
    "assets.asset",
    title=_("Tải trọng, khổ giới hạn đã công bố"),
    order=-8,
    asks={"items": partial(_items, is_road=False)},
)
def of_asset(page: PanelContext) -> PanelBody | None:
    """What is published of a work, and a change that waits for its notice."""
    return _published(page, is_road=False)


@panel(
    "network.roads",
    title=_("Tải trọng, khổ giới hạn đã công bố"),
    order=45,
    asks={"items": partial(_items, is_road=True)},
)
def of_road(page: PanelContext) -> PanelBody | None:
    """What is published of a road by its stretches."""
    return _published(page, is_road=True)


def _published(page: PanelContext, *, is_road: bool) -> PanelBody | None:
    if not page.has("items"):
        return None
    found = list(
        _items(page, is_road=is_road)
        .select_related("notice")
        .defer("geom", "search")
        .order_by("from_m", "id")[:SHOWN]
    )
    current = [row for row in found if row.is_current]
    waiting = [row for row in found if not row.is_current and row.notice.kind == "CHANGE"]
    if not current and not waiting:
        return None
    return PanelBody(
        "loadnotices/published.html", {"rows": shown(current), "waiting": shown(waiting)}
    )
