"""Figures on projects for desks and the operations centre."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.projects.choices import Pace, Status, WarrantyStatus
from sen.domains.projects.course import COURSE
from sen.domains.projects.models import Funding, Project, Warranty
from sen.domains.projects.selectors import year_sums
from sen.kernel.access.scope import Actor
from sen.kernel.web.kpis import Goal, Period, kpi

KEPT_S: Final = 60


def counts_of(actor: Actor) -> dict[str, int]:
    """Running projects, and those of them that are late."""
    key = f"projects.kpis.{actor.scope(Project.access).digest}"
    found: dict[str, int] | None = cache.get(key)
    if found is None:
        rows = Project.objects.visible_to(actor).filter(status=Status.ACTIVE.value)
        found = rows.aggregate(
            running=Count("id", filter=~Q(step=COURSE.last.code)),
            late=Count("id", filter=Q(pace=Pace.LATE.value)),
        )
        cache.set(key, found, KEPT_S)
    return found


@kpi(
    "projects.running",
    title=_("Dự án"),
    icon="hard-hat",
    url="/ql/projects/projects/",
    order=30,
    rules=(Project.access,),
    definition=_("Dự án đang thực hiện, chưa quyết toán và không bị dừng hẳn."),
)
def running(actor: Actor) -> int | None:
    """Projects that are neither closed nor given up; None where the actor sees none."""
    return counts_of(actor)["running"] or None


@kpi(
    "projects.late",
    title=_("Dự án chậm tiến độ"),
    icon="clock-alert",
    url="/ql/projects/projects/?pace=LATE",
    order=31,
    rules=(Project.access,),
    definition=_("Dự án đang thực hiện mà tiến độ chậm so với kế hoạch."),
    goal=Goal(0, far=5),
)
def late(actor: Actor) -> int | None:
    counts = counts_of(actor)
    return counts["late"] if counts["running"] else None


@kpi(
    "projects.disbursed",
    title=_("Giải ngân trong năm"),
    unit="%",
    icon="banknote",
    url="/ql/projects/giai-ngan/",
    order=32,
    rules=(Funding.access,),
    definition=_("Vốn đã giải ngân so với kế hoạch vốn được sử dụng trong năm."),
    goal=Goal(95, at_least=True, far=60),
    period=Period.YEAR,
)
def disbursed(actor: Actor) -> float | None:
    """Disbursed in percent of what may be spent in this plan year."""
    if not actor.may(Funding.access.permission("view")):
        return None
    key = f"projects.paid.{actor.scope(Funding.access).digest}"
    found: float | None = cache.get(key)
    if found is None:
        found = year_sums(actor, timezone.localdate().year).share_pct
        cache.set(key, found, KEPT_S)
    return found


@kpi(
    "projects.warranties",
    title=_("Bảo hành sắp hết hạn"),
    icon="shield-check",
    url="/ql/projects/warranties/?sort=ends_at&status=RUNNING",
    order=33,
    rules=(Warranty.access,),
    definition=_("Bảo hành công trình sắp hết thời hạn, cần kiểm tra trước khi hết."),
    wall=False,
)
def warranties(actor: Actor) -> int | None:
    """Warranties that end within the days of the reminder."""
    if not actor.may(Warranty.access.permission("view")):
        return None
    last = timezone.localdate() + timedelta(days=COURSE.limits.remind_days)
    rows = Warranty.objects.visible_to(actor).filter(status=WarrantyStatus.RUNNING.value)
    return rows.filter(ends_at__lte=last).count() or None
