"""What is done about an incident, until its report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.incidents.choices import OPEN, Act, State
from sen.domains.incidents.events import IncidentMoved, TaskAssigned
from sen.domains.incidents.models import Incident, IncidentTask
from sen.domains.incidents.rules import next_state
from sen.domains.incidents.selectors import tasks_of
from sen.domains.incidents.services.opening import write_entry
from sen.domains.network import api as network
from sen.kernel.access.models import User
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@use_case("incidents.incident.change", act="incidents.start_incident")
def start_incident(*, actor: Actor, row: Incident, version: int | None = None) -> Incident:
    """Begin to deal with an incident; who does leads unless somebody else does.

    Raises:
        ConflictError: somebody changed it meanwhile, or its state does not allow it.
    """
    check_version(row, version)
    row.lead_id = row.lead_id or actor.id
    return _move(actor, row, Act.START, _("Bắt đầu xử lý."))


@use_case("incidents.incident.change", act="incidents.contain_incident")
def contain_incident(*, actor: Actor, row: Incident, version: int | None = None) -> Incident:
    """The danger is over; what remains is to tidy up and to report.

    Raises:
        ConflictError: somebody changed it meanwhile, or its state does not allow it.
    """
    check_version(row, version)
    row.contained_at = timezone.now()
    return _move(actor, row, Act.CONTAIN, _("Đã khống chế."))


@use_case("incidents.incident.change", act="incidents.reopen_incident")
def reopen_incident(*, actor: Actor, row: Incident, version: int | None = None) -> Incident:
    """It was not over.

    Raises:
        ConflictError: somebody changed it meanwhile, or its state does not allow it.
    """
    check_version(row, version)
    row.contained_at = None
    return _move(actor, row, Act.REOPEN, _("Tình huống tái diễn, tiếp tục xử lý."))


@use_case("incidents.incident.close", act="incidents.close_incident")
def close_incident(
    *,
    actor: Actor,
    row: Incident,
    version: int | None = None,
    cause: str,
    result: str,
    damage: str = "",
) -> Incident:
    """Close an incident with its report: cause, damage, what was done.

    Raises:
        ConflictError: somebody changed it meanwhile, its state does not allow it, or a task is
            neither done nor dropped.
        InvalidInputError: cause or result lacks.
    """
    check_version(row, version)
    check = InputCheck()
    check.need(nfc(cause).strip(), "cause", _("Hãy ghi nguyên nhân."))
    check.need(nfc(result).strip(), "result", _("Hãy ghi kết quả xử lý."))
    check.done()
    left = tasks_of(actor, row).filter(done_at=None, is_dropped=False).count()
    if left:
        raise ConflictError(
            _("Còn %(n)s việc chưa xong; hãy báo xong hoặc ghi là không cần làm.") % {"n": left}
        )
    row.cause, row.result, row.damage = (nfc(t).strip() for t in (cause, result, damage))
    row.closed_at = timezone.now()
    return _move(actor, row, Act.CLOSE, _("Kết thúc sự cố."))


@use_case("incidents.incident.close", act="incidents.cancel_incident")
def cancel_incident(
    *, actor: Actor, row: Incident, version: int | None = None, reason: str
) -> Incident:
    """It was none, or it was noted twice.

    Raises:
        ConflictError: somebody changed it meanwhile, or its state does not allow it.
        InvalidInputError: the reason lacks.
    """
    check_version(row, version)
    check = InputCheck()
    check.need(nfc(reason).strip(), "reason", _("Hãy ghi lý do."))
    check.done()
    row.closed_at = timezone.now()
    row.result = nfc(reason).strip()
    return _move(actor, row, Act.CANCEL, _("Hủy: %(why)s") % {"why": row.result})


@use_case("incidents.incident.change", act="incidents.note_incident")
def note_incident(*, actor: Actor, row: Incident, text: str) -> Incident:
    """Write a line into the log.

    Raises:
        InvalidInputError: the line is empty.
    """
    check = InputCheck()
    check.need(nfc(text).strip(), "text", _("Hãy ghi nội dung."))
    check.done()
    write_entry(actor=actor, row=row, text=nfc(text).strip())
    return row


@use_case("incidents.incident.change", act="incidents.affect")
def affect(*, actor: Actor, row: Incident, code: str) -> Incident:
    """Name a work or a road that is affected, by its code or number.

    Raises:
        InvalidInputError: there is none of that code for this actor.
    """
    wanted = nfc(code).strip()
    asset = assets.assets(actor).filter(code__iexact=wanted).first()
    road = network.roads(actor).filter(number__iexact=wanted).first()
    check = InputCheck()
    check.need(asset or road, "code", _("Không có công trình hay tuyến đường mang mã này."))
    check.done()
    if asset is not None:
        row.affected_assets.add(asset)
    elif road is not None:
        row.affected_roads.add(road)
    write_entry(actor=actor, row=row, text=_("Bị ảnh hưởng: %(what)s") % {"what": asset or road})
    return row


@use_case("incidents.task.add")
def add_task(
    *,
    actor: Actor,
    incident: Incident,
    title: str,
    role: str = "",
    assignee: User | None = None,
    due_at: datetime | None = None,
) -> IncidentTask:
    """Give somebody something to do.

    Raises:
        ConflictError: the incident is over.
        InvalidInputError: what is to be done lacks.
    """
    _need_open(incident)
    check = InputCheck()
    check.need(nfc(title).strip(), "title", _("Hãy ghi việc cần làm."))
    check.done()
    numbers = IncidentTask.objects.visible_to(actor).filter(incident=incident)
    row = IncidentTask(
        incident=incident,
        number=max(numbers.values_list("number", flat=True), default=0) + 1,
        title=nfc(title).strip(),
        role=nfc(role).strip(),
        assignee=assignee,
        due_at=due_at,
        owner_org_id=incident.owner_org_id,
        area_id=incident.area_id,
        data_class=incident.data_class,
        is_demo=incident.is_demo,
    )
    row.save()
    _assigned(row)
    return row


@use_case("incidents.task.change")
def update_task(
    *, actor: Actor, row: IncidentTask, version: int | None, reason: str = "", **values: Any
) -> IncidentTask:
    """Give a task to somebody else, move its due time, or drop it.

    Raises:
        ConflictError: somebody changed it meanwhile, or the incident is over.
    """
    check_version(row, version)
    _need_open(row.incident)
    before = row.assignee_id
    for name, value in values.items():
        setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
    row.save()
    if row.assignee_id != before:
        _assigned(row)
    return row


@use_case("incidents.task.change", act="incidents.finish_task")
def finish_task(
    *, actor: Actor, row: IncidentTask, version: int | None = None, note: str = ""
) -> IncidentTask:
    """Report a task as done.

    Raises:
        ConflictError: somebody changed it meanwhile, it is done, or the incident is over.
    """
    check_version(row, version)
    _need_open(row.incident)
    if row.done_at is not None:
        raise ConflictError(_("Việc này đã được báo xong."))
    row.done_at, row.done_by = timezone.now(), actor.name or actor.username
    row.note = nfc(note).strip() or row.note
    row.save()
    write_entry(actor=actor, row=row.incident, text=_("Xong: %(what)s") % {"what": row.title})
    return row


def _assigned(row: IncidentTask) -> None:
    if row.assignee_id is not None:
        publish(TaskAssigned(task_id=row.pk, incident_id=row.incident_id), key=row.pk, on=row)


def _need_open(row: Incident) -> None:
    if row.state not in OPEN:
        raise ConflictError(_("Sự cố này đã kết thúc."))


def _move(actor: Actor, row: Incident, act: Act, text: str) -> Incident:
    before = State(row.state)
    state = next_state(before, act)
    if state is None:
        raise ConflictError(
            _("Sự cố đang ở trạng thái “%(state)s” nên không làm được việc này.")
            % {"state": row.get_state_display()}
        )
    row.state = state.value
    row.save()
    write_entry(actor=actor, row=row, text=text)
    publish(
        IncidentMoved(
            incident_id=row.pk, code=row.code, from_state=before.value, to_state=state.value
        ),
        key=row.pk,
        on=row,
    )
    return row
