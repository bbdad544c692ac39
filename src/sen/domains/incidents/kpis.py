"""Figures on incidents."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.incidents.models import Incident, IncidentTask
from sen.domains.incidents.selectors import open_incidents
from sen.kernel.access.scope import Actor
from sen.kernel.web.kpis import Goal, kpi


@kpi(
    "incidents.open",
    title=_("Sự cố đang xử lý"),
    icon="flame",
    url="/ql/incidents/incidents/?state=REPORTED&state=HANDLING&state=CONTAINED",
    order=23,
    rules=(Incident.access,),
    definition=_("Sự cố đã ghi nhận mà chưa kết thúc."),
    goal=Goal(0, far=5),
    live=("incidents",),
)
def waiting(actor: Actor) -> int | None:
    if not actor.may("incidents.incident.view"):
        return None
    return open_incidents(actor).count()


@kpi(
    "incidents.late",
    title=_("Việc xử lý sự cố quá hạn"),
    icon="timer",
    url="/ql/incidents/tasks/",
    order=24,
    rules=(IncidentTask.access, Incident.access),
    definition=_("Việc của sự cố đang xử lý đã quá hạn mà chưa xong."),
    goal=Goal(0, far=3),
    live=("incidents",),
)
def late(actor: Actor) -> int | None:
    if not actor.may("incidents.task.view"):
        return None
    rows = IncidentTask.objects.visible_to(actor).filter(
        incident__in=open_incidents(actor).order_by().values("pk"),
        done_at=None,
        is_dropped=False,
        due_at__lt=timezone.now(),
    )
    return rows.count()
