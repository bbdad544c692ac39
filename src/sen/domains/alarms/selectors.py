"""Reading alarms, rules and duty."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Avg, Count, F, Q, QuerySet
from django.utils import timezone

from sen.domains.alarms.choices import ACTIVE, OPEN, RuleStatus, State
from sen.domains.alarms.data import AlarmInfo, Statistics
from sen.domains.alarms.models import (
    Alarm,
    AlarmEntry,
    AlarmGroup,
    DutyRoster,
    DutyShift,
    EscalationStep,
    Rule,
)
from sen.domains.alarms.rules import CHATTER
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area
from sen.kernel.access.scope import Actor

SHOWN: Final = 20


def open_alarms(actor: Actor) -> QuerySet[Alarm]:
    """Alarms that are not closed, gravest first."""
    rows = Alarm.objects.visible_to(actor).filter(state__in=OPEN)
    return rows.order_by("-severity", "-raised_at", "-id")


def active_alarms(actor: Actor) -> QuerySet[Alarm]:
    """Alarms whose condition still holds."""
    return open_alarms(actor).filter(state__in=ACTIVE)


def alarms_of(actor: Actor, **of: int) -> QuerySet[Alarm]:
    """Open alarms of an asset (``asset_id``), a road (``road_id``) or a stream."""
    return open_alarms(actor).filter(**of)


def info_of(alarm: Alarm) -> AlarmInfo:
    return AlarmInfo(
        alarm.pk,
        alarm.code,
        alarm.title,
        alarm.severity,
        alarm.state,
        alarm.suspect,
        alarm.asset_id,
        alarm.road_id,
        alarm.raised_at,
        alarm.rule.playbook_code,
    )


def entries_of(alarm: Alarm) -> QuerySet[AlarmEntry]:
    """The log of an alarm that the caller was given."""
    return AlarmEntry.objects.filter(alarm=alarm).order_by("at", "id")


def similar_to(actor: Actor, alarm: Alarm) -> QuerySet[Alarm]:
    """Earlier alarms of the same stream, or of the same rule on other works."""
    same = Q(rule__code=alarm.rule.code)
    if alarm.datastream_id:
        same |= Q(datastream_id=alarm.datastream_id)
    rows = Alarm.objects.visible_to(actor).filter(same).exclude(pk=alarm.pk)
    return rows.select_related("asset").order_by("-raised_at", "-id")


def rules_in_force() -> QuerySet[Rule]:
    """Every rule in force, for the process that judges."""
    rows = Rule.objects.unscoped("the process of rules judges all streams")
    return rows.filter(status=RuleStatus.IN_FORCE.value).select_related("observed_property")


def rosters_for(alarm: Alarm) -> list[DutyRoster]:
    """The watches that take an alarm: those of its place, or of a place around it."""
    with as_system("who takes an alarm", reading=True):
        return _rosters(alarm)


def _rosters(alarm: Alarm) -> list[DutyRoster]:
    rows = DutyRoster.objects.filter(min_severity__lte=alarm.severity)
    rows = rows.filter(concern__in=("", alarm.suspect))
    rows = rows.select_related("area").order_by("id")
    return [row for row in rows if alarm.area.path.startswith(row.area.path)]


def people_on_duty(area: Area, severity: int, at: datetime) -> list[int]:
    """Who is on duty for a place at a time, whatever the concern."""
    with as_system("who is on duty"):
        rows = DutyRoster.objects.filter(min_severity__lte=severity).select_related("area")
        return on_duty([row for row in rows if area.path.startswith(row.area.path)], at)


def on_duty(rosters: list[DutyRoster], at: datetime) -> list[int]:
    """The people who are on duty at a time."""
    with as_system("who is on duty"):
        rows = DutyShift.objects.filter(roster__in=rosters, begin_at__lte=at, end_at__gt=at)
        return sorted(set(rows.values_list("person_id", flat=True)))


def steps_for(alarm: Alarm) -> list[EscalationStep]:
    """Whom to tell next, in order."""
    with as_system("whom to tell when nobody answers", reading=True):
        rows = EscalationStep.objects.filter(
            roster__in=_rosters(alarm), min_severity__lte=alarm.severity
        )
        return list(rows.order_by("after_s", "number", "id"))


def statistics(actor: Actor, *, since: datetime, until: datetime | None = None) -> Statistics:
    """How alarms went in a time."""
    end = until or timezone.now()
    rows = Alarm.objects.visible_to(actor).filter(raised_at__gte=since, raised_at__lt=end)
    sums = rows.aggregate(
        raised=Count("id"),
        acknowledged=Count("acknowledged_at"),
        mean=Avg(F("acknowledged_at") - F("raised_at")),
        open=Count("id", filter=~Q(state=State.CLOSED.value)),
    )
    storms = AlarmGroup.objects.visible_to(actor).filter(
        started_at__gte=since, started_at__lt=end, is_storm=True
    )
    mean: timedelta | None = sums["mean"]
    return Statistics(
        raised=sums["raised"],
        acknowledged=sums["acknowledged"],
        open=sums["open"],
        storms=storms.count(),
        mean_ack_s=None if mean is None else mean.total_seconds(),
        chattering=_chattering(rows),
    )


def _chattering(rows: QuerySet[Alarm]) -> tuple[tuple[str, int], ...]:
    found: Counter[str] = Counter()
    pairs = rows.exclude(datastream=None).values_list("datastream__code", "count")
    for code, count in pairs.iterator():
        found[code] += count
    return tuple((code, n) for code, n in found.most_common(SHOWN) if n >= CHATTER)
