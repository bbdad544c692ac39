"""People are told of incidents and of their tasks."""

from __future__ import annotations

from sen.domains.alarms import api as alarms
from sen.domains.incidents.events import IncidentOpened, TaskAssigned
from sen.domains.incidents.models import Incident, IncidentTask
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on
from sen.kernel.notices.models import Notice
from sen.kernel.notices.services import notify


@on(IncidentOpened, name="incidents.tell_watch")
def tell_watch(event: IncidentOpened, origin: Origin) -> None:
    row = Incident.objects.visible_to(current_actor()).filter(pk=event.incident_id).first()
    if row is None:
        return
    people = set(alarms.people_on_duty(row.area, row.severity, origin.at)) - {origin.actor_id}
    notify(
        people,
        key=f"incidents.incident:{row.pk}",
        title=row.title,
        text=row.description[:500],
        url=f"/ql/incidents/incidents/{row.pk}/",
        tone=Notice.Tone.DANGER if row.severity >= 3 else Notice.Tone.WARN,
        is_demo=row.is_demo,
    )


@on(TaskAssigned, name="incidents.tell_assignee")
def tell_assignee(event: TaskAssigned, origin: Origin) -> None:
    rows = IncidentTask.objects.visible_to(current_actor()).select_related("incident")
    row = rows.filter(pk=event.task_id).first()
    if row is None or row.assignee_id is None:
        return
    notify(
        [row.assignee_id],
        key=f"incidents.task:{row.pk}:{row.assignee_id}",
        title=row.title,
        text=row.incident.title,
        url=f"/ql/incidents/incidents/{row.incident_id}/",
        tone=Notice.Tone.WARN,
        is_demo=row.is_demo,
    )
