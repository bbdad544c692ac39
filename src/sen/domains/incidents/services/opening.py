"""Incidents are opened: by a person, or out of an alarm with one click."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.alarms import api as alarms
from sen.domains.incidents.choices import Source
from sen.domains.incidents.events import IncidentOpened
from sen.domains.incidents.models import Incident, IncidentEntry, IncidentTask, Playbook
from sen.domains.incidents.rules import KINDS
from sen.domains.incidents.selectors import incident_of_alarm, playbook_of
from sen.domains.network import api as network
from sen.domains.places import api as places
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

_LOCK: Final = (597_005, 1)


@use_case("incidents.incident.add")
def report_incident(*, actor: Actor, is_demo: bool = False, **values: Any) -> Incident:
    """Note that something happened; its place is a road with a chainage, a work, or a point.

    Raises:
        InvalidInputError: title or place lacks.
    """
    row = Incident(is_demo=is_demo)
    _fill(row, values)
    return _opened(actor, row)


@use_case("incidents.incident.change")
def update_incident(
    *, actor: Actor, row: Incident, version: int | None, reason: str = "", **values: Any
) -> Incident:
    """Correct what is known of an incident; another playbook adds its steps.

    Raises:
        InvalidInputError: title or place lacks.
    """
    check_version(row, version)
    before = row.playbook_id
    _fill(row, values)
    row.save()
    if row.playbook is not None and row.playbook_id != before:
        lay_out_steps(row, row.playbook)
    return row


@use_case("incidents.incident.add", act="incidents.open_from_alarm")
def open_from_alarm(*, actor: Actor, alarm: alarms.Alarm) -> Incident:
    """Open the incident of an alarm with the playbook of its rule; who does has taken the alarm.

    Raises:
        ConflictError: the alarm has an incident already.
    """
    if incident_of_alarm(actor, alarm.pk) is not None:
        raise ConflictError(_("Cảnh báo này đã có sự cố."))
    row = Incident(
        title=alarm.title,
        kind=KINDS[alarm.suspect].value,
        severity=alarm.severity,
        source=Source.ALARM.value,
        alarm=alarm,
        asset_id=alarm.asset_id,
        road_id=alarm.road_id,
        chainage_m=alarm.chainage_m,
        geom=alarm.geom,
        description=alarm.text,
        started_at=alarm.first_at,
        lead_id=actor.id,
        playbook=playbook_of(actor, alarm.rule.playbook_code),
        owner_org_id=alarm.owner_org_id,
        area_id=alarm.area_id,
        data_class=alarm.data_class,
        is_demo=alarm.is_demo,
    )
    if alarm.acknowledged_at is None and alarm.state in ("RAISED", "ESCALATED"):
        alarms.acknowledge_alarm(actor=actor, row=alarm, note=_("Lập sự cố."))
    return _opened(actor, row)


def lay_out_steps(row: Incident, playbook: Playbook) -> None:
    """Tasks for the steps of a playbook, due from now on."""
    used = IncidentTask.objects.unscoped("numbers of tasks of an incident").filter(incident=row)
    first = max(used.values_list("number", flat=True), default=0) + 1
    now = timezone.now()
    for number, step in enumerate(playbook.steps, first):
        minutes = step.get("within_min")
        IncidentTask(
            incident=row,
            number=number,
            title=step["text"][:400],
            role=step.get("role", "")[:160],
            due_at=None if minutes is None else now + timedelta(minutes=minutes),
            owner_org_id=row.owner_org_id,
            area_id=row.area_id,
            data_class=row.data_class,
            is_demo=row.is_demo,
        ).save()


def write_entry(*, actor: Actor, row: Incident, text: str) -> None:
    """A line of the log."""
    by = "" if actor.is_system else (actor.name or actor.username)
    IncidentEntry.objects.create(incident=row, by=by, text=text)


def _fill(row: Incident, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
    row.started_at = row.started_at or timezone.now()
    check = InputCheck()
    check.need(row.title, "title", _("Hãy ghi nội dung sự cố."))
    check.done()
    _place(row)
    has_place = row.geom is not None or row.road_id or row.asset_id
    check.need(
        has_place, "road", _("Hãy chọn tuyến và lý trình, công trình, hoặc điểm trên bản đồ.")
    )
    check.need(row.owner_org_id, "owner_org", _("Hãy chọn đơn vị xử lý."))
    check.done()


def _place(row: Incident) -> None:
    """Point and commune follow from road and chainage, or from the work."""
    if row.asset is not None and row.road_id is None:
        row.road_id, row.chainage_m = row.asset.road_id, row.asset.chainage_m
    if row.geom is None and row.asset is not None:
        row.geom = row.asset.geom.point_on_surface
    if row.geom is None and row.road_id is not None and row.chainage_m is not None:
        try:
            with as_system("the line of the road"):
                row.geom = network.point_at(road=row.road_id, chainage_m=float(row.chainage_m))
        except network.NotOnRouteError as error:
            check = InputCheck()
            check.need(False, "chainage_m", str(error))
            check.done()
    _within(row)


def _within(row: Incident) -> None:
    """The commune of the point, where nobody named a place."""
    known: int | None = row.area_id
    if known is None and row.geom is not None:
        unit = places.unit_at(lon=row.geom.x, lat=row.geom.y)
        if unit is not None:
            row.area_id = unit.area_id


def _opened(actor: Actor, row: Incident) -> Incident:
    row.code = _code()
    row.save()
    write_entry(actor=actor, row=row, text=_("Ghi nhận sự cố."))
    if row.playbook is not None:
        lay_out_steps(row, row.playbook)
    publish(
        IncidentOpened(
            incident_id=row.pk,
            code=row.code,
            title=row.title,
            kind=row.kind,
            severity=row.severity,
            alarm_id=row.alarm_id,
        ),
        key=row.pk,
        on=row,
    )
    return row


def _code() -> str:
    """The next number of the year."""
    start = f"SC-{timezone.localdate().year}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK)
    with as_system("numbers are given once in the house"):
        rows = Incident.objects.filter(code__startswith=start).order_by("-code")
        last = rows.values_list("code", flat=True).first()
    number = int(last[len(start) :]) + 1 if last else 1
    return f"{start}{number:05d}"
