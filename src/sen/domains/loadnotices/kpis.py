"""Figures on publications for desks."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.loadnotices.choices import Kind, Status
from sen.domains.loadnotices.models import LoadNotice
from sen.kernel.access.scope import Actor
from sen.kernel.web.kpis import Goal, kpi


@kpi(
    "loadnotices.late",
    title=_("Công bố tải trọng quá hạn"),
    icon="megaphone",
    url="/ql/loadnotices/notices/?status=DRAFT&status=CHECKED&status=APPROVED",
    order=65,
    rules=(LoadNotice.access,),
    definition=_("Công bố tải trọng, khổ giới hạn chưa công bố mà đã quá ngày hạn."),
    goal=Goal(0, far=3),
)
def late(actor: Actor) -> int | None:
    if not actor.may("loadnotices.notice.view"):
        return None
    rows = LoadNotice.objects.visible_to(actor).exclude(status=Status.PUBLISHED.value)
    return rows.filter(due_on__lt=timezone.localdate()).count()


@kpi(
    "loadnotices.changes",
    title=_("Thay đổi tải trọng chờ công bố"),
    icon="bell",
    url="/ql/loadnotices/notices/?kind=CHANGE&status=DRAFT&status=CHECKED&status=APPROVED",
    order=66,
    rules=(LoadNotice.access,),
    definition=_("Thay đổi tải trọng, khổ giới hạn đang chờ công bố."),
)
def waiting(actor: Actor) -> int | None:
    if not actor.may("loadnotices.notice.view"):
        return None
    rows = LoadNotice.objects.visible_to(actor).filter(kind=Kind.CHANGE.value)
    return sum(rows.exclude(status=Status.PUBLISHED.value).values_list("items", flat=True))
