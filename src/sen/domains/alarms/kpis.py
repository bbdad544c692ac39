"""Figures on alarms."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.alarms.choices import Severity, State
from sen.domains.alarms.models import Alarm
from sen.domains.alarms.selectors import active_alarms, statistics
from sen.kernel.access.scope import Actor
from sen.kernel.web.kpis import Goal, kpi

_OPEN = "/ql/alarms/alarms/?state=RAISED&state=ESCALATED"


@kpi(
    "alarms.waiting",
    title=_("Cảnh báo chờ tiếp nhận"),
    icon="siren",
    url=_OPEN,
    order=10,
    rules=(Alarm.access,),
    definition=_("Cảnh báo mới báo hoặc đã báo cấp trên mà chưa ai tiếp nhận."),
    goal=Goal(0, far=5),
    live=("alarms",),
)
def waiting(actor: Actor) -> int | None:
    if not actor.may("alarms.alarm.view"):
        return None
    rows = active_alarms(actor).filter(state__in=(State.RAISED, State.ESCALATED))
    return rows.count()


@kpi(
    "alarms.danger",
    title=_("Cảnh báo nguy hiểm, khẩn cấp đang có"),
    icon="triangle-alert",
    url="/ql/alarms/alarms/?severity=3&severity=4",
    order=11,
    rules=(Alarm.access,),
    definition=_("Cảnh báo từ mức nguy hiểm mà điều kiện còn kéo dài."),
    goal=Goal(0, far=1),
    live=("alarms",),
)
def danger(actor: Actor) -> int | None:
    if not actor.may("alarms.alarm.view"):
        return None
    return active_alarms(actor).filter(severity__gte=Severity.DANGER).count()


@kpi(
    "alarms.ack_minutes",
    title=_("Thời gian tiếp nhận cảnh báo trung bình 30 ngày"),
    unit="phút",
    icon="timer",
    url="/ql/alarms/alarms/",
    order=12,
    rules=(Alarm.access,),
    definition=_("Từ lúc báo đến lúc có người tiếp nhận, trung bình 30 ngày qua."),
    goal=Goal(5, far=30),
)
def ack_minutes(actor: Actor) -> float | None:
    if not actor.may("alarms.alarm.view"):
        return None
    found = statistics(actor, since=timezone.now() - timedelta(days=30)).mean_ack_s
    return None if found is None else round(found / 60, 1)
