"""Reading incidents and playbooks."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from sen.domains.incidents.choices import OPEN
from sen.domains.incidents.models import Incident, IncidentEntry, IncidentTask, Playbook
from sen.kernel.access.scope import Actor


def open_incidents(actor: Actor) -> QuerySet[Incident]:
    """Incidents that are not over, gravest first."""
    rows = Incident.objects.visible_to(actor).filter(state__in=OPEN)
    return rows.order_by("-severity", "-started_at", "-id")


def incidents_of_asset(actor: Actor, asset_id: int) -> QuerySet[Incident]:
    """Open incidents at a work, or that affect it."""
    rows = open_incidents(actor)
    return rows.filter(Q(asset_id=asset_id) | Q(affected_assets=asset_id)).distinct()


def incidents_of_road(actor: Actor, road_id: int) -> QuerySet[Incident]:
    """Open incidents on a road, or that affect it."""
    rows = open_incidents(actor)
    return rows.filter(Q(road_id=road_id) | Q(affected_roads=road_id)).distinct()


def incident_of_alarm(actor: Actor, alarm_id: int) -> Incident | None:
    rows = Incident.objects.visible_to(actor).filter(alarm_id=alarm_id)
    found: Incident | None = rows.order_by("-id").first()
    return found


def tasks_of(actor: Actor, incident: Incident) -> QuerySet[IncidentTask]:
    rows = IncidentTask.objects.visible_to(actor).filter(incident=incident)
    return rows.select_related("assignee").order_by("number")


def entries_of(incident: Incident) -> QuerySet[IncidentEntry]:
    """The log of an incident that the caller was given."""
    return IncidentEntry.objects.filter(incident=incident).order_by("at", "id")


def playbook_of(actor: Actor, code: str) -> Playbook | None:
    """The revision of a playbook that is in use."""
    rows = Playbook.objects.visible_to(actor).filter(code=code, is_current=True)
    found: Playbook | None = rows.first()
    return found
