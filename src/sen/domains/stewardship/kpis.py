"""Figures of the desk: what is overdue, and how punctual the units are."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.stewardship.choices import TaskStatus
from sen.domains.stewardship.models import UpdateTask
from sen.domains.stewardship.rules import Punctuality
from sen.domains.stewardship.selectors import punctuality
from sen.kernel.access.scope import Actor
from sen.kernel.web.kpis import Goal, Period, kpi

BOARD = "/ql/stewardship/viec/?cua=tat-ca"


@kpi(
    "stewardship.overdue",
    title=_("Việc cập nhật quá hạn"),
    unit="việc",
    icon="calendar-clock",
    url=BOARD,
    order=60,
    rules=(UpdateTask.access,),
    definition=_("Việc cập nhật dữ liệu đang mở mà đã qua ngày hạn."),
    goal=Goal(0, far=20),
)
def overdue(actor: Actor) -> int | None:
    """Tasks that are past their day."""
    if not actor.may("stewardship.task.view"):
        return None
    rows = UpdateTask.objects.visible_to(actor).filter(status=TaskStatus.OPEN.value)
    return int(rows.filter(due_on__lt=timezone.localdate()).count())


@kpi(
    "stewardship.on-time",
    title=_("Cập nhật đúng hạn trong năm"),
    unit="%",
    icon="badge-check",
    url=BOARD,
    order=61,
    rules=(UpdateTask.access,),
    definition=_("Trong các việc cập nhật đến hạn từ đầu năm, tỷ lệ làm xong không trễ hạn."),
    goal=Goal(90, at_least=True, far=70),
    period=Period.YEAR,
)
def on_time(actor: Actor) -> float | None:
    """Of what was due this year, over all units that the actor sees."""
    if not actor.may("stewardship.task.view"):
        return None
    today = timezone.localdate()
    figures = [figure for _org, figure in punctuality(actor, today.replace(month=1, day=1), today)]
    together = Punctuality(
        sum(figure.done_on_time for figure in figures),
        sum(figure.done_late for figure in figures),
        sum(figure.overdue for figure in figures),
        0,
    ).on_time_percent
    return None if together is None else round(together, 1)
