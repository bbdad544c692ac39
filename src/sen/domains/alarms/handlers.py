"""People on duty are told of alarms, and those above them when nobody answers."""

from __future__ import annotations

from sen.domains.alarms.choices import Severity
from sen.domains.alarms.events import AlarmEscalated, AlarmRaised
from sen.domains.alarms.models import Alarm
from sen.domains.alarms.selectors import on_duty, rosters_for, steps_for
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on
from sen.kernel.notices.models import Notice
from sen.kernel.notices.services import notify


@on(AlarmRaised, name="alarms.tell_watch")
def tell_watch(event: AlarmRaised, origin: Origin) -> None:
    alarm = Alarm.objects.visible_to(current_actor()).filter(pk=event.alarm_id).first()
    if alarm is None or event.is_quiet:
        return
    _tell(alarm, on_duty(rosters_for(alarm), alarm.raised_at), f"{alarm.count}:{event.severity}")


@on(AlarmEscalated, name="alarms.tell_above")
def tell_above(event: AlarmEscalated, origin: Origin) -> None:
    alarm = Alarm.objects.visible_to(current_actor()).filter(pk=event.alarm_id).first()
    if alarm is None:
        return
    steps = steps_for(alarm)
    if event.step > len(steps):
        return
    step = steps[event.step - 1]
    people = [step.person_id] if step.person_id else on_duty(rosters_for(alarm), origin.at)
    _tell(alarm, people, f"{alarm.count}:step{event.step}")


def _tell(alarm: Alarm, people: list[int], what: str) -> None:
    notify(
        people,
        key=f"alarms.alarm:{alarm.pk}:{what}",
        title=alarm.title,
        text=alarm.text,
        url=f"/ql/alarms/alarms/{alarm.pk}/",
        tone=Notice.Tone.DANGER if alarm.severity >= Severity.DANGER else Notice.Tone.WARN,
        is_demo=alarm.is_demo,
    )
