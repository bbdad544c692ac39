"""Alarms and the health of sensors on the board, now and as they were."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils import timezone

from sen.domains.alarms import api as alarms
from sen.domains.incidents import api as incidents
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.scope import Actor

SHOWN: Final = 12
HEALTH_REUSE_S: Final = 30
#: States in which an alarm waits for somebody to take it.
WAITING: Final = ("RAISED", "ESCALATED")
#: Grade → tone and icon; the word comes from the choices.
LOOKS: Final = {
    1: ("info", "info"),
    2: ("warn", "triangle-alert"),
    3: ("danger", "octagon-alert"),
    4: ("danger", "siren"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One alarm or incident in words; ``may_take``: the actor may acknowledge it."""

    pk: int
    title: str
    url: str
    severity: str
    tone: str
    icon: str
    state: str
    where: str
    at: datetime
    may_take: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class AlarmList:
    """The gravest and newest of the open alarms, and how many there are."""

    lines: list[Line]
    total: int


def open_alarms(actor: Actor, moment: datetime | None) -> AlarmList | None:
    """Newest first, as they stand or stood; None for those who see no alarms."""
    if not actor.may("alarms.alarm.view"):
        return None
    rows = alarms.open_alarms(actor) if moment is None else open_at(actor, moment)
    rows = rows.select_related("asset").order_by("-raised_at", "-id")
    found = [_line(row, moment, actor) for row in rows[:SHOWN]]
    return AlarmList(found, rows.count() if len(found) == SHOWN else len(found))


def open_at(actor: Actor, moment: datetime) -> QuerySet[alarms.Alarm]:
    """The alarms that were open at a moment."""
    rows = alarms.Alarm.objects.visible_to(actor).filter(raised_at__lte=moment)
    return rows.filter(Q(closed_at=None) | Q(closed_at__gt=moment))


def _line(row: alarms.Alarm, moment: datetime | None, actor: Actor) -> Line:
    tone, icon = LOOKS.get(row.severity, ("info", "info"))
    return Line(
        pk=row.pk,
        title=row.title,
        url=f"/ql/alarms/alarms/{row.pk}/",
        severity=row.get_severity_display(),
        tone=tone,
        icon=icon,
        state=row.get_state_display() if moment is None else _state_at(row, moment),
        where=row.asset.name if row.asset else "",
        at=row.raised_at,
        may_take=moment is None
        and row.acknowledged_at is None
        and row.state in WAITING
        and actor.scope(alarms.Alarm.access, "acknowledge").allows(row),
        version=row.version,
    )


def _state_at(row: alarms.Alarm, moment: datetime) -> str:
    """The state by the marks of time that an alarm keeps."""
    labels = dict(alarms.Alarm.State.choices)
    if row.cleared_at and row.cleared_at <= moment:
        return str(labels["CLEARED"])
    if row.acknowledged_at and row.acknowledged_at <= moment:
        return str(labels["ACKNOWLEDGED"])
    return str(labels["RAISED"])


@dataclass(frozen=True, slots=True)
class Column:
    """Incidents of one state."""

    state: str
    lines: list[Line]


def incident_board(actor: Actor, moment: datetime | None) -> list[Column] | None:
    """Open incidents by state, newest first; None for those who see no incidents."""
    if not actor.may("incidents.incident.view"):
        return None
    rows = incidents.open_incidents(actor) if moment is None else incidents_at(actor, moment)
    labels = dict(incidents.Incident.State.choices)
    held: dict[str, list[Line]] = {name: [] for name in ("REPORTED", "HANDLING", "CONTAINED")}
    for row in rows.select_related("asset").order_by("-started_at", "-id")[: 3 * SHOWN]:
        state = row.state
        if moment is not None:
            state = incident_state_at(row, moment)
        held[state].append(_incident_line(row, str(labels[state])))
    return [Column(str(labels[name]), lines) for name, lines in held.items()]


def incidents_at(actor: Actor, moment: datetime) -> QuerySet[incidents.Incident]:
    """The incidents that were open at a moment."""
    rows = incidents.Incident.objects.visible_to(actor).filter(started_at__lte=moment)
    return rows.filter(Q(closed_at=None) | Q(closed_at__gt=moment)).exclude(state="CANCELLED")


def incident_state_at(row: incidents.Incident, moment: datetime) -> str:
    """The state by the marks of time that an incident keeps."""
    if row.contained_at is not None and row.contained_at <= moment:
        return "CONTAINED"
    return "REPORTED" if row.state == "REPORTED" else "HANDLING"


def _incident_line(row: incidents.Incident, state: str) -> Line:
    tone, icon = LOOKS.get(row.severity, ("info", "info"))
    return Line(
        pk=row.pk,
        title=row.title,
        url=f"/ql/incidents/incidents/{row.pk}/",
        severity=row.get_severity_display(),
        tone=tone,
        icon=icon,
        state=state,
        where=row.asset.name if row.asset else "",
        at=row.started_at,
    )


@dataclass(frozen=True, slots=True)
class Health:
    """How many streams bring values as promised; ``worst`` are stations with late ones."""

    fresh: int
    late: int
    silent: int
    worst: list[tuple[str, str, int]]

    @property
    def total(self) -> int:
        return self.fresh + self.late + self.silent

    @property
    def percent(self) -> int:
        return int(100 * self.fresh / self.total) if self.total else 0


def sensor_health(actor: Actor) -> Health | None:
    """Freshness of all streams of the actor, kept for half a minute for a scope."""
    if not actor.may("telemetry.datastream.view"):
        return None
    key = f"ioc-health:{actor.scope(telemetry.Datastream.access).digest}"
    known: Health | None = cache.get(key)
    if known is None:
        known = _health(actor)
        cache.set(key, known, HEALTH_REUSE_S)
    return known if known.total else None


def _health(actor: Actor) -> Health:
    rows = telemetry.Datastream.objects.visible_to(actor).values_list(
        "id", "interval_s", "thing_id", "thing__name"
    )
    streams: list[tuple[Any, ...]] = list(rows)
    newest = telemetry.latest(actor, [row[0] for row in streams])
    now = timezone.now()
    counted: Counter[str] = Counter()
    late: Counter[tuple[int, str]] = Counter()
    for stream_id, interval_s, thing_id, name in streams:
        reading = newest.get(stream_id)
        state = telemetry.freshness(reading.at if reading else None, interval_s, now)
        counted[state] += 1
        if state is not telemetry.Freshness.FRESH:
            late[thing_id, name] += 1
    return health_of(counted, late)


def health_of(counted: Counter[str], late: Counter[tuple[int, str]]) -> Health:
    """Health by how many streams stand how, and how many of which station are not fresh."""
    worst = [
        (name, f"/ql/telemetry/things/{thing_id}/", count)
        for (thing_id, name), count in late.most_common(5)
    ]
    found = telemetry.Freshness
    return Health(counted[found.FRESH], counted[found.LATE], counted[found.NONE], worst)
