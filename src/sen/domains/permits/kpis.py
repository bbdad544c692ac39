"""Figures on permits for desks."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.permits.choices import Status
from sen.domains.permits.models import Permit
from sen.domains.permits.selectors import expiring, in_force
from sen.kernel.access.scope import Actor
from sen.kernel.web.kpis import Goal, kpi

SOON_DAYS = 15


def _may(actor: Actor) -> bool:
    return actor.may("permits.permit.view")


@kpi(
    "permits.in_force",
    title=_("Giấy phép đang hiệu lực"),
    icon="file-check",
    url="/ql/permits/all/?status=ISSUED",
    order=60,
    rules=(Permit.access,),
    definition=_("Giấy phép còn hiệu lực trong ngày hôm nay."),
)
def in_force_now(actor: Actor) -> int | None:
    if not _may(actor):
        return None
    return Permit.objects.visible_to(actor).filter(in_force(timezone.localdate())).count()


@kpi(
    "permits.expiring",
    title=_("Giấy phép hết hạn trong 15 ngày"),
    icon="timer",
    url="/ql/permits/all/?status=ISSUED&sort=valid_to",
    order=61,
    rules=(Permit.access,),
    definition=_("Giấy phép hết hiệu lực trong 15 ngày tới."),
)
def ending(actor: Actor) -> int | None:
    return expiring(actor, timezone.localdate(), SOON_DAYS).count() if _may(actor) else None


@kpi(
    "permits.overdue",
    title=_("Hồ sơ cấp phép quá hạn"),
    icon="triangle-alert",
    url="/ql/permits/all/?status=RECEIVED&sort=due_at",
    order=62,
    rules=(Permit.access,),
    definition=_("Hồ sơ đề nghị cấp phép chưa trả kết quả mà đã quá hạn."),
    goal=Goal(0, far=5),
)
def overdue(actor: Actor) -> int | None:
    if not _may(actor):
        return None
    rows = Permit.objects.visible_to(actor).filter(status=Status.RECEIVED.value)
    return rows.filter(due_at__lt=timezone.localdate()).count()
