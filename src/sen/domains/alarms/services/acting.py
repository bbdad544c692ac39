"""What people do with alarms, and what becomes due when they do nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.alarms.choices import Act, State
from sen.domains.alarms.events import AlarmChanged, AlarmEscalated
from sen.domains.alarms.models import Alarm, AlarmEntry
from sen.domains.alarms.rules import AUTO_CLOSE_S, LONGEST_SHELVING_S, next_state
from sen.domains.alarms.selectors import steps_for
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

_DUE_BATCH = 200


@use_case("alarms.alarm.acknowledge", act="alarms.acknowledge_alarm")
def acknowledge_alarm(
    *, actor: Actor, row: Alarm, version: int | None = None, note: str = ""
) -> Alarm:
    """Take an alarm: from now on nobody above is told.

    Raises:
        ConflictError: somebody changed it meanwhile, or its state does not allow it.
    """
    check_version(row, version)
    if row.acknowledged_at is not None:
        raise ConflictError(_("Cảnh báo này đã có người tiếp nhận."))
    state = _next(row, Act.ACKNOWLEDGE)
    row.acknowledged_at, row.acknowledged_by_id = timezone.now(), actor.id
    row.escalate_at = None
    return _done(actor, row, Act.ACKNOWLEDGE, state, note)


@use_case("alarms.alarm.shelve", act="alarms.shelve_alarm")
def shelve_alarm(
    *,
    actor: Actor,
    row: Alarm,
    version: int | None = None,
    until: datetime,
    reason: str,
) -> Alarm:
    """Set an alarm aside for a time, with the reason.

    Raises:
        ConflictError: somebody changed it meanwhile, or its state does not allow it.
        InvalidInputError: the reason lacks, or the time is past or too far away.
    """
    check_version(row, version)
    state = _next(row, Act.SHELVE)
    now = timezone.now()
    check = InputCheck()
    check.need(nfc(reason).strip(), "reason", _("Hãy ghi lý do."))
    check.need(
        now < until <= now + timedelta(seconds=LONGEST_SHELVING_S),
        "until",
        _("Thời điểm hết gác phải ở phía trước và không quá 30 ngày."),
    )
    check.done()
    row.shelved_until, row.escalate_at = until, None
    return _done(actor, row, Act.SHELVE, state, reason)


@use_case("alarms.alarm.shelve", act="alarms.unshelve_alarm")
def unshelve_alarm(*, actor: Actor, row: Alarm, version: int | None = None) -> Alarm:
    """Take an alarm back from the shelf.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is not shelved.
    """
    check_version(row, version)
    state = _next(row, Act.UNSHELVE)
    row.shelved_until = row.acknowledged_at = row.acknowledged_by = None
    return _done(actor, row, Act.UNSHELVE, state, "")


@use_case("alarms.alarm.escalate", act="alarms.escalate_alarm")
def escalate_alarm(
    *, actor: Actor, row: Alarm, version: int | None = None, note: str = ""
) -> Alarm:
    """Tell the people of the next step now.

    Raises:
        ConflictError: somebody changed it meanwhile, its state does not allow it, or there is no
            further step.
    """
    check_version(row, version)
    state = _next(row, Act.ESCALATE)
    steps = steps_for(row)
    if row.escalation >= len(steps):
        raise ConflictError(_("Không còn bậc nào để báo tiếp; hãy xem lịch trực."))
    row.escalation += 1
    later = steps[row.escalation :]
    row.escalate_at = (
        max(row.raised_at + timedelta(seconds=later[0].after_s), timezone.now()) if later else None
    )
    done = _done(actor, row, Act.ESCALATE, state, note)
    publish(
        AlarmEscalated(
            alarm_id=row.pk,
            code=row.code,
            title=row.title,
            severity=row.severity,
            step=row.escalation,
        ),
        key=row.pk,
        on=row,
    )
    return done


@use_case("alarms.alarm.close", act="alarms.close_alarm")
def close_alarm(*, actor: Actor, row: Alarm, version: int | None = None, note: str = "") -> Alarm:
    """Close an alarm whose condition went; who closes it has taken it.

    Raises:
        ConflictError: somebody changed it meanwhile, or its condition still holds.
    """
    check_version(row, version)
    state = _next(row, Act.CLOSE)
    now = timezone.now()
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by_id = now, actor.id
    row.closed_at = now
    return _done(actor, row, Act.CLOSE, state, note)


@use_case("alarms.alarm.acknowledge", act="alarms.note_alarm")
def note_alarm(*, actor: Actor, row: Alarm, note: str) -> Alarm:
    """Write a line into the log of an alarm.

    Raises:
        InvalidInputError: the line is empty.
    """
    check = InputCheck()
    check.need(nfc(note).strip(), "note", _("Hãy ghi nội dung."))
    check.done()
    _log(actor, row, Act.NOTE, note)
    return row


def run_due(*, actor: Actor, at: datetime) -> int:
    """Do what is due: tell the next step, take back from the shelf, close what is over.

    Returns:
        How many alarms were touched.
    """
    rows = Alarm.objects.visible_to(actor).select_for_update(of=("self",), skip_locked=True)
    count = 0
    for row in rows.filter(escalate_at__lte=at).order_by("escalate_at")[:_DUE_BATCH]:
        if row.escalation < len(steps_for(row)):
            escalate_alarm(actor=actor, row=row)
        else:
            Alarm.objects.filter(pk=row.pk).update(escalate_at=None)
        count += 1
    shelved = rows.filter(state=State.SHELVED.value, shelved_until__lte=at)
    for row in shelved.order_by("id")[:_DUE_BATCH]:
        unshelve_alarm(actor=actor, row=row)
        count += 1
    over = rows.filter(
        state=State.CLEARED.value,
        acknowledged_at__isnull=False,
        cleared_at__lte=at - timedelta(seconds=AUTO_CLOSE_S),
    )
    for row in over.order_by("id")[:_DUE_BATCH]:
        close_alarm(actor=actor, row=row)
        count += 1
    return count


def _next(row: Alarm, act: Act) -> State:
    state = next_state(State(row.state), act)
    if state is None:
        raise ConflictError(
            _("Cảnh báo đang ở trạng thái “%(state)s” nên không làm được việc này.")
            % {"state": row.get_state_display()}
        )
    return state


def _done(actor: Actor, row: Alarm, act: Act, state: State, text: str) -> Alarm:
    row.state = state.value
    row.save()
    _log(actor, row, act, text)
    publish(
        AlarmChanged(
            alarm_id=row.pk,
            code=row.code,
            act=act.value,
            state=row.state,
            severity=row.severity,
        ),
        key=row.pk,
        on=row,
    )
    return row


def _log(actor: Actor, row: Alarm, act: Act, text: str) -> None:
    AlarmEntry.objects.create(
        alarm=row,
        act=act.value,
        state=row.state,
        severity=row.severity,
        by="" if actor.is_system else (actor.name or actor.username),
        text=nfc(text).strip(),
    )
