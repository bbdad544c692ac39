"""From what the engine finds to alarms: raised once, raised anew, graver, gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from sen.domains.alarms.choices import OPEN, Act, Concern, RuleKind, Severity, State
from sen.domains.alarms.data import Finding
from sen.domains.alarms.engine.spec import parse
from sen.domains.alarms.events import AlarmChanged, AlarmRaised
from sen.domains.alarms.models import Alarm, AlarmEntry, AlarmGroup, Rule, Shelving
from sen.domains.alarms.rules import (
    FLOOD,
    FLOOD_S,
    GROUP_S,
    TEXTS,
    next_state,
    suspected,
)
from sen.domains.alarms.selectors import steps_for
from sen.domains.assets import api as assets
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.scope import Actor
from sen.kernel.events import publish
from sen.kernel.usecase import use_case

_SECONDS = (RuleKind.MISSING, RuleKind.FLAT)


@use_case("alarms.alarm.raise", act="alarms.note_finding")
def note_finding(*, actor: Actor, finding: Finding) -> Alarm | None:
    """Bring the alarm of a rule and a stream in step with what was found; the house acts.

    Returns:
        The alarm; None where nothing is known of the stream any more, or where a condition went
        of which no alarm is open.
    """
    rule = Rule.objects.visible_to(actor).get(pk=finding.rule_id)
    key = f"{rule.code}:{finding.key}"
    rows = Alarm.objects.visible_to(actor).select_for_update(of=("self",))
    held = rows.filter(dedup_key=key, state__in=OPEN).first()
    if finding.after == 0:
        return None if held is None else _clear(held, finding)
    if held is None:
        made = _raise(actor, rule, finding, key)
        if made is None or finding.ended_at is None:
            return made
        return _clear(made, replace(finding, at=finding.ended_at, after=0))
    if finding.ended_at is not None:
        return _came_late(held, finding)
    return _again(rule, held, finding)


def _came_late(alarm: Alarm, finding: Finding) -> Alarm:
    """A stretch that was over before it became known belongs to the alarm that is open."""
    alarm.first_at = min(alarm.first_at, finding.at)
    alarm.severity = max(alarm.severity, finding.after)
    alarm.is_late = True
    alarm.count = F("count") + 1
    alarm.save()
    alarm.refresh_from_db(fields=["count"])
    return _told(alarm, Act.NOTE, finding.signal, _late(finding))


def _late(finding: Finding) -> str:
    """What the log says of a finding that late observations made."""
    if not finding.is_late:
        return ""
    if finding.after == 0:
        return _("Xét lại khi có số liệu đến muộn: điều kiện không còn.")
    return _("Xét lại khi có số liệu đến muộn: điều kiện có từ %(at)s.") % {
        "at": date_format(timezone.localtime(finding.at), "H:i:s d/m/Y")
    }


def _clear(alarm: Alarm, finding: Finding) -> Alarm:
    state = next_state(State(alarm.state), Act.CLEAR)
    alarm.last_at, alarm.peak = max(alarm.last_at, finding.at), finding.peak
    alarm.cleared_at, alarm.escalate_at = timezone.now(), None
    if state is not None:
        alarm.state = state.value
    alarm.save()
    return _told(alarm, Act.CLEAR, finding.signal, _late(finding))


def _again(rule: Rule, alarm: Alarm, finding: Finding) -> Alarm:
    """Graver or less grave while it holds; anew after it had gone."""
    came_back = alarm.state == State.CLEARED
    is_graver = finding.after > alarm.severity
    alarm.last_at, alarm.peak = max(alarm.last_at, finding.at), finding.peak
    alarm.rule, alarm.is_late = rule, alarm.is_late or finding.is_late
    if came_back or is_graver:
        alarm.value, alarm.level = finding.signal, _level(rule, finding.after)
        alarm.text = _text(rule, finding)
    alarm.severity = finding.after
    if came_back:
        alarm.count = F("count") + 1
        alarm.cleared_at = None
    if not (came_back or is_graver):
        alarm.save()
        return alarm
    state = next_state(State(alarm.state), Act.RAISE)
    alarm.state = (state or State.RAISED).value
    if alarm.state == State.RAISED:
        alarm.acknowledged_at = alarm.acknowledged_by = None
        alarm.escalation = 0
        alarm.escalate_at = _first_step(alarm)
    alarm.save()
    alarm.refresh_from_db(fields=["count"])
    return _told(alarm, Act.RAISE, finding.signal, _late(finding))


def _raise(actor: Actor, rule: Rule, finding: Finding, key: str) -> Alarm | None:
    stream = None
    if finding.datastream_id is not None:
        rows = telemetry.Datastream.objects.visible_to(actor)
        stream = (
            rows.select_related("thing", "observed_property")
            .filter(pk=finding.datastream_id)
            .first()
        )
        if stream is None:
            return None
    thing = None if stream is None else stream.thing
    asset_id = finding.asset_id if thing is None else thing.asset_id
    asset = None if asset_id is None else assets.assets(actor).filter(pk=asset_id).first()
    owner = stream or asset
    if owner is None:
        return None
    now = timezone.now()
    place = (thing.position if thing else "") or ""
    where = str(asset or thing or "")
    severity = Severity(finding.after)
    alarm = Alarm(
        code=_code(now),
        rule=rule,
        datastream=stream,
        asset=asset,
        road_id=(thing.road_id if thing else None) or getattr(asset, "road_id", None),
        chainage_m=(thing.chainage_m if thing else None) or getattr(asset, "chainage_m", None),
        title=f"{rule.name}: {where}{f', {place}' if place else ''}"[:250],
        text=_text(rule, finding),
        severity=severity.value,
        suspect=suspected(
            Concern(rule.concern), is_sensor_faulty=_is_faulty(actor, finding.datastream_id)
        ).value,
        value=finding.signal,
        level=_level(rule, finding.after),
        peak=finding.peak,
        unit="s" if rule.kind in _SECONDS else (stream.unit if stream else ""),
        first_at=finding.at,
        last_at=finding.at,
        is_late=finding.is_late,
        dedup_key=key,
        geom=(thing.geom if thing else None) or getattr(asset, "geom", None),
        owner_org_id=owner.owner_org_id,
        area_id=owner.area_id,
        data_class=max(owner.data_class, 1),
        is_demo=owner.is_demo,
    )
    if alarm.geom is not None and alarm.geom.geom_type != "Point":
        alarm.geom = alarm.geom.point_on_surface
    _gather(alarm, now)
    window = _shelved_until(actor, alarm, now)
    if window is not None:
        alarm.state, alarm.shelved_until = State.SHELVED.value, window
    alarm.raised_at = now
    alarm.escalate_at = None if window is not None else _first_step(alarm)
    alarm.save()
    return _told(alarm, Act.RAISE, finding.signal, _late(finding))


def _code(now: datetime) -> str:
    """The next number of the year; the lock keeps two processes apart."""
    from django.db import connection

    start = f"CB-{timezone.localtime(now).year}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(597004, 1)")
    last = (
        Alarm.objects.unscoped("numbers are given once in the house")
        .filter(code__startswith=start)
        .order_by("-code")
        .values_list("code", flat=True)
        .first()
    )
    number = int(last[len(start) :]) + 1 if last else 1
    return f"{start}{number:06d}"


def _gather(alarm: Alarm, now: datetime) -> None:
    """Put the alarm to those of the same work; more than a few within a minute are a storm."""
    groups = AlarmGroup.objects.unscoped("alarms of one work belong together")
    group = (
        groups.select_for_update(of=("self",))
        .filter(asset_id=alarm.asset_id, last_at__gte=now - timedelta(seconds=GROUP_S))
        .order_by("-last_at")
        .first()
        if alarm.asset_id
        else None
    )
    if group is None:
        group = AlarmGroup(
            asset_id=alarm.asset_id,
            title=str(alarm.asset or alarm.title)[:250],
            started_at=now,
            severity=alarm.severity,
            owner_org_id=alarm.owner_org_id,
            area_id=alarm.area_id,
            data_class=alarm.data_class,
            is_demo=alarm.is_demo,
        )
    group.count += 1
    group.last_at = now
    is_graver = alarm.severity > group.severity
    group.severity = max(group.severity, alarm.severity)
    if group.pk:
        recent = Alarm.objects.unscoped("alarms of one work belong together").filter(
            group=group, raised_at__gte=now - timedelta(seconds=FLOOD_S)
        )
        is_flood = recent.count() >= FLOOD
        # The one that makes it a storm rings, and whatever is graver than all before.
        alarm.is_quiet = is_flood and group.is_storm and not is_graver
        group.is_storm = group.is_storm or is_flood
    group.save()
    alarm.group = group


def _shelved_until(actor: Actor, alarm: Alarm, now: datetime) -> datetime | None:
    from django.db.models import Q

    what = Q(datastream_id=alarm.datastream_id) if alarm.datastream_id else Q(pk=None)
    if alarm.asset_id:
        what |= Q(asset_id=alarm.asset_id, datastream=None)
    rows = Shelving.objects.visible_to(actor).filter(what, begin_at__lte=now, end_at__gt=now)
    found: datetime | None = rows.order_by("-end_at").values_list("end_at", flat=True).first()
    return found


def _is_faulty(actor: Actor, datastream_id: int | None) -> bool:
    """Whether an alarm on the instrument of the stream holds."""
    if datastream_id is None:
        return False
    rows = Alarm.objects.visible_to(actor).filter(
        datastream_id=datastream_id,
        rule__concern=Concern.SENSOR.value,
        state__in=(State.RAISED, State.ACKNOWLEDGED, State.ESCALATED, State.SHELVED),
    )
    return rows.exists()


def _first_step(alarm: Alarm) -> datetime | None:
    steps = steps_for(alarm)
    return timezone.now() + timedelta(seconds=steps[0].after_s) if steps else None


def _level(rule: Rule, severity: int) -> float:
    levels = parse(rule.kind, rule.definition).levels
    return next(level.raise_at for level in levels if level.severity == severity)


def _text(rule: Rule, finding: Finding) -> str:
    values = {
        "value": number_format(round(finding.signal, 3), use_l10n=True),
        "level": number_format(round(_level(rule, finding.after), 3), use_l10n=True),
    }
    return _(TEXTS[RuleKind(rule.kind)]) % values


def _told(alarm: Alarm, act: Act, value: float, text: str = "") -> Alarm:
    AlarmEntry.objects.create(
        alarm=alarm,
        act=act.value,
        state=alarm.state,
        severity=alarm.severity,
        value=value,
        text=text,
    )
    if act is Act.RAISE and alarm.state != State.SHELVED:
        publish(
            AlarmRaised(
                alarm_id=alarm.pk,
                code=alarm.code,
                title=alarm.title,
                severity=alarm.severity,
                suspect=alarm.suspect,
                asset_id=alarm.asset_id,
                datastream_id=alarm.datastream_id,
                first_at=alarm.first_at,
                is_quiet=alarm.is_quiet,
            ),
            key=alarm.pk,
            on=alarm,
        )
    else:
        publish(
            AlarmChanged(
                alarm_id=alarm.pk,
                code=alarm.code,
                act=act.value,
                state=alarm.state,
                severity=alarm.severity,
            ),
            key=alarm.pk,
            on=alarm,
        )
    return alarm
